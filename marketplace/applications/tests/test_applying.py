"""A shopper applies for a role, an admin decides, and the role comes with the decision."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import CourierProfile, Profile, Role, SellerProfile, User
from marketplace.accounts.shops import save_shop
from marketplace.applications import services
from marketplace.applications.models import Application
from marketplace.applications.selectors import application_of
from marketplace.applications.services.applying import MOST_A_DAY, advance
from marketplace.applications.states import NEXT, OPEN, ApplicationStatus
from marketplace.applications.wishes import CourierWish, SellerWish
from marketplace.common import clock
from marketplace.common.errors import Invalid, InvalidTransition, KeyReused, StaleState, TooMany
from marketplace.common.idempotency import new_form_key
from marketplace.common.transactions import service
from marketplace.mail.models import OutgoingMail
from marketplace.notifications.models import Notification
from marketplace.reviewing.conflicts import ConflictOfInterest
from marketplace.reviewing.models import Submission, SubmissionEvent
from marketplace.reviewing.services.steps import DecidedAlready
from marketplace.reviewing.shown import mark_of_submission
from marketplace.reviewing.states import Decision

pytestmark = [pytest.mark.django_db, pytest.mark.every_database, pytest.mark.usefixtures("books_balance")]

WISHES = {
    "seller": SellerWish(
        shop_name="Bea's Beans",
        about="Beans that we roast on Mondays.",
        ships_from="Berlin",
        location_address="Torstraße 1, 10119 Berlin",
        location_lat=Decimal("52.520008"),
        location_lng=Decimal("13.404954"),
    ),
    "courier": CourierWish(name="Bea Berg", phone="+49 30 7654321", area="Berlin-Mitte", vehicle="bike"),
}


def everything() -> list[list[dict]]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (
            *(Application, Submission, SubmissionEvent, User, Profile, SellerProfile, CourierProfile),
            *(Notification, OutgoingMail),
        )
    ]


@pytest.fixture(params=WISHES)
def wish(request):
    return WISHES[request.param]


class TestApplying:
    def test_it_waits_for_an_admin(self, buyer, wish, applying):
        application = applying.apply(buyer, wish)

        assert (application.status, application.is_open) == ("pending", True)
        submission = applying.submission_of(application)
        assert (submission.status, submission.submitter, submission.round) == ("submitted", buyer, 1)
        assert User.objects.get(pk=buyer.pk).role == Role.USER
        assert application_of(buyer).application == application

    def test_what_is_said_is_kept(self, buyer, applying):
        shop = applying.apply(buyer, applying.shop_wish(" Bea’s  Beans ", access_notes="Ring twice"))

        assert (shop.shop_name, shop.role, shop.access_notes) == ("Bea’s Beans", Role.SELLER, "Ring twice")
        assert (shop.location_lat, shop.location_lng) == (Decimal("52.520008"), Decimal("13.404954"))
        assert (shop.name, shop.vehicle) == ("", "")

    @pytest.mark.parametrize(
        ("kind", "field", "value"),
        [
            ("seller", "shop_name", " "),
            ("seller", "shop_name", "x" * 81),
            ("seller", "about", ""),
            ("seller", "about", "x" * 2_001),
            ("seller", "location_address", " "),
            ("seller", "location_lat", Decimal(91)),
            ("courier", "name", ""),
            ("courier", "phone", ""),
            ("courier", "phone", "call me"),
            ("courier", "area", ""),
            ("courier", "vehicle", ""),
            ("courier", "vehicle", "rocket"),
        ],
    )
    def test_what_cannot_be_used_is_refused(self, buyer, kind, field, value, applying):
        before = everything()

        with pytest.raises(Invalid) as refusal:
            applying.apply(buyer, replace(WISHES[kind], **{field: value}))

        assert refusal.value.field in (field, "place")
        assert everything() == before

    @pytest.mark.parametrize("name", ["Sam's shop", "SAM’S SHOP", "Sаm's shоp", "S a m s shop", "Säm's shóp"])
    def test_a_name_that_looks_like_another_shops_is_refused(self, buyer, seller, name, applying):
        save_shop(user_id=seller.pk, shop_name="Sam's shop", about="", ships_from="", actor=seller)
        before = everything()

        with pytest.raises(Invalid) as refusal:
            applying.apply(buyer, applying.shop_wish(name))

        assert refusal.value.field == "shop_name"
        assert everything() == before

    def test_the_same_form_is_one_application(self, buyer, wish, applying):
        key = applying.key_of(buyer, wish)

        first, again = (services.apply(wish=wish, form_key=key, actor=buyer) for _again in range(2))

        assert first == again
        assert Application.objects.count() == Submission.objects.count() == 1

    def test_a_key_of_something_else_is_refused(self, buyer, stranger, wish):
        before = everything()

        for user, action in ((stranger, "apply"), (buyer, "checkout")):
            key = new_form_key(user_id=user.pk, action=action, subject=wish.role)
            with pytest.raises(KeyReused):
                services.apply(wish=wish, form_key=key, actor=buyer)

        assert everything() == before

    def test_one_at_a_time_whatever_it_is(self, buyer, applying):
        applying.apply(buyer, applying.shop_wish())
        before = everything()

        for wish in WISHES.values():
            with pytest.raises(StaleState):
                applying.apply(buyer, wish)

        assert everything() == before

    def test_only_shoppers(self, seller, courier, admin, superadmin, wish, applying):
        before = everything()

        for actor in (seller, courier, admin, superadmin):
            with pytest.raises(PermissionDenied):
                applying.apply(actor, wish)

        assert everything() == before

    def test_so_often_a_day(self, buyer, applying):
        for _again in range(MOST_A_DAY):
            applying.withdraw(applying.apply(buyer, applying.shop_wish()))
        before = everything()

        with pytest.raises(TooMany) as refusal:
            applying.apply(buyer, applying.shop_wish())

        assert 0 < refusal.value.retry_after <= 86_400
        assert everything() == before
        with clock.moved(timedelta(days=1, minutes=1)):
            assert applying.apply(buyer, applying.shop_wish()).is_open


class TestDeciding:
    def test_a_seller_has_a_shop_at_once(self, buyer, admin, applying):
        application = applying.apply(
            buyer, applying.shop_wish(address="Elsewhere 5", lat=Decimal("48.1"), access_notes="Bell")
        )
        home = buyer.profile.location_address

        applying.decide(application, admin)

        shop = SellerProfile.objects.select_related("user__profile").get()
        assert (shop.user, shop.user.role, shop.shop_name) == (buyer, Role.SELLER, "Bea's Beans")
        profile = shop.user.profile
        place = profile.default_pick_up
        assert (place.label, place.address, place.notes) == ("Pick-up place", "Elsewhere 5", "Bell")
        assert (place.lat, profile.name) == (Decimal("48.1"), "Bea")
        # Where their own parcels go is left as it was.
        assert profile.location_address == home

    def test_a_courier_has_a_console_at_once(self, buyer, admin, applying):
        applying.decide(applying.apply(buyer, applying.courier_wish()), admin)

        courier = CourierProfile.objects.select_related("user__profile").get()
        assert (courier.user.role, courier.area, courier.vehicle) == (Role.DELIVERY, "Berlin-Mitte", "bike")
        assert (courier.user.profile.name, courier.user.profile.phone) == ("Bea Berg", "+49 30 7654321")

    @pytest.mark.parametrize("decision", Decision)
    def test_its_applicant_is_told_once_by_mail_too(self, buyer, admin, wish, decision, applying):
        application = applying.apply(buyer, wish)

        for _click in range(2):
            applying.decide(application, admin, decision, "Because of this")

        told = Notification.objects.get(recipient=buyer)
        assert told.content_object == application
        assert told.extra_data == {"role": wish.role, "reason": "Because of this"}
        mail = OutgoingMail.objects.get(address=buyer.email)
        assert "Because of this" in mail.content

    @pytest.mark.parametrize("decision", [Decision.REJECT, Decision.ASK_FOR_CHANGES])
    def test_without_the_role_where_it_is_not_accepted(self, buyer, admin, wish, decision, applying):
        application = applying.decide(applying.apply(buyer, wish), admin, decision, "Because")

        assert User.objects.get(pk=buyer.pk).role == Role.USER
        assert application.is_open == (decision is Decision.ASK_FOR_CHANGES)
        assert not SellerProfile.objects.exists()
        assert not CourierProfile.objects.exists()

    def test_who_was_refused_may_apply_again(self, buyer, admin, wish, applying):
        first = applying.decide(applying.apply(buyer, wish), admin, Decision.REJECT, "Not today")

        second = applying.apply(buyer, wish)

        assert second != first
        assert applying.decide(second, admin).is_approved

    def test_the_second_decision_does_nothing(self, buyer, admin, superadmin, wish, applying):
        application = applying.apply(buyer, wish)
        mark = mark_of_submission(applying.submission_of(application))
        applying.decide(application, admin, Decision.REJECT, "Not today")
        before = everything()

        with pytest.raises(DecidedAlready):
            services.decide_application(
                application_id=application.pk,
                decision=Decision.APPROVE,
                reason="",
                actor=superadmin,
                expected=mark,
            )

        assert everything() == before

    def test_nobody_but_staff(self, buyer, seller, courier, stranger, wish, applying):
        application = applying.apply(buyer, wish)
        before = everything()

        for actor in (buyer, seller, courier, stranger):
            with pytest.raises(PermissionDenied):
                applying.decide(application, actor)

        assert everything() == before

    def test_nor_who_has_something_going_on_with_its_applicant(
        self, buyer, seller, superadmin, placed, wish, applying
    ):
        application = applying.apply(buyer, wish)
        placed()
        User.objects.filter(pk=seller.pk).update(role=Role.ADMIN)
        before = everything()

        with pytest.raises(ConflictOfInterest):
            applying.decide(application, User.objects.get(pk=seller.pk))

        assert everything() == before

    @pytest.mark.breaks_books
    def test_a_role_that_came_otherwise_is_not_given_again(self, buyer, admin, wish, applying):
        application = applying.apply(buyer, wish)
        User.objects.filter(pk=buyer.pk).update(role=Role.ADMIN)
        before = everything()

        with pytest.raises(StaleState):
            applying.decide(application, admin)

        assert everything() == before

    def test_a_closed_account_gets_none(self, buyer, admin, wish, applying):
        application = applying.apply(buyer, wish)
        User.objects.filter(pk=buyer.pk).update(is_active=False)
        before = everything()

        with pytest.raises(StaleState):
            applying.decide(application, admin)

        assert everything() == before

    def test_a_name_that_was_given_meanwhile_is_refused_and_can_be_asked_about(
        self, buyer, stranger, admin, applying
    ):
        first, second = (
            applying.apply(buyer, applying.shop_wish("Beans")),
            applying.apply(stranger, applying.shop_wish("Bеans")),
        )
        applying.decide(first, admin)
        before = everything()

        with pytest.raises(Invalid) as refusal:
            applying.decide(second, admin)

        assert refusal.value.field == "shop_name"
        assert everything() == before
        assert applying.decide(second, admin, Decision.ASK_FOR_CHANGES, "Another name, please").may_be_changed

    def test_a_role_ends_nothing_that_is_open(self, buyer, admin, on_its_way, as_person, pin_of, applying):
        """The buyer has a parcel under way; as a courier, too, they see it, its PIN, and say that all is fine."""
        job = on_its_way()
        applying.decide(applying.apply(buyer, applying.courier_wish()), admin)
        client = as_person(User.objects.get(pk=buyer.pk))

        page = client.get(f"/orders/{job.shipment.order.number}/")

        assert page.status_code == 200
        pin = pin_of(job.shipment)
        assert re.search(rf"{pin[:3]}\s?{pin[3:]}", page.content.decode())
        assert client.get("/orders/").status_code == 200


class TestChanging:
    def test_what_was_asked_for_is_sent_again(self, buyer, admin, applying):
        application = applying.decide(
            applying.apply(buyer, applying.shop_wish("Beans")), admin, Decision.ASK_FOR_CHANGES, "More"
        )

        application = applying.send_again(
            application, applying.shop_wish("Bea's Beans", about="Everything about beans")
        )

        application.refresh_from_db()
        assert (application.status, application.about) == ("pending", "Everything about beans")
        assert applying.submission_of(application).round == 2
        assert applying.decide(application, admin).is_approved

    def test_not_while_it_waits_nor_afterwards(self, buyer, admin, wish, applying):
        application = applying.apply(buyer, wish)
        for _state in ("pending", "rejected"):
            before = everything()
            with pytest.raises(StaleState):
                applying.send_again(application, wish)
            assert everything() == before
            if application.status == "pending":
                applying.decide(application, admin, Decision.REJECT, "No")

    def test_nor_for_another_role(self, buyer, admin, applying):
        application = applying.decide(
            applying.apply(buyer, applying.shop_wish()), admin, Decision.ASK_FOR_CHANGES, "More"
        )
        before = everything()

        with pytest.raises(StaleState):
            applying.send_again(application, applying.courier_wish())
        with pytest.raises(Invalid):
            applying.send_again(application, applying.shop_wish(""))

        assert everything() == before

    def test_nor_by_somebody_else(self, buyer, stranger, admin, wish, applying):
        application = applying.decide(applying.apply(buyer, wish), admin, Decision.ASK_FOR_CHANGES, "More")
        before = everything()

        for actor in (stranger, admin):
            with pytest.raises(PermissionDenied):
                services.send_again(application_id=application.pk, wish=wish, actor=actor)
            with pytest.raises(PermissionDenied):
                services.withdraw_application(application_id=application.pk, actor=actor)

        assert everything() == before

    def test_a_form_of_an_earlier_round_changes_nothing(self, buyer, admin, wish, applying):
        application = applying.apply(buyer, wish)
        mark = application_of(buyer).mark
        applying.decide(application, admin, Decision.ASK_FOR_CHANGES, "More")
        before = everything()

        with pytest.raises(StaleState):
            services.withdraw_application(application_id=application.pk, actor=buyer, expected=mark)
        with pytest.raises(StaleState):
            services.send_again(application_id=application.pk, wish=wish, actor=buyer, expected=mark)

        assert everything() == before

    def test_taking_it_back_twice_is_once_and_makes_room(self, buyer, wish, applying):
        application = applying.withdraw(applying.apply(buyer, wish))
        before = everything()

        applying.withdraw(application)

        assert everything() == before
        assert applying.apply(buyer, wish).is_open

    def test_what_was_decided_is_not_taken_back(self, buyer, admin, wish, applying):
        application = applying.decide(applying.apply(buyer, wish), admin, Decision.REJECT, "No")
        before = everything()

        with pytest.raises(InvalidTransition):
            applying.withdraw(application)

        assert everything() == before


@pytest.mark.breaks_books
@pytest.mark.parametrize("status", ApplicationStatus)
@pytest.mark.parametrize("to", ApplicationStatus)
def test_a_step_that_is_not_in_the_table_is_refused(status, to, buyer, applying):
    application = applying.apply(buyer, applying.courier_wish())
    Application.objects.filter(pk=application.pk).update(
        status=status, open_key=application.open_key if status in OPEN else None
    )
    application.refresh_from_db()
    before = everything()
    key = {} if to in OPEN else {"open_key": None}
    if to in NEXT[status]:
        service(advance)(application, to, **key)
        assert Application.objects.get().status == to
        return

    with pytest.raises(InvalidTransition):
        service(advance)(application, to, **key)

    assert everything() == before
