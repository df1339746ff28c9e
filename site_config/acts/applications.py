"""Shoppers apply for a role, admins decide."""

from decimal import Decimal

from marketplace.accounts.models import User
from marketplace.applications import services
from marketplace.applications.models import Application
from marketplace.applications.selectors import application_of
from marketplace.applications.wishes import CourierWish, SellerWish, Wish
from marketplace.reviewing.models import Submission
from marketplace.reviewing.selectors import submissions_about
from marketplace.reviewing.states import Decision

from . import form_key
from .people import BERLIN


def shop_wish(
    name: str = "Bea's Beans",
    *,
    about: str = "Beans that we roast on Mondays.",
    ships_from: str = "Berlin",
    lat: Decimal = BERLIN[0],
    lng: Decimal = BERLIN[1],
    address: str = "Torstraße 1, 10119 Berlin",
    access_notes: str = "",
) -> SellerWish:
    """What somebody says who would like to sell."""
    return SellerWish(
        shop_name=name,
        about=about,
        ships_from=ships_from,
        location_address=address,
        location_lat=lat,
        location_lng=lng,
        access_notes=access_notes,
    )


def courier_wish(
    name: str = "Bea Berg",
    *,
    phone: str = "+49 30 7654321",
    area: str = "Berlin-Mitte",
    vehicle: str = "bike",
) -> CourierWish:
    """What somebody says who would like to deliver."""
    return CourierWish(name=name, phone=phone, area=area, vehicle=vehicle)


def key_of(person: User, wish: Wish) -> str:
    """The form key that this person's page would hold."""
    return form_key(person, "apply", wish.role)


def apply(person: User, wish: Wish) -> Application:
    """A shopper applies for a role."""
    return services.apply(wish=wish, form_key=key_of(person, wish), actor=person)


def send_again(application: Application, wish: Wish) -> Application:
    """Its applicant has changed what was asked for."""
    return services.send_again(application_id=application.pk, wish=wish, actor=application.applicant)


def withdraw(application: Application) -> Application:
    """Its applicant has thought better of it."""
    return services.withdraw_application(application_id=application.pk, actor=application.applicant)


def decide(
    application: Application, admin: User, decision: str = Decision.APPROVE, reason: str = ""
) -> Application:
    """An admin accepts it, refuses it or asks for changes, which need a reason."""
    return services.decide_application(
        application_id=application.pk, decision=decision, reason=reason, actor=admin
    )


def submission_of(application: Application) -> Submission:
    """What the reviewers decide about it."""
    return submissions_about([application])[application.pk]


def newest_of(person: User) -> Application | None:
    """What somebody applied for last."""
    own = application_of(person)
    return own.application if own else None
