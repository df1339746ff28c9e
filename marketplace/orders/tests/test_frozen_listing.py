"""A line keeps the listing that its buyer saw, whatever the listing says later."""

import pytest

from marketplace.common.authorisation import SYSTEM
from marketplace.orders.models import Shipment, ShipmentLine
from marketplace.orders.selectors import frozen_listing, orders_for, shipments_of_seller
from marketplace.products.content import content_of
from marketplace.products.files import forget_orphans
from marketplace.products.models import ListingVersion, Product
from marketplace.products.selectors import compared, edits_by_id
from marketplace.products.services import (
    Move,
    NewVariant,
    add_image,
    begin_edit,
    describe_image,
    move_listing,
    remove_image,
    reorder_images,
    set_variants,
    show_option,
    unstage_picture,
)

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def buy(buyer, fund, fill_cart, check_out, variant_of):
    """`buy(shirt, "M")`: the one line of a new order."""
    fund(buyer, 100_000)

    def order(product, *values) -> ShipmentLine:
        fill_cart(buyer, {variant_of(product, *values): 1})
        return ShipmentLine.objects.get(shipment__order=check_out(buyer))

    return order


def said(product):
    return content_of(Product.objects.get(pk=product.pk))


def seen(line, user):
    shipments = Shipment.objects.filter(order__in=orders_for(user))
    return frozen_listing(shipments, line.shipment.number, 1)


def test_each_line_shows_its_own_version(shirt, buy, buyer, hand_in_edit, decide_edit):
    lines, contents = [buy(shirt, "M")], [said(shirt)]
    for number in range(3):
        decide_edit(hand_in_edit(shirt, title=f"Shirt {number}", shows=f"Picture {number}"))
        lines += [buy(shirt, "M"), buy(shirt, "S")] if number == 0 else [buy(shirt, "S")]
        contents += [said(shirt)] * (2 if number == 0 else 1)

    assert [line.listing_number for line in lines] == [1, 2, 2, 3, 4]
    assert [line.title for line in lines] == ["Shirt", "Shirt 0", "Shirt 0", "Shirt 1", "Shirt 2"]
    assert [seen(line, buyer).content for line in lines] == contents
    assert [seen(line, buyer).is_as_now for line in lines] == [False] * 4 + [True]
    assert ListingVersion.objects.count() == 3


def test_a_picture_that_was_taken_away_is_still_shown(
    shirt, buy, buyer, seller, hand_in_edit, decide_edit, settings
):
    line = buy(shirt, "M")
    front = shirt.images.first().picture
    edit = begin_edit(product_id=shirt.pk, actor=seller)
    unstage_picture(picture_id=edit.pictures.first().pk, actor=seller)
    decide_edit(hand_in_edit(shirt))
    assert [picture.name for picture in said(shirt).pictures] != [front.name]

    forget_orphans_of_a_day(settings)

    assert front.storage.exists(front.name)
    shown = seen(line, buyer).content.pictures
    assert (shown[0].name, shown[0].alt) == (front.name, "The front")
    assert shown[0].shown["src"]


def forget_orphans_of_a_day(settings):
    import os
    from pathlib import Path

    from marketplace.common import clock

    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        os.utime(path, (0, 0))
    forget_orphans(clock.now())


def test_a_size_that_was_dropped_stays_for_its_orders(shirt, buy, buyer, hand_in_edit, decide_edit):
    line = buy(shirt, "S")

    decide_edit(
        hand_in_edit(shirt, options=[("Size", ["M"])], variants=[NewVariant(1, 0, ("M",), sku="M-1")])
    )

    line.refresh_from_db()
    assert (line.options, line.variant.is_offered, line.variant.stock) == ("Size: S", False, 4)
    assert [row.values for row in seen(line, buyer).content.variants] == [("S",), ("M",)]


def test_its_buyer_its_seller_and_staff_see_it_and_nobody_else(
    shirt, buy, buyer, seller, admin, stranger, other_seller
):
    line = buy(shirt, "M")
    number = line.shipment.number

    assert seen(line, buyer).line == seen(line, admin).line == line
    assert frozen_listing(shipments_of_seller(seller), number, 1).line == line
    assert seen(line, stranger) is None
    assert frozen_listing(shipments_of_seller(other_seller), number, 1) is None
    for position in (0, -1, 2, 10**30):
        assert frozen_listing(shipments_of_seller(seller), number, position) is None


def test_it_leads_to_the_listing_only_while_that_is_in_the_shop(shirt, buy, buyer, seller):
    line = buy(shirt, "M")
    assert seen(line, buyer).slug == shirt.slug

    move_listing(product_id=shirt.pk, move=Move.PAUSE, actor=seller)

    assert not seen(line, buyer).is_in_shop


@pytest.mark.parametrize("edits", [0, 2])
def test_it_costs_seven_statements(
    shirt, buy, buyer, hand_in_edit, decide_edit, edits, django_assert_max_num_queries
):
    line = buy(shirt, "M")
    for number in range(edits):
        decide_edit(hand_in_edit(shirt, title=f"Shirt {number}"))
    shipments = Shipment.objects.filter(order__buyer=buyer)

    with django_assert_max_num_queries(7):
        frozen_listing(shipments, line.shipment.number, 1)


def test_what_nobody_bought_and_what_never_changed_is_written_nowhere(shirt, buy, picture_file):
    add_image(product_id=shirt.pk, file=picture_file(), alt_text="By the store", actor=SYSTEM)
    assert buy(shirt, "M").listing_number == 1

    assert not ListingVersion.objects.exists()


BY_THE_STORE = {
    "a picture more": lambda shirt, image, file: add_image(
        product_id=shirt.pk, file=file(), alt_text="By the store", actor=SYSTEM
    ),
    "a picture less": lambda shirt, image, file: remove_image(image_id=image.pk, actor=SYSTEM),
    "another order": lambda shirt, image, file: reorder_images(
        product_id=shirt.pk,
        image_ids=[row.pk for row in shirt.images.order_by("-position")],
        actor=SYSTEM,
    ),
    "other words beside one": lambda shirt, image, file: describe_image(
        image_id=image.pk, alt_text="Another", actor=SYSTEM
    ),
    "a size's own": lambda shirt, image, file: show_option(
        image_id=image.pk, values=("Size", "M"), actor=SYSTEM
    ),
    "other sizes": lambda shirt, image, file: set_variants(
        product_id=shirt.pk,
        options=[("Size", ["S"])],
        variants=[NewVariant(1000, pk=shirt.variants.get(option1="S").pk, values=("S",))],
        actor=SYSTEM,
    ),
}


@pytest.mark.parametrize("door", BY_THE_STORE)
def test_what_the_stores_own_doors_change_is_kept_for_orders_as_well(shirt, buy, buyer, picture_file, door):
    line, before = buy(shirt, "M"), said(shirt)

    BY_THE_STORE[door](shirt, shirt.images.first(), picture_file)

    assert said(shirt) != before
    assert (seen(line, buyer).content, seen(line, buyer).is_as_now) == (before, False)
    assert buy(shirt, "S").listing_number == 2


def test_an_open_edit_is_compared_with_what_the_store_has_changed_meanwhile(shirt, buy, seller, picture_file):
    buy(shirt, "M")
    edit = begin_edit(product_id=shirt.pk, actor=seller)
    add_image(product_id=shirt.pk, file=picture_file(), alt_text="By the store", actor=SYSTEM)

    now, _shall = compared(edits_by_id([edit.pk])[edit.pk])

    assert now == said(shirt)
