"""What must always hold of carts, orders and shipments (docs/reliability.md §2): each returns no row."""

# ruff: noqa: S608  constants of this module only
from collections.abc import Iterable

from marketplace.common.invariants import Invariant

from .states import FINAL, ON_THE_WAY, SHIPMENT_NEXT, ShipmentStatus


def _listed(values: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in sorted(values)) + ")"


_FINAL = _listed(FINAL)
_ARRIVED = _listed({*FINAL, ShipmentStatus.DELIVERED})
_GONE = _listed({*FINAL, ShipmentStatus.DELIVERED, *ON_THE_WAY})
_STEPS = " OR ".join(
    ["(from_status = '' AND to_status = 'placed')"]
    + [
        f"(from_status = '{before}' AND to_status IN {_listed(after)})"
        for before, after in SHIPMENT_NEXT.items()
        if after
    ]
)
# What the ledger paid on out of a shipment's hold, and to whom: its seller and the store.
_PAID = """
    SELECT h.object_id AS shipment_id, h.captured,
    SUM(CASE WHEN w.owner_id = s.seller_id THEN t.balance_delta ELSE 0 END) AS to_seller,
    SUM(CASE WHEN w.code = 'fees' AND t.balance_delta > 0 THEN t.balance_delta ELSE 0 END) AS to_store
    FROM wallet_hold h
    JOIN django_content_type ct ON ct.id = h.content_type_id AND ct.app_label = 'orders' AND ct.model = 'shipment'
    JOIN orders_shipment s ON s.id = h.object_id
    JOIN wallet_transaction t ON t.hold_id = h.id JOIN wallet_wallet w ON w.id = t.wallet_id
    WHERE h.kind = 'shipment' AND h.captured > 0 GROUP BY h.object_id, h.id, h.captured
"""
# The open hold of a shipment, and whose money it is.
_HOLDS = """
    SELECT h.object_id AS shipment_id, h.amount - h.captured - h.released AS held, w.owner_id FROM wallet_hold h
    JOIN wallet_wallet w ON w.id = h.wallet_id
    JOIN django_content_type ct ON ct.id = h.content_type_id AND ct.app_label = 'orders' AND ct.model = 'shipment'
    WHERE h.kind = 'shipment' AND h.status = 'open'
"""

