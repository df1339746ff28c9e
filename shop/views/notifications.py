"""What the store told somebody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from marketplace.common.limits import hit_cached
from marketplace.notifications.selectors import inbox as inbox_of
from marketplace.notifications.selectors import inbox_page, leads_to
from marketplace.notifications.services import mark_all_read, mark_read
from marketplace.web.htmx import render_part
from marketplace.web.see_other import see_other
from marketplace.web.subjects import page_of
from marketplace.web.typed import asked, sent
from shop.forms.wallet import read_slug

PAGE = "shop/notifications/inbox.html"


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """All notifications, newest first."""
    hit_cached("notifications", request.user.pk)
    after = read_slug(asked(request, "after"))
    lines, following = inbox_page(request.user.pk, after=after)
    more = f"{reverse('shop:notifications')}?after={following}" if following else ""
    return render_part(request, PAGE, "lines", {"lines": lines, "more_url": more, "after": after})


@require_POST
def open_one(request: HttpRequest, public_id: str) -> HttpResponse:
    """Mark one as read and go to what it is about."""
    mine = get_object_or_404(inbox_of(request.user.pk), public_id=public_id)
    notification = mark_read(public_id=mine.public_id, actor=request.user)
    return see_other(page_of(leads_to(notification), request.user) or reverse("shop:notifications"))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read all that was on the page, and everything older."""
    mark_all_read(newest=read_slug(sent(request, "newest")), actor=request.user)
    return see_other("shop:notifications")
