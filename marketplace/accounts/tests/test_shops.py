"""Becoming a seller or a courier, what a shop is called, and when it is closed."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from marketplace.accounts import shops
from marketplace.accounts.models import CourierProfile, Profile, Role, SellerProfile, User
from marketplace.accounts.selectors import closed_shops, shop_is_open
from marketplace.accounts.services import create_account
from marketplace.accounts.shops import become_courier, become_seller, come_back, go_away, save_shop
from marketplace.accounts.shown import mark_of_shop, mark_of_vacation
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid, StaleState

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
COURIER = {"name": "Bea B.", "phone": "+49 30 1", "area": "Mitte", "vehicle": "bike"}


@pytest.fixture(autouse=True)
def at_noon(monkeypatch):
    monkeypatch.setattr("marketplace.common.clock.machine", lambda: NOW)


def everything() -> list[list[dict]]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (User, Profile, SellerProfile, CourierProfile)
    ]


def opened(user: User, name: str) -> SellerProfile:
    return become_seller(user_id=user.pk, actor=SYSTEM, shop_name=name)


def shop_of(user: User) -> SellerProfile:
    return SellerProfile.objects.get(pk=user.pk)


class TestBecoming:
    def test_a_shopper_becomes_a_seller_once(self, buyer, admin):
        first = become_seller(
            user_id=buyer.pk, actor=admin, shop_name="Bea's Beans", about="Coffee", ships_from="Berlin"
        )
        again = become_seller(user_id=buyer.pk, actor=admin, shop_name="Something else")

        assert first == again == SellerProfile.objects.get()
        assert (again.shop_name, again.slug, again.about) == ("Bea's Beans", "beas-beans", "Coffee")
        assert User.objects.get(pk=buyer.pk).role == Role.SELLER

    def test_a_shopper_becomes_a_courier_once(self, buyer, admin):
        first = become_courier(user_id=buyer.pk, actor=admin, **COURIER)
        again = become_courier(user_id=buyer.pk, actor=admin, **COURIER | {"area": "Elsewhere"})

        assert first == again == CourierProfile.objects.get()
        assert (again.area, str(again)) == ("Mitte", "Bicycle, Mitte")
        buyer = User.objects.select_related("profile").get(pk=buyer.pk)
        assert (buyer.role, buyer.profile.phone, buyer.profile.name) == (Role.DELIVERY, "+49 30 1", "Bea B.")

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [({"area": ""}, "area"), ({"vehicle": "rocket"}, "vehicle"), ({"phone": "x"}, "phone")],
    )
    def test_a_courier_without_an_area_or_a_bike_is_none(self, buyer, wrong, field):
        before = everything()

        with pytest.raises(Invalid) as refusal, transaction.atomic():
            become_courier(user_id=buyer.pk, actor=SYSTEM, **COURIER | wrong)

        assert refusal.value.field == field
        assert everything() == before

    def test_an_account_opened_as_a_seller_gets_its_shop(self):
        user = create_account(email="sam@example.org", password="one", role=Role.SELLER)

        assert opened(user, "Sam's").user_id == user.pk

    def test_one_role_each(self, courier, admin, seller):
        before = everything()

        for user in (courier, admin):
            with pytest.raises(StaleState):
                opened(user, "A shop")
        for user in (seller, admin):
            with pytest.raises(StaleState):
                become_courier(user_id=user.pk, actor=SYSTEM, **COURIER)

        assert everything() == before

    def test_only_staff_decide_and_never_about_themselves(self, buyer, stranger, seller, courier, admin):
        before = everything()

        for actor in (buyer, stranger, seller, courier):
            with pytest.raises(PermissionDenied):
                become_seller(user_id=buyer.pk, actor=actor, shop_name="New shop")
            with pytest.raises(PermissionDenied):
                become_courier(user_id=buyer.pk, actor=actor, **COURIER)
        with pytest.raises(PermissionDenied):
            become_seller(user_id=admin.pk, actor=admin, shop_name="New shop")

        assert everything() == before


class TestNames:
    @pytest.mark.parametrize("name", ["BEANS", "B e a n s", "Béans", "Bеans", "Ｂｅａｎｓ", "Be-ans"])
    def test_a_name_that_looks_like_another_is_refused_and_the_shopper_stays_one(self, buyer, stranger, name):
        opened(stranger, "Beans")

        with pytest.raises(Invalid) as refusal, transaction.atomic():
            opened(buyer, name)

        assert refusal.value.field == "shop_name"
        assert User.objects.get(pk=buyer.pk).role == Role.USER
        assert SellerProfile.objects.count() == 1

    def test_shops_whose_names_look_alike_in_an_address_get_their_own(self, buyer, stranger, person):
        slugs = {opened(*pair).slug for pair in ((buyer, "Beans!"), (stranger, "Beans"), (person(), "豆"))}

        assert len(slugs) == 3
        assert all(slug.isascii() for slug in slugs)

    def test_a_shop_is_renamed_and_keeps_its_address(self, seller, other_seller):
        slug = shop_of(seller).slug

        shop = save_shop(
            user_id=seller.pk, shop_name="Beans", about="Good ones", ships_from="Berlin", actor=seller
        )

        assert (shop.shop_name, shop.about, shop.ships_from) == ("Beans", "Good ones", "Berlin")
        assert shop.slug == slug
        with pytest.raises(Invalid):
            save_shop(user_id=other_seller.pk, shop_name="Bеаns", about="", ships_from="", actor=other_seller)

    def test_a_name_may_be_spelt_anew(self, seller):
        for name in ("Beans", "BEANS", "BeAns"):
            assert (
                save_shop(user_id=seller.pk, shop_name=name, about="", ships_from="", actor=seller).shop_name
                == name
            )

    def test_nobody_names_somebody_elses(self, seller, other_seller, buyer, courier, admin):
        before = everything()

        for actor in (other_seller, buyer, courier, admin):
            with pytest.raises(PermissionDenied):
                save_shop(user_id=seller.pk, shop_name="Mine", about="", ships_from="", actor=actor)
            with pytest.raises(PermissionDenied):
                go_away(user_id=seller.pk, away_from=NOW, away_until=NOW + DAY, actor=actor)
            with pytest.raises(PermissionDenied):
                come_back(user_id=seller.pk, actor=actor)
            with pytest.raises(PermissionDenied):
                shops.show_picture(user_id=seller.pk, place="logo", name="x", actor=actor)

        assert everything() == before

    def test_what_was_changed_since_the_form_was_drawn_stays(self, seller):
        mark = mark_of_shop(shop_of(seller))
        save_shop(user_id=seller.pk, shop_name="Beans", about="", ships_from="", actor=seller, expected=mark)
        before = everything()

        with pytest.raises(StaleState):
            save_shop(
                user_id=seller.pk, shop_name="Peas", about="", ships_from="", actor=seller, expected=mark
            )

        assert everything() == before

    def test_shops_of_before_get_the_key_that_no_other_may_have(self, seller, other_seller):
        look = import_module("marketplace.accounts.migrations.0006_shops_that_close")
        SellerProfile.objects.filter(pk=seller.pk).update(shop_name="Beans", look_key=None)
        SellerProfile.objects.filter(pk=other_seller.pk).update(shop_name="Be ans", look_key=None)

        for _again in range(2):
            look.look_at_what_is_there(apps, None)

        keys = dict(SellerProfile.objects.values_list("pk", "look_key"))
        assert keys == {seller.pk: "beans", other_seller.pk: None}


class TestVacation:
    def test_a_shop_goes_and_comes_back_by_itself(self, seller):
        go_away(
            user_id=seller.pk,
            away_from=NOW + DAY,
            away_until=NOW + 3 * DAY,
            note=" At the sea ",
            actor=seller,
        )

        shop = shop_of(seller)
        assert shop.away_note == "At the sea"
        assert [shop.is_away(NOW + days * DAY) for days in (0, 1, 2, 3)] == [False, True, True, False]
        assert [shop.is_open(NOW + days * DAY) for days in (0, 1, 2, 3)] == [True, False, False, True]

    @pytest.mark.parametrize(
        ("begin", "end", "field"),
        [(2, 1, "away_until"), (1, 1, "away_until"), (-9, -1, "away_until"), (0, 400, "away_until")],
    )
    def test_a_vacation_that_is_none_is_refused(self, seller, begin, end, field):
        before = everything()

        with pytest.raises(Invalid) as refusal:
            go_away(user_id=seller.pk, away_from=NOW + begin * DAY, away_until=NOW + end * DAY, actor=seller)

        assert refusal.value.field == field
        assert everything() == before

    def test_the_database_keeps_no_half_vacation(self, seller):
        mine = SellerProfile.objects.filter(pk=seller.pk)
        for columns in (
            {"away_from": NOW},
            {"away_until": NOW},
            {"away_from": NOW, "away_until": NOW},
            {"away_from": NOW, "away_until": NOW - DAY},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                mine.update(**columns)

    def test_it_ends_when_the_seller_says_so_and_twice_is_once(self, seller):
        go_away(user_id=seller.pk, away_from=NOW, away_until=NOW + DAY, note="Hm", actor=seller)

        for _again in range(2):
            shop = come_back(user_id=seller.pk, actor=seller)

        assert (shop.away_from, shop.away_until, shop.away_note) == (None, None, "")

    def test_another_vacation_than_the_one_shown_is_not_ended(self, seller):
        shop = go_away(user_id=seller.pk, away_from=NOW, away_until=NOW + DAY, actor=seller)
        mark = mark_of_vacation(shop)
        go_away(user_id=seller.pk, away_from=NOW, away_until=NOW + 2 * DAY, actor=seller, expected=mark)
        before = everything()

        with pytest.raises(StaleState):
            come_back(user_id=seller.pk, actor=seller, expected=mark)
        with pytest.raises(StaleState):
            go_away(user_id=seller.pk, away_from=NOW, away_until=NOW + DAY, actor=seller, expected=mark)

        assert everything() == before


def test_a_query_and_a_row_say_the_same_of_who_is_open(person):
    """Every kind of closed shop at every edge of its window, and people without a shop."""
    windows = [(None, None), (-2, -1), (-1, 0), (-1, 1), (0, 1), (1, 2)]
    for begin, end in windows:
        for suspended in (None, NOW):
            user = person(Role.SELLER)
            SellerProfile.objects.filter(pk=user.pk).update(
                away_from=begin if begin is None else NOW + begin * DAY,
                away_until=end if end is None else NOW + end * DAY,
                suspended_at=suspended,
            )
    person(Role.USER)

    rows = SellerProfile.objects.all()
    open_shops = {shop.pk for shop in rows if shop.is_open(NOW)}
    assert 0 < len(open_shops) < len(rows)
    assert set(rows.filter(shop_is_open(now=NOW)).values_list("pk", flat=True)) == open_shops
    assert {shop.pk for shop in closed_shops(NOW)} == {shop.pk for shop in rows} - open_shops
    sellers = User.objects.filter(seller_profile__isnull=False)
    through = sellers.filter(shop_is_open("seller_profile", now=NOW)).values_list("pk", flat=True)
    assert set(through) == open_shops


@pytest.mark.django_db(transaction=True)
def test_a_double_click_opens_one_shop(buyer, race):
    shops = race(lambda _n: opened(buyer, "Beans"), range(4))

    assert {shop.pk for shop in shops} == {buyer.pk}
    assert SellerProfile.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_names_that_look_alike_one_is_given(buyer, stranger, race):
    """Both ask before either writes: the unique key decides."""
    results = race(lambda pair: opened(*pair), [(buyer, "Beans"), (stranger, "Bеаns")])

    assert sorted(isinstance(result, Invalid) for result in results) == [False, True]
    assert SellerProfile.objects.count() == 1
