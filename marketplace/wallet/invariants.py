"""What must always hold of money (docs/reliability.md §2): each SQL must return no row."""

# ruff: noqa: S608  constants of this module only
from marketplace.common.invariants import Invariant

# The rows of top-ups that really came, whichever way.
_CREDITS = """
    SELECT c.object_id AS top_up_id, c.balance_delta, c.wallet_id FROM wallet_transaction c
    JOIN django_content_type ct ON ct.id = c.content_type_id AND ct.app_label = 'wallet' AND ct.model = 'topup'
    WHERE c.balance_delta > 0
"""

INVARIANTS = [
    Invariant(
        "I1 every journal sums to zero",
        "SELECT journal, SUM(balance_delta + held_delta) FROM wallet_transaction"
        " GROUP BY journal HAVING SUM(balance_delta + held_delta) <> 0",
    ),
    Invariant(
        "I2 all wallets together sum to zero",
        "SELECT SUM(balance_delta + held_delta) FROM wallet_transaction"
        " HAVING SUM(balance_delta + held_delta) <> 0",
    ),
    Invariant(
        "I3 a wallet's balance is the sum of its rows",
        "SELECT w.id, w.balance, SUM(t.balance_delta) FROM wallet_wallet w"
        " LEFT JOIN wallet_transaction t ON t.wallet_id = w.id WHERE w.code IS NULL"
        " GROUP BY w.id, w.balance HAVING w.balance <> COALESCE(SUM(t.balance_delta), 0)",
    ),
    Invariant(
        "I4 what a wallet holds is the sum of its rows",
        "SELECT w.id, w.held_balance, SUM(t.held_delta) FROM wallet_wallet w"
        " LEFT JOIN wallet_transaction t ON t.wallet_id = w.id WHERE w.code IS NULL"
        " GROUP BY w.id, w.held_balance HAVING w.held_balance <> COALESCE(SUM(t.held_delta), 0)",
    ),
    Invariant(
        "I4 what a wallet holds is the sum of its open holds",
        "SELECT w.id, w.held_balance, SUM(h.amount - h.captured - h.released) FROM wallet_wallet w"
        " LEFT JOIN wallet_hold h ON h.wallet_id = w.id AND h.status = 'open'"
        " GROUP BY w.id, w.held_balance"
        " HAVING w.held_balance <> COALESCE(SUM(h.amount - h.captured - h.released), 0)",
    ),
    Invariant(
        "I5 balances lie between zero and 10^15",
        "SELECT id, balance, held_balance FROM wallet_wallet WHERE balance < 0 OR held_balance < 0"
        " OR balance > 1000000000000000 OR held_balance > 1000000000000000",
    ),
    Invariant(
        "I5 the store's own wallets are summed, not cached",
        "SELECT id, code FROM wallet_wallet WHERE code IS NOT NULL AND (balance <> 0 OR held_balance <> 0)",
    ),
    Invariant(
        "I6 a hold's parts add up",
        "SELECT id, status, amount, released, captured FROM wallet_hold WHERE amount < 1 OR released < 0"
        " OR captured < 0 OR (status = 'open' AND captured + released >= amount)"
        " OR (status = 'released' AND (captured <> 0 OR released <> amount))"
        " OR (status = 'captured' AND (captured < 1 OR captured + released <> amount))",
    ),
    Invariant(
        "I6 a hold's rows tell the same as the hold",
        "SELECT h.id, h.status, SUM(t.held_delta) FROM wallet_hold h"
        " LEFT JOIN wallet_transaction t ON t.hold_id = h.id"
        " GROUP BY h.id, h.status, h.amount, h.captured, h.released"
        " HAVING COALESCE(SUM(t.held_delta), 0) <> h.amount - h.captured - h.released",
    ),
    Invariant(
        "I6 what a hold paid on is what its rows paid",
        "SELECT h.id, h.captured, SUM(t.held_delta) FROM wallet_hold h"
        " LEFT JOIN wallet_transaction t ON t.hold_id = h.id AND t.held_delta < 0"
        " AND t.kind IN ('payment', 'payout')"
        " GROUP BY h.id, h.captured HAVING h.captured + COALESCE(SUM(t.held_delta), 0) <> 0",
    ),
    Invariant(
        "I49 what is kept in reserve has its day, and nothing else has",
        "SELECT h.id, h.kind FROM wallet_hold h LEFT JOIN wallet_reserve r ON r.hold_id = h.id"
        " WHERE (h.kind = 'reserve' AND r.hold_id IS NULL) OR (h.kind <> 'reserve' AND r.hold_id IS NOT NULL)",
    ),
    Invariant(
        "I7 a purpose has one open hold, a closed hold no purpose",
        "SELECT id, status, open_key FROM wallet_hold WHERE (status = 'open' AND open_key IS NULL)"
        " OR (status <> 'open' AND open_key IS NOT NULL)",
    ),
    Invariant(
        "I8 no row of the ledger was changed or is missing: balances after follow from the rows before",
        "SELECT id, wallet_id, balance_after, held_after FROM ("
        " SELECT t.id, t.wallet_id, t.balance_after, t.held_after,"
        " SUM(t.balance_delta) OVER (PARTITION BY t.wallet_id ORDER BY t.id) AS balance_sum,"
        " SUM(t.held_delta) OVER (PARTITION BY t.wallet_id ORDER BY t.id) AS held_sum"
        " FROM wallet_transaction t JOIN wallet_wallet w ON w.id = t.wallet_id AND w.code IS NULL) rows_so_far"
        " WHERE balance_after IS NULL OR held_after IS NULL"
        " OR balance_after <> balance_sum OR held_after <> held_sum",
    ),
    Invariant(
        "I9 a payment that came was credited once, in full, to its wallet",
        "SELECT p.id, p.status, COUNT(c.top_up_id) FROM wallet_topup p"
        f" LEFT JOIN ({_CREDITS}) c ON c.top_up_id = p.id AND c.balance_delta = p.amount"
        " AND c.wallet_id = p.wallet_id"
        " GROUP BY p.id, p.status"
        " HAVING COUNT(c.top_up_id) <> CASE WHEN p.status = 'succeeded' THEN 1 ELSE 0 END",
    ),
    Invariant(
        "I9 no credit without its payment",
        f"SELECT c.top_up_id FROM ({_CREDITS}) c LEFT JOIN wallet_topup p ON p.id = c.top_up_id"
        " AND p.amount = c.balance_delta AND p.wallet_id = c.wallet_id WHERE p.id IS NULL",
    ),
    Invariant(
        "I35 a payment that came was told once",
        "SELECT p.id, p.status, COUNT(n.id) FROM wallet_topup p"
        " JOIN wallet_wallet w ON w.id = p.wallet_id"
        " LEFT JOIN (notifications_notification n JOIN django_content_type ct ON ct.id = n.content_type_id"
        " AND ct.app_label = 'wallet' AND ct.model = 'topup')"
        " ON n.object_id = p.id AND n.recipient_id = w.owner_id AND n.kind = 'wallet_topped_up'"
        " GROUP BY p.id, p.status HAVING COUNT(n.id) <> CASE WHEN p.status = 'succeeded' THEN 1 ELSE 0 END",
    ),
    Invariant(
        "I35 nobody is told of a payment that is not there",
        "SELECT n.id FROM notifications_notification n JOIN django_content_type ct ON ct.id = n.content_type_id"
        " LEFT JOIN wallet_topup p ON p.id = n.object_id"
        " WHERE ct.app_label = 'wallet' AND ct.model = 'topup' AND p.id IS NULL",
    ),
    Invariant(
        "I40 the key of a payment has its payment",
        "SELECT f.result, COUNT(p.id) FROM common_formkey f LEFT JOIN wallet_topup p ON p.public_id = f.result"
        " WHERE f.action = 'top_up' GROUP BY f.result HAVING COUNT(p.id) <> 1",
    ),
]
