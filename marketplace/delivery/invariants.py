"""What must always hold of jobs, tries and proofs (docs/reliability.md §2): each returns no row."""

# ruff: noqa: S608  constants of this module and a number of the settings only
from django.conf import settings

from marketplace.common.invariants import Invariant

from .states import GOES_BACK_AT_ONCE, MAX_ATTEMPTS, MAX_TRIES

_AT_ONCE = ", ".join(f"'{reason}'" for reason in GOES_BACK_AT_ONCE)
# What a shipment's own way is; a return is another one.
_OWN = "delivery_consignment c ON c.shipment_id = s.id AND c.kind = 'shipment'"
# The newest proof of a consignment: who takes the parcel says its PIN.
_RECEIVERS = (
    "delivery_proof p ON p.consignment_id = c.id AND p.purpose = 'delivery' AND p.current_key IS NOT NULL"
)
_SENDERS = (
    "delivery_proof p ON p.consignment_id = c.id AND p.purpose = 'return' AND p.current_key IS NOT NULL"
)
_USED = "COALESCE(p.status, '') IN ('confirmed', 'bypassed')"
_WAITS = "COALESCE(p.status, '') IN ('issued', 'locked')"
# What couriers got, as its own journal; before wallets were locked together, for a return in the journal that
# released the hold.
_EARNED = """
    SELECT t.object_id AS delivery_id, t.balance_delta AS amount FROM wallet_transaction t
    JOIN django_content_type ct ON ct.id = t.content_type_id AND ct.app_label = 'delivery' AND ct.model = 'delivery'
    JOIN wallet_wallet w ON w.id = t.wallet_id WHERE w.owner_id IS NOT NULL AND t.kind = 'payment'
    UNION ALL SELECT d.id, t.balance_delta FROM delivery_delivery d
    JOIN django_content_type ct ON ct.app_label = 'orders' AND ct.model = 'shipment'
    JOIN delivery_consignment c ON c.id = d.consignment_id AND c.kind = 'shipment'
    JOIN wallet_hold h ON h.content_type_id = ct.id AND h.object_id = c.shipment_id
    JOIN wallet_transaction t ON t.hold_id = h.id AND t.kind = 'payment'
    JOIN wallet_wallet w ON w.id = t.wallet_id AND w.owner_id = d.courier_id WHERE d.status = 'returned'
"""

# What a job earns, as it stands.
_FEES = (
    "CASE d.status WHEN 'delivered' THEN d.fee + d.extra_fee"
    " WHEN 'returned' THEN d.fee + d.back_fee + d.extra_fee ELSE 0 END"
)

