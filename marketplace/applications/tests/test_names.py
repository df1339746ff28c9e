"""A renamed shop's goods are found and shown by its new name."""

import pytest
from django.db import connection

from marketplace.accounts import shops
from marketplace.accounts.models import SellerProfile
from marketplace.applications.names import find_by_new_names
from marketplace.common import clock
from marketplace.products.models import Product
from marketplace.products.selectors import ListingQuery, list_products

# MariaDB's full-text index knows what is committed only.
pytestmark = [
    pytest.mark.django_db(transaction=connection.vendor == "mysql"),
    pytest.mark.usefixtures("books_balance"),
    pytest.mark.every_database,
]


def rename(seller, name):
    shops.save_shop(user_id=seller.pk, shop_name=name, about="", ships_from="", actor=seller)


def found(text):
    return [card["title"] for card in list_products(ListingQuery(text=text)).cards]


def test_goods_are_found_by_the_new_name_and_their_cards_drawn_anew(make_product, seller, other_seller):
    lamp, mug = make_product(title="Lamp"), make_product(title="Mug", seller=other_seller)
    before = dict(Product.objects.values_list("pk", "version"))
    rename(seller, "Zephyr & Quill")
    assert found("zephyr quill") == []

    assert find_by_new_names(clock.now()) == 1

    assert found("zephyr quill") == ["Lamp"]
    versions = dict(Product.objects.values_list("pk", "version"))
    assert (versions[lamp.pk] > before[lamp.pk], versions[mug.pk]) == (True, before[mug.pk])
    assert find_by_new_names(clock.now()) == 0


def test_a_draft_stays_out_of_the_search(make_product, seller):
    make_product(title="Secret", status="draft")
    rename(seller, "Zephyr & Quill")

    find_by_new_names(clock.now())

    assert found("zephyr quill") == []


def test_a_name_that_changed_while_the_sweep_ran_is_done_again(make_product, seller, monkeypatch):
    make_product(title="Lamp")
    rename(seller, "Zephyr & Quill")
    note = shops.note_found_as
    monkeypatch.setattr(shops, "note_found_as", lambda pk, name: (rename(seller, "Ibex"), note(pk, name)))

    find_by_new_names(clock.now())

    monkeypatch.undo()
    assert SellerProfile.objects.get(pk=seller.pk).found_as != "Ibex"
    assert find_by_new_names(clock.now()) == 1
    assert found("ibex") == ["Lamp"]


def test_a_new_shop_has_nothing_to_be_found_anew(seller):
    assert find_by_new_names(clock.now()) == 0
