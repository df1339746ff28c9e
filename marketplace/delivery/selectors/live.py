"""A stamp of all that the page of an order shows and that others change, cheap enough to ask every ten seconds."""

from django.db import connection
from django.utils.crypto import salted_hmac

from marketplace.accounts.models import User

# One statement: it is asked for as long as somebody looks at the page (docs/performance.md on plain SQL).
_STAMP = """
    SELECT s.id, s.status, s.packed_at, s.courier_id, s.completes_at,
           (SELECT MAX(e.id) FROM orders_shipmentevent e WHERE e.shipment_id = s.id),
           (SELECT MAX(a.id) FROM delivery_attempt a WHERE a.consignment_id = c.id),
           (SELECT COUNT(*) FROM delivery_attempt a WHERE a.consignment_id = c.id AND a.outcome = 'void'),
           (SELECT MAX(p.id) FROM delivery_proof p WHERE p.consignment_id = c.id){more}
    FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id
    LEFT JOIN delivery_consignment c ON c.shipment_id = s.id AND c.kind = 'shipment'
    WHERE {where} ORDER BY s.id
"""
# What the page of the order shows besides; whoever only has a link is not told either that it changed.
_PRIVATE = ", s.total, s.frozen, (SELECT SUM(p.tries) FROM delivery_proof p WHERE p.consignment_id = c.id)"


def order_stamp(user: User, number: str) -> str:
    """Changes whenever the page of this order does; "" if there is no such order for `user`. One query."""
    if user.is_store_staff:
        return _stamp("o.number = %s", [number], more=_PRIVATE)
    return _stamp("o.number = %s AND o.buyer_id = %s", [number, user.pk], more=_PRIVATE)


def shipment_stamp(shipment_id: int) -> str:
    """As `order_stamp`, for the tracking page of one shipment, whoever asks: not of its money, nor of wrong codes."""
    return _stamp("s.id = %s", [shipment_id])


def _stamp(where: str, values: list[str | int], *, more: str = "") -> str:
    with connection.cursor() as cursor:
        cursor.execute(_STAMP.format(where=where, more=more), values)
        rows = cursor.fetchall()
    # With a key: of few and small numbers a bare hash could be searched.
    return salted_hmac("live", repr(rows), algorithm="sha256").hexdigest()[:24] if rows else ""
