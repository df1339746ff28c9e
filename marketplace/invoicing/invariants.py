"""What must always hold of invoices (docs/reliability.md §2): each SQL must return no row."""

from marketplace.common.invariants import Invariant

INVARIANTS = [
    Invariant(
        "I47 an invoice is the sum of its settlements, all of its own seller",
        "SELECT i.id, i.fee, SUM(s.fee), i.delivery, SUM(s.delivery) FROM invoicing_commissioninvoice i"
        " LEFT JOIN invoicing_invoiceline l ON l.invoice_id = i.id"
        " LEFT JOIN orders_settlement s ON s.id = l.settlement_id"
        " LEFT JOIN orders_shipment p ON p.id = s.shipment_id AND p.seller_id = i.seller_id"
        " GROUP BY i.id, i.fee, i.delivery, i.gross HAVING COALESCE(SUM(s.fee), 0) <> i.fee"
        " OR COALESCE(SUM(s.delivery), 0) <> i.delivery"
        " OR COALESCE(SUM(s.gross), 0) <> i.gross OR COUNT(p.id) <> COUNT(l.id)",
    ),
    Invariant(
        "I47 a fee waits for its invoice until one counts it",
        "SELECT s.id FROM orders_settlement s LEFT JOIN invoicing_invoiceline l ON l.settlement_id = s.id"
        " WHERE (l.id IS NOT NULL AND s.waits_for_invoice IS NOT NULL)"
        " OR (l.id IS NULL AND s.fee + s.delivery > 0 AND s.waits_for_invoice IS NULL)",
    ),
    Invariant(
        "I47 the numbers of a year have no gap",
        "SELECT i.year, MAX(i.serial), COUNT(i.id) FROM invoicing_commissioninvoice i"
        " GROUP BY i.year HAVING MAX(i.serial) <> COUNT(i.id) OR MIN(i.serial) <> 1",
    ),
]
