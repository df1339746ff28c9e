"""The pages of the back office."""

from .looks import ADMIN, Shown, shown, the_shipment

PAGES: dict[str, Shown] = {
    "backoffice:home": shown(ADMIN),
    "backoffice:deliveries": shown(
        ADMIN, query=("", "trouble=locked", "status=placed&trouble=failed", "q=nothing", "status=delivered")
    ),
    "backoffice:shipment": shown(ADMIN, address=the_shipment("failed"), query=("", "trouble=failed")),
    "backoffice:couriers": shown(ADMIN, query=("", "suspended=1", "q=nobody")),
    "backoffice:sweeps": shown(ADMIN),
}
