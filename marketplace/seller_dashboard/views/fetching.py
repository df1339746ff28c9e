"""Where couriers fetch what a listing sells."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from marketplace.accounts.models import Role
from marketplace.products.selectors import listings_of
from marketplace.products.services import choose_pick_up
from marketplace.seller_dashboard.forms.listings import PickUpForm
from marketplace.web.access import for_roles, signed_in
from marketplace.web.forms import answer_form, say_and_go

from .listings import listing_page


@require_POST
@for_roles(Role.SELLER)
def listing_pick_up(request: HttpRequest, slug: str) -> HttpResponse:
    """One of the seller's places, or the default one."""
    mine = listings_of(signed_in(request)).filter(slug=slug).first()
    if mine is None:
        raise Http404
    form = PickUpForm(request.POST, seller_id=signed_in(request).pk)
    return answer_form(
        request,
        lambda: choose_pick_up(
            product_id=mine.pk, place=form.cleaned_data["place"], actor=signed_in(request)
        ),
        form=form,
        done=lambda product: say_and_go(
            request, _("Couriers fetch it there from the next order on."), "seller_dashboard:listing", slug
        ),
        page=lambda refusal: listing_page(request, slug, refusal, pick_up_form=form),
    )
