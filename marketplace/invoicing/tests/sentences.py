"""What sellers read about invoices."""

from marketplace.invoicing.notices import INVOICE_WRITTEN

# Kind, extra data, the sentence.
EACH = [
    (
        INVOICE_WRITTEN,
        {"number": "2090-000001", "amount": 201},
        "Invoice 2090-000001 is there: the store kept €2.01 of your sales.",
    ),
]
