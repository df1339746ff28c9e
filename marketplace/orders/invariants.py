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

# What is or was kept in reserve of a shipment's sale, and whose money it is.
_RESERVES = """
    SELECT h.id, h.object_id AS shipment_id, h.amount, w.owner_id FROM wallet_hold h
    JOIN wallet_wallet w ON w.id = h.wallet_id
    JOIN django_content_type ct ON ct.id = h.content_type_id AND ct.app_label = 'orders' AND ct.model = 'shipment'
    WHERE h.kind = 'reserve'
"""

# What of a shipment's hold is for its delivery, and was paid on: by the proof, or for the way of what came back.
_DELIVERY_PAID = (
    "CASE WHEN s.status IN ('delivered', 'completed') THEN s.delivery_price"
    " WHEN s.status = 'returned' THEN s.delivery_price + s.delivery_back + s.delivery_extra ELSE 0 END"
)
# What people paid for a shipment's delivery out of what they could spend, without a hold.
_CHARGED = """
    SELECT t.object_id AS shipment_id, w.owner_id, -SUM(t.balance_delta) AS amount FROM wallet_transaction t
    JOIN django_content_type ct ON ct.id = t.content_type_id AND ct.app_label = 'orders' AND ct.model = 'shipment'
    JOIN wallet_wallet w ON w.id = t.wallet_id AND w.owner_id IS NOT NULL
    WHERE t.kind = 'payment' AND t.hold_id IS NULL GROUP BY t.object_id, w.owner_id
"""