INVARIANTS = [
    Invariant(
        "I10 a shipment that is not final has its total held, by its buyer",
        "SELECT s.id, s.status, s.total, h.held FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id"
        f" LEFT JOIN ({_HOLDS}) h ON h.shipment_id = s.id WHERE s.status NOT IN {_FINAL}"
        " AND (h.held IS NULL OR h.held <> s.total OR h.owner_id <> o.buyer_id)",
    ),
    Invariant(
        "I10 a completed shipment has its settlement, of all that it cost, and no other shipment has one",
        "SELECT s.id, s.status, s.total, t.gross FROM orders_shipment s"
        " LEFT JOIN orders_settlement t ON t.shipment_id = s.id"
        " WHERE (s.status = 'completed' AND (t.id IS NULL OR t.gross <> s.total))"
        " OR (s.status <> 'completed' AND t.id IS NOT NULL)",
    ),
    Invariant(
        "I10 what was settled is what was paid out of the hold, once",
        "SELECT t.shipment_id, t.gross, COUNT(p.shipment_id), SUM(p.captured) FROM orders_settlement t"
        f" LEFT JOIN ({_PAID}) p ON p.shipment_id = t.shipment_id GROUP BY t.shipment_id, t.gross"
        " HAVING COUNT(p.shipment_id) <> 1 OR SUM(p.captured) <> t.gross",
    ),
    Invariant(
        "I10 nothing is paid out of the hold of a shipment that was not settled",
        f"SELECT p.shipment_id, p.captured FROM ({_PAID}) p"
        " LEFT JOIN orders_settlement t ON t.shipment_id = p.shipment_id WHERE t.id IS NULL",
    ),
    Invariant(
        "I11 a settlement's fee is the shipment's rate, rounded half up once, and the rest the seller's",
        # Without a division, which databases round differently; as decimals, which do not overflow.
        "SELECT t.id, t.gross, t.fee, t.net FROM orders_settlement t JOIN orders_shipment s ON s.id = t.shipment_id"
        " WHERE t.fee + t.net <> t.gross OR t.fee < 0 OR t.net < 0"
        " OR CAST(t.fee AS DECIMAL(30)) * 10000 > CAST(t.gross AS DECIMAL(30)) * s.commission_bps + 5000"
        " OR CAST(t.fee AS DECIMAL(30)) * 10000 + 5000 <= CAST(t.gross AS DECIMAL(30)) * s.commission_bps",
    ),
    Invariant(
        "I11 the seller got the net and the store the fee",
        "SELECT t.id, t.net, p.to_seller, t.fee, p.to_store FROM orders_settlement t"
        f" JOIN ({_PAID}) p ON p.shipment_id = t.shipment_id WHERE p.to_seller <> t.net OR p.to_store <> t.fee",
    ),
    Invariant(
        "I12 nobody is paid before the delivery, by the clock before its time, or while part is frozen",
        "SELECT s.id, s.delivered_at, s.completes_at, t.at FROM orders_shipment s"
        " JOIN orders_settlement t ON t.shipment_id = s.id WHERE s.delivered_at IS NULL OR t.at < s.delivered_at"
        " OR (t.actor_id IS NULL AND (s.completes_at IS NULL OR t.at < s.completes_at)) OR s.frozen > 0",
    ),
    Invariant(
        "I12 what is delivered has the moment at which the clock pays",
        "SELECT id, status, delivered_at, completes_at FROM orders_shipment"
        " WHERE (status IN ('delivered', 'completed') AND completes_at IS NULL) OR completes_at < delivered_at"
        " OR (delivered_at IS NULL AND completes_at IS NOT NULL)",
    ),
    Invariant(
        "I12 who completes a shipment is its buyer, the clock, or staff with a reason; never its seller",
        "SELECT t.id, t.actor_id, u.role FROM orders_settlement t JOIN orders_shipment s ON s.id = t.shipment_id"
        " JOIN orders_order o ON o.id = s.order_id JOIN accounts_user u ON u.id = t.actor_id"
        " WHERE t.actor_id <> o.buyer_id AND (t.actor_id = s.seller_id OR t.reason = '')",
    ),
    Invariant(
        "I14 nothing is held for a final shipment",
        f"SELECT s.id, s.status, h.held FROM orders_shipment s JOIN ({_HOLDS}) h ON h.shipment_id = s.id"
        f" WHERE s.status IN {_FINAL}",
    ),
    Invariant(
        "I18 an order's total is what its lines cost",
        "SELECT o.id, o.total, SUM(l.unit_price * l.quantity) FROM orders_order o"
        " LEFT JOIN orders_shipment s ON s.order_id = o.id LEFT JOIN orders_shipmentline l ON l.shipment_id = s.id"
        " GROUP BY o.id, o.total HAVING o.total <> COALESCE(SUM(l.unit_price * l.quantity), 0)",
    ),
    Invariant(
        "I18 a shipment's total is what its kept pieces cost",
        "SELECT s.id, s.total FROM orders_shipment s LEFT JOIN orders_shipmentline l ON l.shipment_id = s.id"
        " GROUP BY s.id, s.total HAVING s.total <>"
        " COALESCE(SUM(l.unit_price * (l.quantity - l.cancelled_quantity - l.returned_quantity)), 0)",
    ),
    Invariant(
        "I18 a line has 1 to 99 pieces, and no more are cancelled and returned than were ordered",
        "SELECT id, quantity, cancelled_quantity, returned_quantity FROM orders_shipmentline"
        " WHERE quantity < 1 OR quantity > 99 OR cancelled_quantity + returned_quantity > quantity"
        " OR unit_price < 1 OR unit_price > list_price",
    ),
    Invariant(
        "I18 a line is sold by the seller of its shipment, and not to themselves",
        "SELECT l.id FROM orders_shipmentline l JOIN orders_shipment s ON s.id = l.shipment_id"
        " JOIN orders_order o ON o.id = s.order_id JOIN products_product p ON p.id = l.product_id"
        " WHERE p.seller_id <> s.seller_id OR o.buyer_id = s.seller_id",
    ),
    Invariant(
        "I19 a cart is ordered once",
        "SELECT last_cart_line, COUNT(*) FROM orders_order WHERE last_cart_line IS NOT NULL"
        " GROUP BY last_cart_line HAVING COUNT(*) > 1",
    ),
    Invariant(
        "I19 what was ordered is in no cart any more",
        "SELECT o.id FROM orders_order o JOIN orders_cartline l ON l.id = o.last_cart_line",
    ),
    Invariant(
        "I20 every step of a shipment is in the table of steps",
        "SELECT id, from_status, to_status FROM orders_shipmentevent"
        f" WHERE from_status <> to_status AND NOT ({_STEPS})",
    ),
    Invariant(
        "I20 each step begins where the one before ended",
        "SELECT id, from_status, before_status FROM (SELECT id, from_status,"
        " LAG(to_status) OVER (PARTITION BY shipment_id ORDER BY id) AS before_status"
        " FROM orders_shipmentevent) steps WHERE from_status <> COALESCE(before_status, '')",
    ),
    Invariant(
        "I20 a shipment's status is where its last step ended",
        "SELECT s.id, s.status, e.to_status FROM orders_shipment s LEFT JOIN"
        " (SELECT shipment_id, MAX(id) AS last_id FROM orders_shipmentevent GROUP BY shipment_id) m"
        " ON m.shipment_id = s.id LEFT JOIN orders_shipmentevent e ON e.id = m.last_id"
        " WHERE e.id IS NULL OR e.to_status <> s.status",
    ),
    Invariant(
        "I20 an order's status follows from its shipments",
        "SELECT id, status, derived FROM (SELECT o.id, o.status, CASE"
        " WHEN SUM(CASE WHEN s.status <> 'cancelled' THEN 1 ELSE 0 END) = 0 THEN 'cancelled'"
        f" WHEN SUM(CASE WHEN s.status NOT IN {_FINAL} THEN 1 ELSE 0 END) = 0 THEN 'completed'"
        f" WHEN SUM(CASE WHEN s.status NOT IN {_ARRIVED} THEN 1 ELSE 0 END) = 0 THEN 'delivered'"
        f" WHEN SUM(CASE WHEN s.status NOT IN {_GONE} THEN 1 ELSE 0 END) = 0 THEN 'shipped'"
        " WHEN SUM(CASE WHEN s.status NOT IN ('placed', 'cancelled') THEN 1 ELSE 0 END) = 0 THEN 'placed'"
        " ELSE 'processing' END AS derived FROM orders_order o JOIN orders_shipment s ON s.order_id = o.id"
        " GROUP BY o.id, o.status) orders_now WHERE status <> derived",
    ),
    Invariant(
        "I21 a shipment's moments are in order",
        "SELECT id FROM orders_shipment WHERE claimed_at < placed_at OR picked_up_at < claimed_at"
        " OR delivered_at < picked_up_at OR completed_at < delivered_at OR cancelled_at < placed_at"
        " OR returned_at < picked_up_at OR reminded_at < delivered_at",
    ),
    Invariant(
        "I21 a shipment has the moment of each step of its way, and none of another way",
        "SELECT id, status FROM orders_shipment WHERE (status = 'placed' AND claimed_at IS NOT NULL)"
        " OR (status IN ('processing', 'shipped', 'delivered', 'completed', 'returning', 'returned')"
        " AND claimed_at IS NULL)"
        " OR (picked_up_at IS NOT NULL) <>"
        " (status IN ('shipped', 'delivered', 'completed', 'returning', 'returned'))"
        " OR (delivered_at IS NOT NULL) <> (status IN ('delivered', 'completed'))"
        " OR (completed_at IS NOT NULL) <> (status = 'completed')"
        " OR (cancelled_at IS NOT NULL) <> (status = 'cancelled')"
        " OR (returned_at IS NOT NULL) <> (status = 'returned')",
    ),
    Invariant(
        "I16 what was ordered was taken from the stock",
        "SELECT product_id, SUM(pieces) FROM (SELECT product_id, quantity AS pieces FROM orders_shipmentline"
        " UNION ALL SELECT product_id, delta FROM products_stockmove WHERE kind = 'sold') moves"
        " GROUP BY product_id HAVING SUM(pieces) > 0",
    ),
    Invariant(
        "I16 what was cancelled or returned came back to the stock",
        "SELECT product_id, SUM(pieces) FROM (SELECT product_id, cancelled_quantity + returned_quantity AS pieces"
        " FROM orders_shipmentline UNION ALL SELECT product_id, -delta FROM products_stockmove"
        " WHERE kind = 'restocked') moves GROUP BY product_id HAVING SUM(pieces) > 0",
    ),
    Invariant(
        "I35 an order was told to its buyer once, a sale to its seller once",
        "SELECT o.id FROM orders_order o JOIN django_content_type ct ON ct.app_label = 'orders' AND ct.model = 'order'"
        " LEFT JOIN notifications_notification n ON n.content_type_id = ct.id AND n.object_id = o.id"
        " AND n.kind = 'order_created' AND n.recipient_id = o.buyer_id GROUP BY o.id HAVING COUNT(n.id) <> 1"
        " UNION ALL SELECT s.id FROM orders_shipment s"
        " JOIN django_content_type ct ON ct.app_label = 'orders' AND ct.model = 'shipment'"
        " LEFT JOIN notifications_notification n ON n.content_type_id = ct.id AND n.object_id = s.id"
        " AND n.kind = 'sale_made' AND n.recipient_id = s.seller_id GROUP BY s.id HAVING COUNT(n.id) <> 1",
    ),
    Invariant(
        "I34 the points of a settlement were given to its seller",
        "SELECT seller_id, SUM(points) FROM (SELECT s.seller_id, t.points FROM orders_settlement t"
        " JOIN orders_shipment s ON s.id = t.shipment_id UNION ALL SELECT seller_id, -amount"
        " FROM points_pointsentry WHERE cause = 'shipment_completed') given"
        " GROUP BY seller_id HAVING SUM(points) <> 0",
    ),
    Invariant(
        "I35 a settlement was told to the buyer once, a payment to the seller once, and no other",
        "SELECT shipment_id, paid, told_buyer, told_seller FROM (SELECT s.id AS shipment_id,"
        " (SELECT COUNT(*) FROM orders_settlement t WHERE t.shipment_id = s.id) AS paid,"
        " SUM(CASE WHEN n.kind = 'order_completed' AND n.recipient_id = o.buyer_id THEN 1 ELSE 0 END) AS told_buyer,"
        " SUM(CASE WHEN n.kind = 'seller_payment' AND n.recipient_id = s.seller_id THEN 1 ELSE 0 END) AS told_seller,"
        " COUNT(n.id) AS told FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id"
        " JOIN django_content_type ct ON ct.app_label = 'orders' AND ct.model = 'shipment'"
        " LEFT JOIN notifications_notification n ON n.content_type_id = ct.id AND n.object_id = s.id"
        " AND n.kind IN ('order_completed', 'seller_payment') GROUP BY s.id) settled"
        " WHERE told_buyer <> paid OR told_seller <> paid OR told <> 2 * paid",
    ),
    Invariant(
        "I35 a buyer was reminded exactly where that is noted, once",
        "SELECT s.id, s.reminded_at, COUNT(n.id) FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id"
        " JOIN django_content_type ct ON ct.app_label = 'orders' AND ct.model = 'shipment'"
        " LEFT JOIN notifications_notification n ON n.content_type_id = ct.id AND n.object_id = s.id"
        " AND n.kind = 'completion_soon' AND n.recipient_id = o.buyer_id GROUP BY s.id, s.reminded_at"
        " HAVING COUNT(n.id) <> CASE WHEN s.reminded_at IS NULL THEN 0 ELSE 1 END",
    ),
    Invariant(
        "I40 the key of a checkout has its order, and an order one key",
        "SELECT f.result, COUNT(o.id) FROM common_formkey f LEFT JOIN orders_order o ON o.number = f.result"
        " AND o.buyer_id = f.user_id WHERE f.action = 'checkout' GROUP BY f.result HAVING COUNT(o.id) <> 1",
    ),
    Invariant(
        "I35 nobody is told of an order or a shipment that is not there",
        "SELECT n.id FROM notifications_notification n JOIN django_content_type ct ON ct.id = n.content_type_id"
        " LEFT JOIN orders_order o ON o.id = n.object_id LEFT JOIN orders_shipment s ON s.id = n.object_id"
        " WHERE ct.app_label = 'orders' AND ((ct.model = 'order' AND o.id IS NULL)"
        " OR (ct.model = 'shipment' AND s.id IS NULL))",
    ),
    Invariant(
        "I35 who is told of a cancellation is told of one that was, and each one was told",
        "SELECT shipment_id, pieces, told FROM (SELECT s.id AS shipment_id,"
        " (SELECT SUM(l.cancelled_quantity) FROM orders_shipmentline l WHERE l.shipment_id = s.id) AS pieces,"
        " (SELECT COUNT(*) FROM notifications_notification n JOIN django_content_type ct"
        " ON ct.id = n.content_type_id AND ct.app_label = 'orders' AND ct.model = 'shipment'"
        " WHERE n.object_id = s.id AND n.kind = 'shipment_cancelled') AS told FROM orders_shipment s) cancelled"
        " WHERE (pieces > 0 AND told = 0) OR (pieces = 0 AND told > 0)",
    ),
]
