"""What delivery costs: the rates that hold, what a new version would change, and those before."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backoffice.forms import RatesForm
from marketplace.accounts.models import STAFF_ROLES
from marketplace.common.money import exponent
from marketplace.products.models import SizeClass
from marketplace.rates.models import RateTable
from marketplace.rates.pricing import Terms, terms_of
from marketplace.rates.selectors import current_table, tables
from marketplace.rates.services import publish_rates
from marketplace.web.access import for_roles
from marketplace.web.forms import FRESH, Refusal, answer_form, posted, say_and_go
from marketplace.web.typed import is_sent

SHOWN = 50
PAGE = "backoffice:rates"
# Metres, size class and the goods in whole units of the currency: what the preview works out.
EXAMPLES = (
    (800, SizeClass.SMALL, 12),
    (3_500, SizeClass.MEDIUM, 40),
    (9_000, SizeClass.LARGE, 120),
    (25_000, SizeClass.BULKY, 480),
)


@dataclass(frozen=True)
class Example:
    """What a delivery costs now and would cost, in minor units; None where nobody would deliver, or without rates."""

    metres: int
    size: str
    goods: int
    now: Terms | None
    then: Terms | None

    @property
    def costs_otherwise(self) -> bool:
        """Whether its buyer would pay something else than now."""
        return bool(self.now and self.then and self.now.buyer != self.then.buyer)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*STAFF_ROLES)
def rates(request: HttpRequest) -> HttpResponse:
    """The rates with a form for the next version: looked at on examples first, then published."""
    newest = current_table()
    form = RatesForm(posted(request), initial=RatesForm.initial_of(newest, settings.COURIER_FEE))

    def page(refusal: Refusal) -> HttpResponse:
        context = {
            "form": form,
            "newest": newest,
            "tables": tables()[:SHOWN],
            "examples": _examples(newest, form.table if form.is_bound and form.is_valid() else newest),
            "is_preview": refusal is FRESH and form.is_bound and form.is_valid(),
        }
        return render(request, "backoffice/rates.html", context)

    if request.method == "POST" and not is_sent(request, "publish") and form.is_valid():
        return page(FRESH)
    return answer_form(
        request,
        lambda: publish_rates(
            rates=form.rates,
            note=form.cleaned_data["note"],
            expected_version=form.cleaned_data["version"],
            actor=request.user,
        ),
        form=form,
        done=lambda table: say_and_go(
            request, _("Version %(version)d holds from now on.") % {"version": table.version}, PAGE
        ),
        page=page,
    )


def _examples(now: RateTable | None, then: RateTable | None) -> list[Example]:
    unit = 10 ** exponent()
    return [
        Example(
            metres,
            str(size.label),
            goods * unit,
            _terms(now, metres, size, goods * unit),
            _terms(then, metres, size, goods * unit),
        )
        for metres, size, goods in EXAMPLES
    ]


def _terms(table: RateTable | None, metres: int, size: SizeClass, goods: int) -> Terms | None:
    if table is None or (table.max_metres and metres > table.max_metres):
        return None
    return terms_of(table, metres=metres, size_class=size, goods_total=goods)
