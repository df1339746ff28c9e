"""What each kind of notification says, where it leads and what it may carry.

A new kind: a member of `models.Kind`, an entry here, a test of its sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.common.money import format_money

from .models import Kind

Extra = Mapping[str, object]


@dataclass(frozen=True)
class KindOfNotice:
    """How one kind is shown. `needs` must be in its extra data, `allows` may be, nothing else is taken."""

    icon: str
    sentence: Callable[[Extra], str]
    link: Callable[[Extra], str]
    needs: frozenset[str]
    allows: frozenset[str] = frozenset()

    def check(self, extra: Extra) -> None:
        """Raise ValueError unless `extra` has what this kind needs and nothing that it does not know."""
        missing, unknown = self.needs - extra.keys(), extra.keys() - self.needs - self.allows
        if missing or unknown:
            raise ValueError(f"extra data: missing {sorted(missing)}, unknown {sorted(unknown)}")


def _order_created(extra: Extra) -> str:
    return _("Your order %(number)s is placed. %(total)s is held until it has arrived.") % {
        "number": extra["number"],
        "total": format_money(extra["total"]),
    }


def _sale_made(extra: Extra) -> str:
    pieces = int(extra.get("pieces", 0))
    if not pieces:
        return _("You sold something for %(total)s.") % {"total": format_money(extra["total"])}
    return ngettext(
        "You sold %(pieces)d piece for %(total)s. Please pack it.",
        "You sold %(pieces)d pieces for %(total)s. Please pack them.",
        pieces,
    ) % {"pieces": pieces, "total": format_money(extra["total"])}


def _wallet_topped_up(extra: Extra) -> str:
    return _("%(amount)s arrived in your wallet.") % {"amount": format_money(extra["amount"])}


def _shipment_cancelled(extra: Extra) -> str:
    amount, reason = format_money(extra["amount"]), extra.get("reason")
    if extra.get("seller"):
        told = _("Goods of yours for %(amount)s in order %(number)s were cancelled.")
    else:
        told = _("Part of your order %(number)s was cancelled. %(amount)s is free in your wallet again.")
    told %= {"number": extra["number"], "amount": amount}
    return _("%(told)s Reason: %(reason)s") % {"told": told, "reason": reason} if reason else told


def _to_order(extra: Extra) -> str:
    """The buyer's page of the order; a seller, who may not see it, goes to the workspace."""
    if extra.get("seller"):
        return _to_workspace(extra)
    return reverse("shop:order_detail", args=[extra["number"]])


def _to_workspace(extra: Extra) -> str:
    return reverse("seller_dashboard:home")


KINDS: dict[str, KindOfNotice] = {
    Kind.ORDER_CREATED: KindOfNotice(
        icon="box",
        sentence=_order_created,
        link=_to_order,
        needs=frozenset({"number", "total"}),
        allows=frozenset({"shipments"}),
    ),
    Kind.SALE_MADE: KindOfNotice(
        icon="tag",
        sentence=_sale_made,
        link=_to_workspace,
        needs=frozenset({"number", "total"}),
        allows=frozenset({"shipment", "pieces"}),
    ),
    Kind.WALLET_TOPPED_UP: KindOfNotice(
        icon="wallet",
        sentence=_wallet_topped_up,
        link=lambda extra: reverse("shop:wallet"),
        needs=frozenset({"amount"}),
        allows=frozenset({"number"}),
    ),
    Kind.SHIPMENT_CANCELLED: KindOfNotice(
        icon="return",
        sentence=_shipment_cancelled,
        link=_to_order,
        needs=frozenset({"number", "amount"}),
        allows=frozenset({"shipment", "seller", "reason", "pieces"}),
    ),
}