INVARIANTS = [
    Invariant(
        "a line names something that its listing said or says",
        "SELECT l.id, l.listing_number, p.content_number FROM orders_shipmentline l"
        " JOIN products_variant v ON v.id = l.variant_id JOIN products_product p ON p.id = v.product_id"
        " WHERE l.listing_number < 1 OR l.listing_number > p.content_number",
    ),
    Invariant(
        "I49 what is kept in reserve is of a sale that was paid, of its seller's, no more than they got, once",
        f"SELECT r.id, r.amount FROM ({_RESERVES}) r LEFT JOIN orders_shipment s ON s.id = r.shipment_id"
        " LEFT JOIN orders_settlement t ON t.shipment_id = s.id"
        " WHERE t.id IS NULL OR s.seller_id <> r.owner_id OR r.amount > t.net"
        f" UNION ALL SELECT r.shipment_id, COUNT(*) FROM ({_RESERVES}) r"
        " GROUP BY r.shipment_id HAVING COUNT(*) > 1",
    ),
    Invariant(
        "I10 a shipment that is not final has its total held, by its buyer; from the delivery on its goods",
        "SELECT s.id, s.status, s.total, h.held FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id"
        f" LEFT JOIN ({_HOLDS}) h ON h.shipment_id = s.id WHERE s.status NOT IN {_FINAL}"
        f" AND (h.held IS NULL OR h.held <> s.total - s.delivery_extra - {_DELIVERY_PAID} OR h.owner_id <> o.buyer_id)",
    ),
    Invariant(
        "I10 a completed shipment has its settlement, of all that its goods cost, and no other shipment has one",
        "SELECT s.id, s.status, s.total, t.gross FROM orders_shipment s"
        " LEFT JOIN orders_settlement t ON t.shipment_id = s.id"
        " WHERE (s.status = 'completed' AND (t.id IS NULL OR t.gross <> s.total - s.delivery_price - s.delivery_extra))"
        " OR (s.status <> 'completed' AND t.id IS NOT NULL)",
    ),
    Invariant(
        "I10 what was paid out of a hold is its delivery, once it is there, and its settlement",
        f"SELECT s.id, s.status, SUM(p.captured) FROM orders_shipment s LEFT JOIN ({_PAID}) p ON p.shipment_id = s.id"
        " LEFT JOIN orders_settlement t ON t.shipment_id = s.id"
        " GROUP BY s.id, s.status, s.delivery_price, s.delivery_back, s.delivery_extra, t.gross"
        " HAVING COALESCE(SUM(p.captured), 0) <>"
        f" {_DELIVERY_PAID} + COALESCE(t.gross, 0) OR COUNT(p.shipment_id) > 1",
    ),
    Invariant(
        "I11 a settlement's fee is the shipment's rate, rounded half up once, and the rest the seller's",
        # Without a division, which databases round differently; as decimals, which do not overflow.
        "SELECT t.id, t.gross, t.fee, t.net FROM orders_settlement t JOIN orders_shipment s ON s.id = t.shipment_id"
        " WHERE t.fee + t.net + t.delivery <> t.gross OR t.fee < 0 OR t.net < 0 OR t.delivery <> s.delivery_by_seller"
        " OR CAST(t.fee AS DECIMAL(30)) * 10000 > CAST(t.gross AS DECIMAL(30)) * s.commission_bps + 5000"
        " OR CAST(t.fee AS DECIMAL(30)) * 10000 + 5000 <= CAST(t.gross AS DECIMAL(30)) * s.commission_bps",
    ),
    Invariant(
        "I11 the seller got the net, and the store the fee and what was paid for the delivery",
        "SELECT p.shipment_id, t.net, p.to_seller, t.fee, p.to_store FROM orders_shipment s"
        f" JOIN ({_PAID}) p ON p.shipment_id = s.id LEFT JOIN orders_settlement t ON t.shipment_id = s.id"
        " WHERE p.to_seller <> COALESCE(t.net, 0)"
        f" OR p.to_store <> COALESCE(t.fee + t.delivery, 0) + {_DELIVERY_PAID}",
    ),
    Invariant(
        "I11 what was charged for a delivery without a hold is what its shipment says, of its buyer and its seller",
        "SELECT s.id, s.delivery_extra, s.back_by_seller, b.amount, v.amount FROM orders_shipment s"
        f" JOIN orders_order o ON o.id = s.order_id LEFT JOIN ({_CHARGED}) b"
        " ON b.shipment_id = s.id AND b.owner_id = o.buyer_id"
        f" LEFT JOIN ({_CHARGED}) v ON v.shipment_id = s.id AND v.owner_id = s.seller_id"
        " WHERE COALESCE(v.amount, 0) <> s.back_by_seller OR COALESCE(b.amount, 0) <>"
        " CASE WHEN s.status = 'returned' THEN 0 ELSE s.delivery_extra END",
    ),
    Invariant(
        "I11 a delivery is never dearer than agreed, costs nothing where there is none, and has its table",
        "SELECT s.id, s.status FROM orders_shipment s WHERE s.delivery_price > s.delivery_agreed"
        " OR s.delivery_price > s.delivery_full OR s.delivery_price + s.delivery_by_seller > s.delivery_full"
        " OR (s.status = 'cancelled' AND s.delivery_price + s.delivery_by_seller > 0)"
        " OR (s.status <> 'returned' AND s.delivery_back + s.back_by_seller > 0)"
        " OR (s.status NOT IN ('delivered', 'completed', 'returned') AND s.delivery_extra > 0)"
        " OR (s.delivery_back > 0 AND s.back_by_seller > 0)"
        " OR (s.rates_id IS NULL AND s.delivery_agreed + s.delivery_full + s.delivery_by_seller + s.courier_share"
        " + s.delivery_back + s.back_by_seller + s.delivery_extra > 0)",
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
        "I18 an order's total is what its lines and its delivery cost as they were ordered",
        "SELECT o.id, o.total FROM orders_order o"
        " LEFT JOIN (SELECT s.order_id, SUM(l.unit_price * l.quantity - l.coupon_agreed) AS goods"
        " FROM orders_shipment s JOIN orders_shipmentline l ON l.shipment_id = s.id GROUP BY s.order_id) g"
        " ON g.order_id = o.id LEFT JOIN"
        " (SELECT order_id, SUM(delivery_agreed) AS delivery FROM orders_shipment GROUP BY order_id) d"
        " ON d.order_id = o.id WHERE o.total <> COALESCE(g.goods, 0) + COALESCE(d.delivery, 0)",
    ),
    Invariant(
        "I18 a shipment's total is what its kept pieces and its delivery cost",
        "SELECT s.id, s.total FROM orders_shipment s LEFT JOIN orders_shipmentline l ON l.shipment_id = s.id"
        " GROUP BY s.id, s.total, s.delivery_price, s.delivery_back, s.delivery_extra"
        " HAVING s.total - s.delivery_price - s.delivery_back - s.delivery_extra <>"
        " COALESCE(SUM(l.unit_price * (l.quantity - l.cancelled_quantity - l.returned_quantity) - l.coupon_off), 0)",
    ),
    Invariant(
        "I53 a coupon takes off the kept pieces what was agreed for all of them, by their number, rounded down once",
        # Without a division, which databases round differently.
        "SELECT id, coupon_agreed, coupon_off FROM (SELECT id, quantity, unit_price, coupon_agreed, coupon_off,"
        " quantity - cancelled_quantity - returned_quantity AS kept FROM orders_shipmentline) lines_now"
        " WHERE coupon_off * quantity > coupon_agreed * kept OR (coupon_off + 1) * quantity <= coupon_agreed * kept"
        " OR coupon_agreed >= unit_price * quantity OR (kept > 0 AND coupon_off >= unit_price * kept)",
    ),
    Invariant(
        "I53 what a coupon took off an order's lines is what its use says, of a coupon of their seller",
        "SELECT s.id, s.coupon_id, l.taken, u.reduction FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id"
        " JOIN (SELECT shipment_id, SUM(coupon_agreed) AS taken FROM orders_shipmentline GROUP BY shipment_id) l"
        " ON l.shipment_id = s.id LEFT JOIN coupons_coupon c ON c.id = s.coupon_id"
        " LEFT JOIN coupons_couponuse u ON u.coupon_id = s.coupon_id AND u.order_number = o.number"
        " WHERE l.taken <> COALESCE(u.reduction, 0) OR c.seller_id <> s.seller_id OR u.person_id <> o.buyer_id"
        " OR (s.coupon_id IS NOT NULL AND u.id IS NULL)",
    ),
    Invariant(
        "I53 a use belongs to one shipment, and is given back exactly where that was cancelled",
        "SELECT u.id, u.given_back_at, COUNT(s.id), MAX(s.status) FROM coupons_couponuse u"
        " LEFT JOIN orders_order o ON o.number = u.order_number"
        " LEFT JOIN orders_shipment s ON s.order_id = o.id AND s.coupon_id = u.coupon_id"
        " GROUP BY u.id, u.given_back_at HAVING COUNT(s.id) <> 1"
        " OR (u.given_back_at IS NOT NULL AND MAX(s.status) <> 'cancelled')"
        " OR (u.given_back_at IS NULL AND MAX(s.status) = 'cancelled')",
    ),
    Invariant(
        "I54 the tax of a shipment's lines at a rate is what their sum contains, rounded half up once",
        # tax = gross * rate / (10000 + rate), without a division; as decimals, which do not overflow.
        "SELECT shipment_id, tax_rate, gross, tax FROM (SELECT shipment_id, tax_rate,"
        " CAST(SUM(tax) AS DECIMAL(30)) AS tax, CAST("
        "SUM(unit_price * (quantity - cancelled_quantity - returned_quantity) - coupon_off) AS DECIMAL(30)) AS gross"
        " FROM orders_shipmentline WHERE tax_rate IS NOT NULL GROUP BY shipment_id, tax_rate) taxed"
        " WHERE 2 * tax * (10000 + tax_rate) > 2 * gross * tax_rate + 10000 + tax_rate"
        " OR 2 * tax * (10000 + tax_rate) + 10000 + tax_rate <= 2 * gross * tax_rate",
    ),
    Invariant(
        "I54 no line has tax without a rate, more than it costs, or of a small business",
        "SELECT l.id FROM orders_shipmentline l JOIN orders_shipment s ON s.id = l.shipment_id WHERE l.tax < 0"
        " OR l.tax > l.unit_price * (l.quantity - l.cancelled_quantity - l.returned_quantity) - l.coupon_off"
        " OR (l.tax_rate IS NULL AND l.tax <> 0) OR (l.tax_rate IS NULL) <> (s.is_small_business OR"
        " s.delivery_tax_rate IS NULL)",
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
        " JOIN orders_order o ON o.id = s.order_id JOIN products_variant p ON p.id = l.variant_id"
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
        "SELECT variant_id, SUM(pieces) FROM (SELECT variant_id, quantity AS pieces FROM orders_shipmentline"
        " UNION ALL SELECT variant_id, delta FROM products_stockmove WHERE kind = 'sold') moves"
        " GROUP BY variant_id HAVING SUM(pieces) > 0",
    ),
    Invariant(
        "I16 what was cancelled or returned came back to the stock",
        "SELECT variant_id, SUM(pieces) FROM (SELECT variant_id, cancelled_quantity + returned_quantity AS pieces"
        " FROM orders_shipmentline UNION ALL SELECT variant_id, -delta FROM products_stockmove"
        " WHERE kind = 'restocked') moves GROUP BY variant_id HAVING SUM(pieces) > 0",
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