INVARIANTS = [
    Invariant(
        "I27 a consignment is named by its kind, and goes between its order's buyer and seller",
        "SELECT c.id, c.key FROM delivery_consignment c JOIN orders_shipment s ON s.id = c.shipment_id"
        " JOIN orders_order o ON o.id = s.order_id WHERE SUBSTR(c.key, 1, LENGTH(c.kind)) <> c.kind"
        " OR (c.kind = 'shipment' AND (CAST(SUBSTR(c.key, 10) AS DECIMAL(20, 0)) <> s.id OR c.number <> s.number"
        " OR c.sender_id <> s.seller_id))"
        " OR NOT ((c.sender_id = s.seller_id AND c.receiver_id = o.buyer_id)"
        " OR (c.sender_id = o.buyer_id AND c.receiver_id = s.seller_id))",
    ),
    Invariant(
        "I27 a shipment that somebody has in hand has one live job at the same step, no other has one",
        f"SELECT s.id, s.status, d.status FROM orders_shipment s LEFT JOIN {_OWN}"
        " LEFT JOIN delivery_delivery d ON d.live_key = c.id"
        " WHERE COALESCE(d.status, '') <> CASE s.status WHEN 'processing' THEN 'claimed'"
        " WHEN 'shipped' THEN 'carrying' WHEN 'returning' THEN 'returning' ELSE '' END",
    ),
    Invariant(
        "I27 a job's key is its consignment's, for as long as it lives",
        "SELECT id, status, live_key FROM delivery_delivery WHERE live_key <> consignment_id"
        " OR (status IN ('claimed', 'carrying', 'returning')) <> (live_key IS NOT NULL)",
    ),
    Invariant(
        "I27 nobody has more parcels at a time than one may",
        "SELECT courier_id, COUNT(*) FROM delivery_delivery WHERE slot_key IS NOT NULL"
        f" GROUP BY courier_id HAVING COUNT(*) > {settings.COURIER_MAX_ACTIVE}",
    ),
    Invariant(
        "I27 a shipment's courier is who has it, or who brought it",
        f"SELECT s.id, s.courier_id, d.courier_id FROM orders_shipment s JOIN {_OWN}"
        " JOIN delivery_delivery d ON d.consignment_id = c.id"
        " WHERE (d.live_key IS NOT NULL OR d.status IN ('delivered', 'returned'))"
        " AND (s.courier_id IS NULL OR s.courier_id <> d.courier_id)"
        " UNION ALL SELECT id, courier_id, NULL FROM orders_shipment"
        " WHERE status = 'placed' AND courier_id IS NOT NULL",
    ),
    Invariant(
        "I28 nobody carries what they send or receive",
        "SELECT d.id FROM delivery_delivery d JOIN delivery_consignment c ON c.id = d.consignment_id"
        " WHERE d.sender_id <> c.sender_id OR d.receiver_id <> c.receiver_id"
        " OR d.courier_id IN (c.sender_id, c.receiver_id)",
    ),
    Invariant(
        "I20 a consignment is brought once, and nobody carries it afterwards",
        "SELECT c.id, COUNT(d.id) FROM delivery_consignment c JOIN delivery_delivery d ON d.consignment_id = c.id"
        " GROUP BY c.id HAVING SUM(CASE WHEN d.status IN ('delivered', 'returned') THEN 1 ELSE 0 END) > 1"
        " OR (SUM(CASE WHEN d.status IN ('delivered', 'returned') THEN 1 ELSE 0 END) = 1 AND COUNT(d.live_key) > 0)",
    ),
    Invariant(
        "I20 the last job of a shipment ended as its way did",
        f"SELECT s.id, s.status, COUNT(d.id) FROM orders_shipment s LEFT JOIN {_OWN} LEFT JOIN delivery_delivery d"
        " ON d.consignment_id = c.id AND d.status IN ('delivered', 'returned') GROUP BY s.id, s.status"
        " HAVING COUNT(d.id) <> CASE WHEN s.status IN ('delivered', 'completed', 'returned') THEN 1 ELSE 0 END"
        " OR (COUNT(d.id) = 1 AND (MIN(d.status) = 'returned') <> (s.status = 'returned'))",
    ),
    Invariant(
        "I20 what failed three times, or was refused or damaged, goes back",
        "SELECT d.id, d.status FROM delivery_delivery d JOIN delivery_attempt a ON a.consignment_id = d.consignment_id"
        " WHERE d.status = 'carrying' AND a.outcome = 'failed' GROUP BY d.id, d.status"
        f" HAVING COUNT(*) >= {MAX_ATTEMPTS} OR SUM(CASE WHEN a.reason IN ({_AT_ONCE}) THEN 1 ELSE 0 END) > 0",
    ),
    Invariant(
        "I21 a job's moments are in order, and it has those of its way",
        "SELECT id, status FROM delivery_delivery WHERE picked_up_at < claimed_at OR ended_at < claimed_at"
        " OR ended_at < picked_up_at"
        " OR (status IN ('carrying', 'delivered', 'returning', 'returned') AND picked_up_at IS NULL)"
        " OR (status IN ('claimed', 'given_back', 'cancelled') AND picked_up_at IS NOT NULL)",
    ),
    Invariant(
        "I21 a try at the door is made by who has the parcel, while they have it",
        "SELECT a.id FROM delivery_attempt a JOIN delivery_delivery d ON d.id = a.delivery_id"
        " WHERE a.consignment_id <> d.consignment_id OR d.picked_up_at IS NULL OR a.at < d.picked_up_at"
        " OR a.at > d.ended_at",
    ),
    Invariant(
        "I29 what was delivered has one try that succeeded, nothing else has one",
        "SELECT c.id, c.key FROM delivery_consignment c WHERE"
        " (SELECT COUNT(*) FROM delivery_attempt a WHERE a.consignment_id = c.id AND a.outcome = 'succeeded') <>"
        " (SELECT COUNT(*) FROM delivery_delivery d WHERE d.consignment_id = c.id AND d.status = 'delivered')",
    ),
    Invariant(
        "I29 a job is delivered exactly when its receiver's proof was used",
        f"SELECT c.id, c.key, p.status FROM delivery_consignment c LEFT JOIN {_RECEIVERS}"
        f" WHERE ({_USED}) <> EXISTS (SELECT 1 FROM delivery_delivery d"
        " WHERE d.consignment_id = c.id AND d.status = 'delivered')",
    ),
    Invariant(
        "I29 a job is back exactly when its sender's proof was used",
        f"SELECT c.id, c.key, p.status FROM delivery_consignment c LEFT JOIN {_SENDERS}"
        f" WHERE ({_USED}) <> EXISTS (SELECT 1 FROM delivery_delivery d"
        " WHERE d.consignment_id = c.id AND d.status = 'returned')",
    ),
    Invariant(
        "I29 a receiver's proof is waited for exactly while it is carried to them, a sender's on the way back",
        f"SELECT c.id, c.key, p.status FROM delivery_consignment c LEFT JOIN {_RECEIVERS}"
        f" WHERE ({_WAITS}) <> EXISTS (SELECT 1 FROM delivery_delivery d"
        " WHERE d.consignment_id = c.id AND d.status = 'carrying')"
        f" UNION ALL SELECT c.id, c.key, p.status FROM delivery_consignment c LEFT JOIN {_SENDERS}"
        f" WHERE ({_WAITS}) <> EXISTS (SELECT 1 FROM delivery_delivery d"
        " WHERE d.consignment_id = c.id AND d.status = 'returning')",
    ),
    Invariant(
        "I29 a proof is used by the courier of its job, or bypassed by somebody else who says why",
        "SELECT p.id, p.status, p.used_by_id FROM delivery_proof p"
        " LEFT JOIN delivery_delivery d ON d.id = p.delivery_id WHERE p.status IN ('confirmed', 'bypassed')"
        " AND (d.id IS NULL OR d.consignment_id <> p.consignment_id OR p.used_at < p.issued_at"
        " OR (p.status = 'confirmed' AND (p.used_by_id <> d.courier_id OR p.method NOT IN ('pin', 'qr')))"
        " OR (p.status = 'bypassed' AND (p.used_by_id = d.courier_id OR p.method <> 'bypass'"
        " OR p.reason = '' OR p.photo = '')))",
    ),
    Invariant(
        "I29 the newest proof is the one that counts, and those before are replaced",
        "SELECT p.id, p.status, p.current_key FROM delivery_proof p"
        " WHERE (p.status = 'replaced') <> (p.current_key IS NULL)"
        " OR (p.current_key IS NOT NULL AND EXISTS (SELECT 1 FROM delivery_proof n"
        " WHERE n.consignment_id = p.consignment_id AND n.purpose = p.purpose AND n.issue > p.issue))",
    ),
    Invariant(
        "I30 a proof's wrong tries are those that were written, five at most, and five lock it",
        "SELECT p.id, p.status, p.tries, COUNT(t.id) FROM delivery_proof p LEFT JOIN delivery_prooftry t"
        " ON t.proof_id = p.id AND NOT t.right GROUP BY p.id, p.status, p.tries"
        f" HAVING COUNT(t.id) <> p.tries OR p.tries > {MAX_TRIES}"
        f" OR (p.status = 'locked' AND p.tries <> {MAX_TRIES})"
        f" OR (p.status IN ('issued', 'confirmed') AND p.tries >= {MAX_TRIES})",
    ),
    Invariant(
        "I30 a proof is confirmed with one right try, no other has one",
        "SELECT p.id, p.status, COUNT(t.id) FROM delivery_proof p LEFT JOIN delivery_prooftry t"
        " ON t.proof_id = p.id AND t.right GROUP BY p.id, p.status"
        " HAVING COUNT(t.id) <> CASE WHEN p.status = 'confirmed' THEN 1 ELSE 0 END",
    ),
    Invariant(
        "I30 a code is tried by a courier who has or had the parcel",
        "SELECT t.id, t.courier_id FROM delivery_prooftry t JOIN delivery_proof p ON p.id = t.proof_id"
        " WHERE NOT EXISTS (SELECT 1 FROM delivery_delivery d"
        " WHERE d.consignment_id = p.consignment_id AND d.courier_id = t.courier_id)",
    ),
    Invariant(
        "I11 a courier got the fee of what they brought, once, and for nothing else",
        "SELECT d.id, d.status, d.fee, SUM(e.amount) FROM delivery_delivery d"
        f" LEFT JOIN ({_EARNED}) e ON e.delivery_id = d.id GROUP BY d.id, d.status, d.fee, d.back_fee,"
        f" d.extra_fee HAVING COALESCE(SUM(e.amount), 0) <> {_FEES}",
    ),
    Invariant(
        "I11 nobody pays more for further tries and waiting than its courier earned by them",
        "SELECT s.id, s.delivery_extra, SUM(d.extra_fee) FROM orders_shipment s"
        f" LEFT JOIN {_OWN} LEFT JOIN delivery_delivery d ON d.consignment_id = c.id"
        " GROUP BY s.id, s.delivery_extra HAVING s.delivery_extra > COALESCE(SUM(d.extra_fee), 0)"
        " UNION ALL SELECT id, extra_fee, fee FROM delivery_delivery"
        " WHERE extra_fee > 0 AND status NOT IN ('delivered', 'returned')",
    ),
    Invariant(
        "I11 what is held of a courier's earning is of a job of theirs that is done, all of it, once",
        "SELECT h.id, h.amount FROM wallet_hold h JOIN wallet_wallet w ON w.id = h.wallet_id"
        " JOIN django_content_type ct ON ct.id = h.content_type_id"
        " LEFT JOIN delivery_delivery d ON d.id = h.object_id AND ct.app_label = 'delivery' AND ct.model = 'delivery'"
        " WHERE h.kind = 'earning' AND (d.id IS NULL OR d.courier_id <> w.owner_id"
        f" OR h.amount <> {_FEES})"
        " UNION ALL SELECT object_id, COUNT(*) FROM wallet_hold WHERE kind = 'earning'"
        " GROUP BY object_id HAVING COUNT(*) > 1",
    ),
    Invariant(
        "I35 a pick-up, a delivery and a return were told to the buyer once, when they happened",
        "SELECT id, status, shipped, delivered, returned FROM (SELECT s.id, s.status, s.picked_up_at,"
        " SUM(CASE WHEN n.kind = 'order_shipped' THEN 1 ELSE 0 END) AS shipped,"
        " SUM(CASE WHEN n.kind IN ('order_delivered', 'proof_bypassed') THEN 1 ELSE 0 END) AS delivered,"
        " SUM(CASE WHEN n.kind = 'parcel_returned' THEN 1 ELSE 0 END) AS returned"
        " FROM orders_shipment s JOIN orders_order o ON o.id = s.order_id"
        " JOIN django_content_type ct ON ct.app_label = 'orders' AND ct.model = 'shipment'"
        " LEFT JOIN notifications_notification n ON n.content_type_id = ct.id AND n.object_id = s.id"
        " AND n.recipient_id = o.buyer_id GROUP BY s.id, s.status, s.picked_up_at) told"
        " WHERE shipped <> CASE WHEN picked_up_at IS NULL THEN 0 ELSE 1 END"
        " OR delivered <> CASE WHEN status IN ('delivered', 'completed') THEN 1 ELSE 0 END"
        " OR returned <> CASE WHEN status = 'returned' THEN 1 ELSE 0 END",
    ),
]
