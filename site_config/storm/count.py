"""Counts what a storm left: `python -m site_config.storm.count`, acts as JSON on its input, the count on its output.

An act is found by what it did (an order by its note, a payment by its sum, …), not by its form key: a key that was
kept while its effect was lost, or twice there, would show.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable

import django

django.setup()

from django.contrib.sessions.models import Session  # noqa: E402
from django.db.models import Sum  # noqa: E402

from marketplace.common.invariants import find_breaches  # noqa: E402
from marketplace.delivery.models import Delivery  # noqa: E402
from marketplace.orders.models import CartLine, Order, Settlement, ShipmentEvent, ShipmentLine  # noqa: E402
from marketplace.orders.states import ShipmentStatus  # noqa: E402
from marketplace.wallet.models import TopUp, Transaction, TransactionKind  # noqa: E402
from site_config.books import all_invariants, snapshot  # noqa: E402


def pieces(mark: str) -> int:
    """How often somebody put a product into their cart, one piece each time."""
    email, product = mark.split()
    ordered = ShipmentLine.objects.filter(shipment__order__buyer__email=email, variant__product_id=product)
    carried = CartLine.objects.filter(cart__user__email=email, variant__product_id=product)
    return sum(rows.aggregate(sum=Sum("quantity"))["sum"] or 0 for rows in (ordered, carried))


def reached(status: str) -> Callable[[str], int]:
    return lambda number: (
        ShipmentEvent.objects.filter(shipment__number=number, to_status=status, from_status__gt="", pieces=0)
        .exclude(from_status=status)
        .count()
    )


def paid_in(mark: str) -> int:
    email, amount = mark.split()
    rows = Transaction.objects.filter(kind=TransactionKind.TOP_UP, balance_delta=amount)
    return rows.filter(wallet__owner__email=email).count()


def begun(mark: str) -> int:
    email, amount = mark.split()
    return TopUp.objects.filter(wallet__owner__email=email, amount=amount).count()


FOUND: dict[str, Callable[[str], int]] = {
    "sign in": lambda key: Session.objects.filter(pk=key).count(),
    "add": pieces,
    "order": lambda note: Order.objects.filter(ship_notes=note).count(),
    "begin to pay in": begun,
    "pay in": paid_in,
    "claim": lambda number: Delivery.objects.filter(consignment__shipment__number=number).count(),
    "pick up": reached(ShipmentStatus.SHIPPED),
    "hand over": reached(ShipmentStatus.DELIVERED),
    "pay": lambda number: Settlement.objects.filter(shipment__number=number).count(),
}


def judge(acts: list[dict]) -> dict:
    """Acknowledged and there, lost, doubled; and what became of those that nobody answered."""
    sums: Counter = Counter()
    details = []
    groups: dict[tuple[str, str], Counter] = {}
    for act in acts:
        groups.setdefault((act["kind"], act["mark"]), Counter())[act["outcome"]] += 1
    for (kind, mark), outcomes in groups.items():
        known, unknown = outcomes["acknowledged"], outcomes["unknown"]
        there = FOUND[kind](mark)
        lost, doubled = max(0, known - there), max(0, there - known - unknown)
        done = min(unknown, max(0, there - known))
        sums.update(
            acknowledged=known,
            found=min(known, there),
            lost=lost,
            doubled=doubled,
            unknown_done=done,
            unknown_not_done=unknown - done,
            refused=outcomes["refused"],
        )
        if lost or doubled:
            details.append(f"{kind} {mark}: {known} acknowledged, {unknown} unknown, {there} there")
    return {"sums": sums, "details": details}


def main() -> None:
    with snapshot():
        counted = judge(json.load(sys.stdin))
        counted["broken"] = [breach.invariant.name for breach in find_breaches(all_invariants())]
    json.dump(counted, sys.stdout)


if __name__ == "__main__":
    main()
