"""What must always hold of payouts (docs/reliability.md §2): each SQL must return no row."""

# ruff: noqa: S608  constants of this module only
from marketplace.common.invariants import Invariant

_TYPE = "JOIN django_content_type ct ON ct.app_label = 'payouts' AND ct.model = 'payout'"
_SETTLING = "('requested', 'approved', 'sent')"

INVARIANTS = [
    Invariant(
        "I43 a payout has one hold, of its amount and of its owner's wallet, that stands as the payout does",
        f"SELECT p.id, p.status, COUNT(h.id) FROM payouts_payout p {_TYPE}"
        " JOIN wallet_wallet w ON w.owner_id = p.owner_id"
        " LEFT JOIN wallet_hold h ON h.content_type_id = ct.id AND h.object_id = p.id AND h.kind = 'payout'"
        " AND h.amount = p.amount AND h.wallet_id = w.id AND h.status = CASE"
        " WHEN p.status IN ('requested', 'approved') THEN 'open'"
        " WHEN p.status IN ('sent', 'came_back') THEN 'captured' ELSE 'released' END"
        " GROUP BY p.id, p.status HAVING COUNT(h.id) <> 1",
    ),
    Invariant(
        "I43 no payout's hold without its payout",
        "SELECT h.id FROM wallet_hold h"
        " JOIN django_content_type ct ON ct.id = h.content_type_id"
        " AND ct.app_label = 'payouts' AND ct.model = 'payout'"
        " LEFT JOIN payouts_payout p ON p.id = h.object_id WHERE p.id IS NULL",
    ),
    Invariant(
        "I44 the entries that a payout settles sum to its amount",
        "SELECT p.id, p.amount, SUM(l.amount) FROM payouts_payout p"
        " LEFT JOIN payouts_payoutline l ON l.payout_id = p.id"
        " GROUP BY p.id, p.amount HAVING p.amount <> COALESCE(SUM(l.amount), 0)",
    ),
    Invariant(
        "I44 no entry is settled twice: all payouts together take no more than it earned",
        "SELECT t.id, t.balance_delta, SUM(l.amount) FROM payouts_payoutline l"
        f" JOIN payouts_payout p ON p.id = l.payout_id AND p.status IN {_SETTLING}"
        " JOIN wallet_transaction t ON t.id = l.entry_id"
        " GROUP BY t.id, t.balance_delta HAVING SUM(l.amount) > t.balance_delta",
    ),
    Invariant(
        "I44 what a payout settles, its owner earned",
        "SELECT l.id FROM payouts_payoutline l JOIN payouts_payout p ON p.id = l.payout_id"
        " JOIN wallet_transaction t ON t.id = l.entry_id JOIN wallet_wallet w ON w.id = t.wallet_id"
        " WHERE w.owner_id IS NULL OR w.owner_id <> p.owner_id OR t.kind <> 'payment' OR t.balance_delta < 1"
        " OR l.amount < 1",
    ),
    Invariant(
        "I45 what was sent left the store once, what came back came back once",
        f"SELECT p.id, p.status FROM payouts_payout p {_TYPE}"
        " JOIN wallet_wallet w ON w.owner_id = p.owner_id"
        " LEFT JOIN wallet_transaction t ON t.content_type_id = ct.id AND t.object_id = p.id"
        " AND t.kind = 'payout' AND t.wallet_id = w.id"
        " GROUP BY p.id, p.status, p.amount"
        " HAVING COALESCE(SUM(t.held_delta), 0) <> CASE WHEN p.status IN ('sent', 'came_back')"
        " THEN -p.amount ELSE 0 END"
        " OR COALESCE(SUM(t.balance_delta), 0) <> CASE WHEN p.status = 'came_back' THEN p.amount ELSE 0 END"
        " OR COUNT(t.id) <> CASE p.status WHEN 'sent' THEN 1 WHEN 'came_back' THEN 2 ELSE 0 END",
    ),
    Invariant(
        "I45 no money leaves the store without its payout",
        "SELECT t.id FROM wallet_transaction t"
        " LEFT JOIN django_content_type ct ON ct.id = t.content_type_id"
        " LEFT JOIN payouts_payout p ON p.id = t.object_id"
        " WHERE t.kind = 'payout' AND (ct.id IS NULL OR ct.app_label <> 'payouts' OR ct.model <> 'payout'"
        " OR p.id IS NULL)",
    ),
    Invariant(
        "I45 a payout's steps end where it stands, and begin where it was asked for",
        "SELECT p.id, p.status FROM payouts_payout p"
        " LEFT JOIN payouts_payoutevent e ON e.payout_id = p.id"
        " GROUP BY p.id, p.status HAVING SUM(CASE WHEN e.status = p.status THEN 1 ELSE 0 END) <> 1"
        " OR SUM(CASE WHEN e.status = 'requested' THEN 1 ELSE 0 END) <> 1"
        " OR SUM(CASE WHEN e.status = 'approved' THEN 1 ELSE 0 END)"
        " < CASE WHEN p.status IN ('approved', 'sent', 'came_back') THEN 1 ELSE 0 END",
    ),
    Invariant(
        "I45 nobody decides about their own payout",
        "SELECT e.id FROM payouts_payoutevent e JOIN payouts_payout p ON p.id = e.payout_id"
        " WHERE e.actor_id = p.owner_id AND e.status IN ('approved', 'declined', 'sent', 'came_back')",
    ),
    Invariant(
        "I48 what a provider sent is what was noted as sent, under its own name",
        "SELECT p.id, p.status, t.reference FROM payouts_payout p"
        " JOIN payouts_payoutaddress a ON a.id = p.address_id"
        " LEFT JOIN payouts_payouttransfer t ON t.payout_id = p.id"
        " WHERE (a.provider = 'manual' AND t.payout_id IS NOT NULL)"
        " OR (a.provider <> 'manual' AND p.status IN ('sent', 'came_back')"
        " AND (t.reference IS NULL OR t.reference <> p.reference))"
        " OR (p.status NOT IN ('sent', 'came_back') AND t.reference IS NOT NULL)",
    ),
    Invariant(
        "I48 while a provider may have sent it, a payout waits",
        "SELECT p.id, p.status FROM payouts_payout p JOIN payouts_payouttransfer t ON t.payout_id = p.id"
        " WHERE t.asked_at IS NOT NULL AND p.status NOT IN ('approved', 'sent', 'came_back')",
    ),
    Invariant(
        "I40 the key of a payout has its payout",
        "SELECT f.result, COUNT(p.id) FROM common_formkey f"
        " LEFT JOIN payouts_payout p ON p.public_id = f.result"
        " WHERE f.action = 'payout' GROUP BY f.result HAVING COUNT(p.id) <> 1",
    ),
    Invariant(
        "I46 a batch is the sum of its payouts, and each of them was approved",
        "SELECT b.id, b.total, SUM(p.amount) FROM payouts_payoutbatch b"
        " LEFT JOIN payouts_withdrawnpayout x ON x.batch_id = b.id"
        " LEFT JOIN payouts_payout p ON p.batch_id = b.id OR p.id = x.payout_id"
        " GROUP BY b.id, b.total, b.payout_count HAVING COALESCE(SUM(p.amount), 0) <> b.total"
        " OR COUNT(p.id) <> b.payout_count"
        " OR SUM(CASE WHEN p.status IN ('requested', 'cancelled') THEN 1 ELSE 0 END) > 0",
    ),
    Invariant(
        "I46 what was withdrawn holds no payout any more, and nothing else was taken out",
        "SELECT b.id, p.id FROM payouts_payoutbatch b JOIN payouts_payout p ON p.batch_id = b.id"
        " WHERE b.withdrawn_at IS NOT NULL"
        " UNION ALL SELECT b.id, x.payout_id FROM payouts_withdrawnpayout x"
        " JOIN payouts_payoutbatch b ON b.id = x.batch_id WHERE b.withdrawn_at IS NULL",
    ),
    Invariant(
        "I46 of a batch that was sent nothing waits",
        "SELECT p.id FROM payouts_payoutbatch b JOIN payouts_payout p ON p.batch_id = b.id"
        " WHERE b.sent_at IS NOT NULL AND p.status = 'approved'",
    ),
    Invariant(
        "I46 the numbers of a series have no gap",
        "SELECT s.id, s.last, COUNT(b.id) FROM common_numberseries s"
        " LEFT JOIN payouts_payoutbatch b ON b.number <= s.last WHERE s.name = 'payout batch'"
        " GROUP BY s.id, s.last HAVING COUNT(b.id) <> s.last",
    ),
]
