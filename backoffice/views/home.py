from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from backoffice.views.sweeps import rows
from marketplace.accounts.models import STAFF_ROLES
from marketplace.desk.couriers import count_suspended
from marketplace.desk.shipments import Trouble, trouble_queues
from marketplace.payouts.selectors import waiting_payouts
from marketplace.reviewing.selectors import waiting
from marketplace.web.access import for_roles

ICONS = {
    Trouble.LOCKED: "lock",
    Trouble.FAILED: "alert",
    Trouble.WAITING: "clock",
    Trouble.RETURNING: "return",
}


@require_GET
@for_roles(*STAFF_ROLES)
def home(request: HttpRequest) -> HttpResponse:
    """What an admin sees first: every queue that waits for somebody, with its count and its age."""
    desk = reverse("backoffice:deliveries")
    queues = [
        (queue, ICONS[queue.trouble], f"{desk}?trouble={queue.trouble}")
        for queue in trouble_queues(request.user)
        if queue.count.number
    ]
    suspended, sweeps = count_suspended(request.user), sum(row.is_in_trouble for row in rows())
    reviews, payouts = waiting(request.user), waiting_payouts(request.user)
    context = {
        "queues": queues,
        "reviews": reviews,
        "payouts": payouts,
        "suspended": suspended,
        "sweeps": sweeps,
        "something_waits": any((queues, reviews.count.number, payouts.number, suspended.number, sweeps)),
    }
    return render(request, "backoffice/home.html", context)
