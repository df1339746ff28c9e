"""What somebody bought, as it was then: for the buyer, the seller of the parcel, and staff; for nobody else."""

from html import unescape

import pytest
from django.urls import reverse

from marketplace.common.authorisation import SYSTEM
from marketplace.orders.models import ShipmentLine
from marketplace.products import services
from marketplace.products.services import Move, NewVariant

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def shirt(make_product, picture_file, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    sizes = [NewVariant(1000, 5, ("S",), sku="S-1"), NewVariant(1200, 3, ("M",), sku="M-1")]
    made = make_product(
        title="Shirt", description="Of cotton.", options=[("Size", ["S", "M"])], variants=sizes
    )
    services.add_image(product_id=made.pk, file=picture_file(), alt_text="The front", actor=SYSTEM)
    return made


@pytest.fixture
def bought(shirt, buyer, fund, fill_cart, check_out) -> ShipmentLine:
    """A shirt in size M, bought as a cotton shirt."""
    fund(buyer, 100_000)
    fill_cart(buyer, {shirt.variants.get(option1="M"): 1})
    check_out(buyer)
    return ShipmentLine.objects.get()


@pytest.fixture
def changed(bought, shirt, hand_in_edit, decide_edit):
    """After that it became a linen shirt in one more size, with another picture."""
    sizes = [("S", "S-1"), ("M", "M-1"), ("L", "L-1")]
    submission = hand_in_edit(
        shirt,
        title="Linen shirt",
        description="Of linen.",
        options=[("Size", [size for size, _sku in sizes])],
        variants=[NewVariant(1000, 5, (size,), sku=sku) for size, sku in sizes],
        shows="The collar",
    )
    decide_edit(submission)
    return shirt


def for_buyer(line: ShipmentLine, position: int = 1) -> str:
    order = line.shipment.order
    return reverse("shop:line_listing", args=[order.number, line.shipment.number, position])


def for_seller(line: ShipmentLine, position: int = 1) -> str:
    return reverse("seller_dashboard:parcel_listing", args=[line.shipment.number, position])


def read(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.mark.every_database
def test_its_buyer_its_seller_and_staff_see_what_was_bought(bought, changed, buyer, seller, admin, as_person):
    for person, path in (
        (buyer, for_buyer(bought)),
        (seller, for_seller(bought)),
        (admin, for_buyer(bought)),
    ):
        page = read(as_person(person), path)

        assert 'data-testid="content-title">Shirt<' in page
        assert "Of cotton." in page
        assert "linen" not in page.split('data-testid="frozen-note"')[1].casefold()
        assert "The front" in page
        assert "The collar" not in page
        assert "Size: M" in page.split('data-testid="chosen"')[1]
        assert "S, M<" in page.split('data-testid="content-options"')[1]
        assert "has changed what it says since then" in page
        assert reverse("shop:product", args=[changed.slug]) in page


def test_what_has_not_changed_says_so(bought, shirt, buyer, as_person):
    page = read(as_person(buyer), for_buyer(bought))

    assert "still says the same" in page
    assert "Of cotton." in page


@pytest.mark.every_database
def test_what_was_bought_later_is_the_later_one(changed, buyer, fill_cart, check_out, as_person):
    fill_cart(buyer, {changed.variants.get(option1="L"): 1})
    check_out(buyer)

    page = read(as_person(buyer), for_buyer(ShipmentLine.objects.latest("pk")))

    assert 'data-testid="content-title">Linen shirt<' in page
    assert "The collar" in page


def test_what_has_left_the_shop_is_read_on(bought, changed, seller, buyer, as_person):
    services.move_listing(product_id=changed.pk, move=Move.PAUSE, actor=seller)

    page = read(as_person(buyer), for_buyer(bought))

    assert "Of cotton." in page
    assert "not in the shop now" in page
    assert 'data-testid="as-now"' not in page


def test_the_pages_of_the_order_lead_there(bought, buyer, seller, admin, as_person):
    number = bought.shipment.number
    order = reverse("shop:order_detail", args=[bought.shipment.order.number])
    assert for_buyer(bought) in read(as_person(buyer), order)
    parcel = reverse("seller_dashboard:parcel", args=[number])
    assert for_seller(bought) in read(as_person(seller), parcel)
    desk = reverse("backoffice:shipment", args=[number])
    assert for_buyer(bought) in read(as_person(admin), desk)


@pytest.mark.every_database
@pytest.mark.parametrize("position", [0, 2, 99999])
def test_a_line_that_is_not_there_is_404(bought, buyer, seller, as_person, position):
    assert as_person(buyer).get(for_buyer(bought, position)).status_code == 404
    assert as_person(seller).get(for_seller(bought, position)).status_code == 404


def test_strangers_see_nothing(bought, seller, other_seller, stranger, client, as_person, person):
    assert as_person(stranger).get(for_buyer(bought)).status_code == 404
    assert as_person(other_seller).get(for_seller(bought)).status_code == 404
    assert as_person(seller).get(for_buyer(bought)).status_code == 404  # the order is the buyer's
    assert as_person(stranger).get(for_seller(bought)).status_code == 403
    assert client.get(for_buyer(bought)).status_code == 302


def test_it_costs_the_same_for_more_pictures(
    bought, changed, buyer, as_person, django_assert_max_num_queries
):
    client = as_person(buyer)
    with django_assert_max_num_queries(14):
        client.get(for_buyer(bought))
