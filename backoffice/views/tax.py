"""What tax prices contain: the rates by the settings, and which class of them each category has."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backoffice.tax_forms import TaxClassForm
from marketplace.accounts.models import STAFF_ROLES
from marketplace.common.tax import TaxClass, rate_of, rates_in_force
from marketplace.products.models import Category
from marketplace.products.selectors import category_tree
from marketplace.products.services import set_tax_class
from marketplace.products.shown import mark_of_tax_classes
from marketplace.web.access import for_roles
from marketplace.web.forms import Refusal, answer_form, posted, say_and_go
from marketplace.web.typed import sent_mark

PAGE = "backoffice:tax"


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*STAFF_ROLES)
def tax(request: HttpRequest) -> HttpResponse:
    """The categories with their classes, and a form that gives one another class."""
    mark = mark_of_tax_classes()
    form = TaxClassForm(posted(request))

    def done(category: Category) -> HttpResponse:
        sentence = _("“%(category)s” is changed, for what is ordered from now on.") % {
            "category": category.name
        }
        return say_and_go(request, sentence, PAGE)

    def page(refusal: Refusal) -> HttpResponse:
        context = {
            "form": form,
            "mark": mark,
            "country": settings.STORE_COUNTRIES[0] if settings.STORE_COUNTRIES else "",
            "rates": [(TaxClass(name).label, rate) for name, rate in rates_in_force().items()],
            "categories": [
                (node, TaxClass(node.tax_in_force).label, rate_of(node.tax_in_force))
                for node in category_tree().walk()
            ],
        }
        return render(request, "backoffice/tax.html", context)

    return answer_form(
        request,
        lambda: set_tax_class(
            category_id=form.cleaned_data["category"],
            tax_class=form.cleaned_data["tax_class"],
            actor=request.user,
            expected=sent_mark(request),
        ),
        form=form,
        done=done,
        page=page,
    )
