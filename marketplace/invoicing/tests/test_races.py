"""Two clocks write invoices at once: each fee is on one, and the numbers follow each other."""

from datetime import UTC, datetime
from threading import Barrier

import pytest

from marketplace.common.models import SweepTrouble
from marketplace.delivery.services import complete_shipment
from marketplace.invoicing import services
from marketplace.invoicing.models import CommissionInvoice
from marketplace.invoicing.services import write_invoices
from marketplace.orders.models import Settlement

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
NOW = datetime(2090, 4, 1, 0, 5, tzinfo=UTC)


@pytest.fixture
def both(placed, carry, confirm, buyer, courier, seller, other_seller, settings, race):
    settings.COMMISSION_BPS = 1_000
    for owner in (seller, other_seller):
        shipment = placed(buyer, owner, price=1_000)
        confirm(carry(shipment, courier))
        complete_shipment(shipment_id=shipment.pk, actor=buyer)
    Settlement.objects.filter(shipment__seller=seller).update(at=datetime(2090, 2, 10, tzinfo=UTC))
    Settlement.objects.filter(shipment__seller=other_seller).update(at=datetime(2090, 3, 10, tzinfo=UTC))
    write_invoices(datetime(2090, 3, 1, tzinfo=UTC))  # the series is there
    return lambda: race(write_invoices, [NOW, NOW])


def test_one_of_them_writes_it(both):
    assert sorted(result.done for result in both()) == [0, 1]

    assert list(CommissionInvoice.objects.order_by("pk").values_list("serial", flat=True)) == [1, 2]
    assert not SweepTrouble.objects.exists()


def test_control_without_the_lock_both_number_it_alike(both, locks_rows, without_locks, monkeypatch):
    """The unique keys stand behind it: one of them fails."""
    if not locks_rows:
        pytest.skip("SQLite locks the whole database")
    without_locks(0)
    together, number = Barrier(2), services.next_number

    def wait_and_number(series):
        together.wait(timeout=20)
        return number(series)

    monkeypatch.setattr(services, "next_number", wait_and_number)

    results = both()

    assert sum(getattr(result, "failed", 1) for result in results) == 1
