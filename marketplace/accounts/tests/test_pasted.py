"""What people paste into their accounts: the services clean it, whichever door it came through."""

from decimal import Decimal

import pytest

from marketplace.accounts.models import Profile, SellerProfile
from marketplace.accounts.services import create_account, save_location, save_profile
from marketplace.accounts.shops import become_seller
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]

PHONES = {
    "\u202d+49 30 123456\u202c": "+49 30 123456",
    "+49\u00a030\u00a0123456": "+49 30 123456",
    "555\u2011123\u20114567": "555-123-4567",
    "(555) 123-4567": "(555) 123-4567",
    "٠٣٠ ١٢٣٤٥٦": "030 123456",
    "123456\n": "123456",
}


@pytest.mark.parametrize(("typed", "kept"), PHONES.items(), ids=ascii)
def test_a_phone_number_as_phones_and_pages_give_it(as_person, buyer, typed, kept):
    assert save_profile(user_id=buyer.pk, name="Bea", phone=typed, time_zone="", actor=buyer).phone == kept
    assert Profile.objects.get(pk=buyer.pk).phone == kept

    Profile.objects.filter(pk=buyer.pk).update(phone="")
    answer = as_person(buyer).post("/account/profile/", {"name": "Bea", "phone": typed, "time_zone": ""})
    assert answer.status_code == 303
    assert Profile.objects.get(pk=buyer.pk).phone == kept


def test_a_name_that_turns_the_line_round_or_has_a_nul_is_kept_as_it_reads(buyer):
    profile = save_profile(
        user_id=buyer.pk, name="\u202eBea\x00 \u00a0Lee\u200b", phone="", time_zone="", actor=buyer
    )

    assert profile.name == "Bea Lee" == Profile.objects.get(pk=buyer.pk).name


def test_an_address_keeps_its_lines_and_nothing_unseen(buyer):
    save_location(
        user_id=buyer.pk,
        lat=Decimal(1),
        lng=Decimal(1),
        address="\ufeffTorstraße\u00a01\r\n10119 Berlin\x00",
        access_notes="\u2066Second yard\u2069",
        actor=buyer,
    )

    profile = Profile.objects.get(pk=buyer.pk)
    assert (profile.location_address, profile.access_notes) == ("Torstraße 1\n10119 Berlin", "Second yard")


def test_an_address_of_unseen_signs_is_none(buyer):
    with pytest.raises(Invalid) as refusal:
        save_location(user_id=buyer.pk, lat=Decimal(1), lng=Decimal(1), address="\u200b\u3164", actor=buyer)

    assert refusal.value.field == "location_address"


def test_a_new_account_and_a_shop_are_cleaned_too(buyer):
    assert create_account(email="ann@example.org", password=None, name="Ann\u202e").profile.name == "Ann"

    become_seller(
        user_id=buyer.pk, shop_name="Bea\u2019s\u00a0 Beans\u200b", about="One\r\ntwo\x00", actor=SYSTEM
    )

    shop = SellerProfile.objects.get(pk=buyer.pk)
    assert (shop.shop_name, shop.about) == ("Bea\u2019s Beans", "One\ntwo")


def test_a_shop_of_unseen_signs_has_no_name(buyer):
    with pytest.raises(Invalid) as refusal:
        become_seller(user_id=buyer.pk, shop_name="\u200b\u2060", actor=SYSTEM)

    assert refusal.value.field == "shop_name"


def test_whatever_writes_a_column_writes_it_clean(buyer):
    """An import, the shell, an update of many rows: none goes past the column."""
    Profile.objects.filter(pk=buyer.pk).update(name="Bea\u200b\x00")
    assert Profile.objects.get(pk=buyer.pk).name == "Bea"

    profile = Profile.objects.get(pk=buyer.pk)
    profile.name = "\u202eBea\u2011Lena"
    profile.save()
    assert profile.name == "Bea-Lena" == Profile.objects.get(pk=buyer.pk).name
    assert Profile.objects.get(name="Bea\u2011Lena") == profile


@pytest.mark.parametrize(
    "same", ["écrin noir", "ÉCRIN NOIR", "E\u0301crin  Noir", "Ｅ\u0301crin Noir", "Écrin\u00a0Noir\u200b"]
)
def test_a_shop_has_its_name_alone_whatever_its_case_width_and_accents_spelling(buyer, stranger, same):
    become_seller(user_id=buyer.pk, shop_name="Écrin Noir", actor=SYSTEM)

    with pytest.raises(Invalid) as refusal:
        become_seller(user_id=stranger.pk, shop_name=same, actor=SYSTEM)

    assert refusal.value.field == "shop_name"
    assert SellerProfile.objects.count() == 1


def test_two_names_that_differ_by_an_accent_are_two_on_every_database(buyer, stranger):
    """MariaDB's usual collation takes Écrin for Ecrin. New shops may not look alike, those of before may."""
    become_seller(user_id=buyer.pk, shop_name="Écrin Noir", actor=SYSTEM)
    SellerProfile.objects.update(look_key=None)
    become_seller(user_id=stranger.pk, shop_name="Ecrin Noir", actor=SYSTEM)

    assert SellerProfile.objects.filter(shop_name="Ecrin Noir").get().user_id == stranger.pk
    assert SellerProfile.objects.count() == 2
