"""The way back: the seller's code ends it, the buyer's does not."""

from decimal import Decimal

from marketplace.accounts.address_book import remove_address, save_location
from marketplace.common.idempotency import new_form_key
from marketplace.common.places import Place
from marketplace.delivery.models import Proof
from marketplace.delivery.services import (
    Result,
    cancel_line,
)
from marketplace.notifications.models import Notification
from marketplace.orders.models import Shipment
from marketplace.wallet.selectors import wallet_of

AT_THE_DOOR = Place(Decimal("52.520908"), Decimal("13.404954"), 8)


def told(kind: str) -> set[int]:
    return set(Notification.objects.filter(kind=kind).values_list("recipient_id", flat=True))


class TestTheWayBack:
    def test_what_was_cancelled_before_does_not_come_back(self, placed, carry, fail, confirm, courier):
        shipment = placed(price=1200, quantity=3, stock=5)
        line, buyer = shipment.lines.get(), shipment.order.buyer
        key = new_form_key(user_id=buyer.pk, action="cancel_line", subject=line.pk)
        cancel_line(line_id=line.pk, quantity=1, actor=buyer, form_key=key)
        job = carry(shipment, courier)
        fail(job, "refused")
        job.refresh_from_db()

        confirm(job)

        line = shipment.lines.select_related("variant").get()
        assert (line.cancelled_quantity, line.returned_quantity, line.kept_quantity) == (1, 2, 0)
        assert line.variant.stock == 5

    def test_the_sellers_pin_ends_it_and_money_and_goods_are_back(
        self, going_back, confirm, buyer, seller, courier, settings
    ):
        settings.COURIER_FEE = 350
        job = going_back(price=1200, quantity=2, stock=5)
        variant = job.shipment.lines.get().variant

        outcome = confirm(job)

        shipment, line = Shipment.objects.get(), job.shipment.lines.get()
        variant.refresh_from_db()
        assert (outcome.result, outcome.delivery.status) == (Result.CONFIRMED, "returned")
        assert (shipment.status, shipment.total) == ("returned", 0)
        assert shipment.returned_at
        assert (line.returned_quantity, line.kept_quantity) == (2, 0)
        assert variant.stock == 5
        assert (wallet_of(buyer.pk).balance, wallet_of(buyer.pk).held_balance) == (2400, 0)
        assert wallet_of(courier.pk).balance == 350
        assert told("parcel_returned") == {buyer.pk, seller.pk}
        assert Proof.objects.get(purpose="return").status == "confirmed"

    def test_the_buyers_pin_is_worth_nothing_any_more(self, on_its_way, confirm, fail, pin_of):
        job = on_its_way()
        buyers = pin_of(job.shipment)
        fail(job, "refused")

        assert confirm(job, pin=buyers).result == Result.WRONG
        assert Shipment.objects.get().status == "returning"

    def test_is_not_measured_where_the_seller_has_not_said_where_they_are(self, going_back, confirm, seller):
        remove_address(address_id=seller.profile.default_address_id, actor=seller)

        confirm(going_back(), place=AT_THE_DOOR)

        assert Proof.objects.get(purpose="return").distance_m is None

    def test_is_measured_from_where_the_seller_is(self, going_back, confirm, seller):
        """Not from the buyer's door, where the courier was before."""
        lat, lng = Decimal("52.6"), Decimal("13.4")
        save_location(user_id=seller.pk, lat=lat, lng=lng, address="Am Rand 1", actor=seller)
        job = going_back()

        confirm(job, place=Place(Decimal("52.6009"), Decimal("13.4"), 8))

        assert Proof.objects.get(purpose="return").distance_m == 100

    def test_five_wrong_ones_are_told_to_the_seller(self, going_back, confirm, wrong_pin, seller):
        job = going_back()

        for _try in range(5):
            confirm(job, pin=wrong_pin(job.shipment))

        assert told("proof_locked") == {seller.pk}
