"""The pages of the back office."""

from .looks import ADMIN, Shown, shown, the_shipment

PAGES: dict[str, Shown] = {
    "backoffice:home": shown(ADMIN),
    "backoffice:deliveries": shown(
        ADMIN, query=("", "trouble=locked", "status=placed&trouble=failed", "q=nothing", "status=delivered")
    ),
    "backoffice:shipment": shown(ADMIN, address=the_shipment("failed"), query=("", "trouble=failed")),
    "backoffice:reviews": shown(
        ADMIN, query=("", "kind=courier_application", "mine=1", "kind=seller_application&mine=1")
    ),
    "backoffice:review": shown(
        ADMIN,
        address=lambda world: {"public_id": world.submission.public_id},
        query=("", "kind=seller_application"),
    ),
    "backoffice:payouts": shown(ADMIN, query=("", "status=sent", "q=nobody")),
    "backoffice:payout_batches": shown(ADMIN),
    "backoffice:payout_batch": shown(ADMIN, address=lambda world: {"public_id": world.batch.public_id}),
    "backoffice:payout": shown(ADMIN, address=lambda world: {"public_id": world.payout.public_id}),
    "backoffice:shops": shown(ADMIN, query=("", "closed=1", "q=nobody")),
    "backoffice:shop": shown(ADMIN, address=lambda world: {"slug": world.seller.seller_profile.slug}),
    "backoffice:couriers": shown(ADMIN, query=("", "suspended=1", "q=nobody")),
    "backoffice:events": shown(ADMIN),
    "backoffice:rates": shown(ADMIN),
    "backoffice:tax": shown(ADMIN),
    "backoffice:invoices": shown(ADMIN, query=("", "month=2026-11", "q=nobody")),
    "backoffice:sweeps": shown(ADMIN),
}

NOT_PAGES: dict[str, str] = {
    "backoffice:invoice_pdf": "a PDF",
    "backoffice:payout_batch_file": "a file for the bank",
}
