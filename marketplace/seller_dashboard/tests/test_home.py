"""What a seller sees first."""

import pytest

from marketplace.points.services import award_points

pytestmark = pytest.mark.django_db


def test_a_new_shop_is_told_what_to_expect(client, seller):
    client.force_login(seller)

    page = client.get("/seller/").content.decode()

    assert seller.seller_profile.shop_name.split("'")[0] in page
    assert "Nothing to pack right now" in page


def test_the_sellers_own_points_are_shown(client, seller, other_seller):
    award_points(seller_id=seller.pk, amount=1250, cause="sale", key="a")
    award_points(seller_id=other_seller.pk, amount=7, cause="sale", key="b")
    client.force_login(seller)

    assert '<dd data-testid="points">1,250</dd>' in client.get("/seller/").content.decode()


def test_what_was_bought_waits_to_be_packed_by_its_seller_only(
    client, buyer, seller, other_seller, goods, fill_cart, check_out, fund
):
    lamp, mug = goods(seller, title="Lamp", price=4200), goods(other_seller, title="Mug", price=900)
    fund(buyer, 10_000)
    fill_cart(buyer, {lamp: 2, mug: 1})
    check_out(buyer)
    client.force_login(seller)

    page = client.get("/seller/").content.decode()

    assert "2 × Lamp" in page
    assert '<dd data-testid="held">€84.00</dd>' in page
    assert "Mug" not in page
    assert buyer.profile.location_address not in page


@pytest.mark.parametrize("lines", [1, 12])
@pytest.mark.every_database
def test_the_page_asks_the_database_no_more_for_more_orders(
    client, person, seller, goods, fill_cart, check_out, fund, django_assert_max_num_queries, lines
):
    for _ in range(lines):
        somebody = person()
        fund(somebody, 10_000)
        fill_cart(somebody, {goods(seller, price=100): 1})
        check_out(somebody)
    client.force_login(seller)

    with django_assert_max_num_queries(12):
        page = client.get("/seller/").content.decode()

    assert page.count('data-testid="to-pack"') == min(lines, 10)
    assert ("and 2 more" in page) is (lines == 12)
