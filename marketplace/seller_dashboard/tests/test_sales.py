"""Reductions in the seller's workspace: looked at before they are saved, in the seller's own time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from marketplace.common.authorisation import SYSTEM
from marketplace.common.idempotency import new_form_key
from marketplace.products import services
from marketplace.products.models import Discount, SaleEvent, SaleTarget

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture
def at_home(client, seller):
    """The seller, signed in, in Berlin."""
    seller.profile.time_zone = "Europe/Berlin"
    seller.profile.save(update_fields=["time_zone"])
    client.force_login(seller)
    return client


@pytest.fixture
def spring(db):
    return services.open_sale_event(
        name="Spring", percent_bps=2000, starts_at=NOON + DAY, ends_at=NOON + 3 * DAY, actor=SYSTEM
    )


def filled_in(seller, *goods, **changes):
    return {
        "form_key": new_form_key(user_id=seller.pk, action="reduce"),
        "goods": [str(getattr(one, "pk", one)) for one in goods],
        "percent_bps": "12.5",
        "amount": "",
        "starts_at": "2026-05-05T09:00",
        "ends_at": "2026-05-07T09:00",
        "name": "",
    } | changes


def test_looking_saves_nothing_and_shows_what_each_price_becomes(at_home, seller, product):
    page = at_home.post(reverse("seller_dashboard:reduce"), filled_in(seller, product) | {"look": "1"})

    assert page.status_code == 200
    assert "€17.49" in page.content.decode()
    assert not Discount.objects.exists()


def test_saving_reduces_in_the_sellers_own_time(at_home, seller, product):
    answer = at_home.post(reverse("seller_dashboard:reduce"), filled_in(seller, product) | {"save": "1"})

    discount = Discount.objects.get()
    assert answer.status_code == 303
    assert (discount.product_id, discount.percent_bps) == (product.pk, 1250)
    assert discount.starts_at == datetime(2026, 5, 5, 7, tzinfo=UTC)  # nine in Berlin's summer


@pytest.mark.every_database
def test_the_same_form_twice_reduces_once(at_home, seller, product):
    form = filled_in(seller, product) | {"save": "1"}

    answers = [at_home.post(reverse("seller_dashboard:reduce"), form).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert Discount.objects.count() == 1


@pytest.mark.parametrize("moment", ["2026-03-29T02:30", "2026-10-25T02:30"])
def test_a_time_that_the_clocks_skip_or_double_is_asked_again(at_home, seller, product, moment):
    form = filled_in(seller, product, ends_at=moment, starts_at="2026-03-01T09:00") | {"save": "1"}

    page = at_home.post(reverse("seller_dashboard:reduce"), form)

    assert page.status_code == 422
    assert "the clocks change" in page.content.decode()
    assert f'value="{moment}"' in page.content.decode()
    assert not Discount.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"percent_bps": "", "amount": ""}, "Give a percentage or an amount, not both."),
        ({"amount": "5"}, "Give a percentage or an amount, not both."),
        ({"percent_bps": "1e1"}, "A percentage is a number such as 15 or 12.5."),
        ({"percent_bps": "100"}, "The percentage is more than 0 and less than 100."),
        ({"percent_bps": "0"}, "The percentage is more than 0 and less than 100."),
        ({"ends_at": "2026-05-05T08:00"}, "It must end after it begins."),
        ({"ends_at": "soon"}, "Please give a date and a time."),
        ({"goods": []}, "Choose at least one listing."),
        ({"percent_bps": "", "amount": "19.99"}, "The amount is less than the price."),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_what_was_typed_stays(
    at_home, seller, product, changes, sentence
):
    page = at_home.post(
        reverse("seller_dashboard:reduce"), filled_in(seller, product) | changes | {"save": "1"}
    )
    words = page.content.decode()

    assert page.status_code == 422
    assert sentence in words
    assert 'value="2026-05-05T09:00"' in words
    assert ("checked" in words) is (changes.get("goods") != [])
    assert not Discount.objects.exists()


@pytest.mark.every_database
def test_one_variant_alone(at_home, seller, make_shirt):
    shirt = make_shirt()
    medium = shirt.variants.get(option1="M")

    at_home.post(
        reverse("seller_dashboard:reduce"), filled_in(seller, f"{shirt.pk}:{medium.pk}") | {"save": "1"}
    )

    assert Discount.objects.get().variant == medium


def test_a_name_makes_it_an_event_of_the_shop(at_home, seller, product):
    form = filled_in(seller, product, name="Closing down") | {"save": "1"}

    at_home.post(reverse("seller_dashboard:reduce"), form)

    event = SaleEvent.objects.get()
    assert (event.name, event.seller_id, event.is_open) == ("Closing down", seller.pk, False)
    assert "Closing down" in at_home.get(reverse("seller_dashboard:sales")).content.decode()


@pytest.mark.parametrize("name", ["", "Closing down"])
def test_nobody_reduces_somebody_elses_goods(at_home, seller, other_seller, make_product, product, name):
    foreign = make_product(seller=other_seller)

    for one in (foreign, 0, 999_999, 10**18 - 1):
        form = filled_in(seller, product, one, name=name) | {"save": "1"}
        assert at_home.post(reverse("seller_dashboard:reduce"), form).status_code == 404

    assert not Discount.objects.exists()
    assert not SaleEvent.objects.exists()


@pytest.mark.every_database
@pytest.mark.parametrize("button", ["look", "save"])
def test_an_event_of_ones_own_takes_no_single_variant(at_home, seller, make_product, button):
    """It would reduce the whole listing, and the preview shows the variant alone."""
    shirt = make_product(
        options=[("Size", ["S", "M"])],
        variants=[services.NewVariant(2000, 2, ("S",)), services.NewVariant(2000, 2, ("M",))],
    )
    one = f"{shirt.pk}:{shirt.variants.first().pk}"
    form = filled_in(seller, one, name="Closing down") | {button: "1"}

    page = at_home.post(reverse("seller_dashboard:reduce"), form)

    assert page.status_code == 422
    assert "whole listings" in page.content.decode()
    assert not SaleEvent.objects.exists()


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Europe/Berlin"])
@pytest.mark.parametrize(
    "window",
    [
        ("0001-01-01T00:00", "2026-05-07T09:00"),
        ("2026-05-05T09:00", "9999-12-31T23:59"),
        ("9999-12-01T00:00", "9999-12-31T23:59"),
        ("2026-05-01T09:00", "2026-05-03T09:00"),
    ],
)
@pytest.mark.parametrize("name", ["", "Closing down"])
def test_a_reduction_is_at_a_time_that_there_is_and_that_is_to_come(
    at_home, seller, product, zone, window, name
):
    seller.profile.time_zone = zone
    seller.profile.save(update_fields=["time_zone"])
    starts_at, ends_at = window
    form = filled_in(seller, product, starts_at=starts_at, ends_at=ends_at, name=name) | {"save": "1"}

    assert at_home.post(reverse("seller_dashboard:reduce"), form).status_code == 422

    assert not Discount.objects.exists()
    assert not SaleEvent.objects.exists()


@pytest.mark.every_database
def test_a_discount_is_ended_by_its_seller_only(at_home, client, other_seller, product):
    discount = services.create_discount(
        product_id=product.pk, percent_bps=1000, starts_at=NOON - DAY, ends_at=NOON + DAY, actor=SYSTEM
    )
    url = reverse("seller_dashboard:discount_end")

    assert at_home.post(url, {"discount": discount.pk}).status_code == 303
    discount.refresh_from_db()
    assert discount.ends_at == NOON

    client.force_login(other_seller)
    assert client.post(url, {"discount": discount.pk}).status_code == 404
    assert client.post(url, {"discount": "x"}).status_code == 404


@pytest.mark.every_database
def test_a_seller_ticks_what_takes_part_in_an_event(at_home, seller, make_product, spring):
    lamp, mug = make_product(title="Lamp"), make_product(title="Mug")
    url = reverse("seller_dashboard:event", args=[spring.slug])
    assert "Lamp" in at_home.get(url).content.decode()

    both = at_home.post(url, {"shown": [lamp.pk, mug.pk], "goods": [lamp.pk, mug.pk]})
    one = at_home.post(url, {"shown": [lamp.pk, mug.pk], "goods": [mug.pk]})

    assert (both.status_code, one.status_code) == (303, 303)
    assert list(SaleTarget.objects.values_list("product_id", flat=True)) == [mug.pk]


@pytest.mark.every_database
def test_an_event_that_began_while_the_page_was_open_is_a_409_that_says_so(at_home, product, spring, noon):
    url = reverse("seller_dashboard:event", args=[spring.slug])
    noon.move_to(NOON + DAY, tick=False)

    page = at_home.post(url, {"shown": [product.pk], "goods": [product.pk]})

    assert page.status_code == 409
    assert "has begun" in page.content.decode()
    assert not SaleTarget.objects.exists()


def test_an_event_that_is_not_open_to_sellers_has_no_page(at_home, category):
    event = services.create_sale_event(
        name="Store's own",
        percent_bps=1000,
        starts_at=NOON,
        ends_at=NOON + DAY,
        category_ids=[category.pk],
        actor=SYSTEM,
    )

    assert at_home.get(reverse("seller_dashboard:event", args=[event.slug])).status_code == 404


@pytest.mark.parametrize("number", [1, 15])
@pytest.mark.every_database
def test_pages_ask_no_more_for_more_goods(
    at_home, seller, make_product, spring, django_assert_max_num_queries, number
):
    for _ in range(number):
        product = make_product()
        services.create_discount(
            product_id=product.pk, percent_bps=1000, starts_at=NOON - DAY, ends_at=NOON + DAY, actor=SYSTEM
        )

    with django_assert_max_num_queries(10):
        at_home.get(reverse("seller_dashboard:sales"))
    with django_assert_max_num_queries(11):
        at_home.get(reverse("seller_dashboard:event", args=[spring.slug]))
    with django_assert_max_num_queries(14):
        at_home.post(reverse("seller_dashboard:reduce"), filled_in(seller, product) | {"look": "1"})
