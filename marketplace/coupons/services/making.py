"""A seller makes a coupon, changes what it says, stops it and starts it again."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.accounts.models import User
from marketplace.common import clock, idempotency
from marketplace.common.authorisation import Actor, authorize
from marketplace.common.cleaning import clean_code, is_code
from marketplace.common.errors import Invalid
from marketplace.common.locking import lock_row
from marketplace.common.money import BASIS_POINTS, MAX_MONEY
from marketplace.common.transactions import service
from marketplace.coupons.models import Coupon
from marketplace.coupons.shown import require_as_shown

MOST_USES = 1_000_000


@dataclass(frozen=True)
class CouponTerms:
    """What a coupon says (models.Coupon has the meaning of each), in minor units, 1/100 % and UTC.

    `starts_at` None is now, or for a change: as it was.
    """

    percent_bps: int | None = None
    amount: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    most_uses: int | None = None
    most_a_person: int | None = None
    smallest_cart: int = 0

    def __post_init__(self) -> None:
        """Raises `Invalid` with the field that no coupon can have."""
        if (self.percent_bps is None) == (self.amount is None):
            raise Invalid(_("Give a percentage or an amount, not both."), field="percent_bps")
        if self.percent_bps is not None and not 0 < self.percent_bps < BASIS_POINTS:
            raise Invalid(_("The percentage is more than 0 and less than 100."), field="percent_bps")
        for name, least in (("amount", 1), ("smallest_cart", 0)):
            value = getattr(self, name)
            if value is not None and not least <= value <= MAX_MONEY:
                raise Invalid(_("That is no amount that a coupon can have."), field=name)
        for name in ("most_uses", "most_a_person"):
            value = getattr(self, name)
            if value is not None and not 1 <= value <= MOST_USES:
                raise Invalid(_("Choose between 1 and %(most)d.") % {"most": MOST_USES}, field=name)
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise Invalid(_("It must end after it begins."), field="ends_at")


@service
def make_coupon(*, actor: User, code: str, terms: CouponTerms, form_key: str | None = None) -> Coupon:
    """Make a coupon of `actor`, who sells; it holds from `terms.starts_at` on.

    The code is cleaned (`clean_code`) and theirs alone among their own. The same `form_key` (action "coupon_new")
    again returns the first one. Raises `PermissionDenied` and `Invalid` (field "code", "ends_at").
    """
    code = clean_code(code)
    done = form_key is not None and idempotency.begin(
        form_key=form_key,
        user_id=actor.pk,
        action="coupon_new",
        payload=[code, *map(str, asdict(terms).values())],
        result=code[:24],
    )
    if done:
        return Coupon.objects.get(seller=actor, code=code)
    authorize(actor, "coupons.make")
    if not is_code(code):
        raise Invalid(_("A code has 4 to 24 letters (A to Z), digits and hyphens."), field="code")
    if Coupon.objects.filter(seller=actor, code=code).exists():
        raise _taken(code)
    now = clock.now()
    if terms.ends_at and terms.ends_at <= max(now, terms.starts_at or now):
        raise Invalid(_("This is over already."), field="ends_at")
    # To the minute, as a form says it: sent again as it was, it changes nothing.
    said = asdict(terms) | {"starts_at": terms.starts_at or now.replace(second=0, microsecond=0)}
    try:
        return Coupon.objects.create(seller=actor, code=code, created_at=now, **said)
    except IntegrityError as error:  # nothing is locked: of two at once, the key lets one have it
        raise _taken(code) from error


@service
def change_coupon(*, coupon_id: int, terms: CouponTerms, actor: Actor, expected: str | None = None) -> Coupon:
    """Say anew what a coupon takes off, when and how often; what was ordered with it stays as it was.

    Whoever has it in a cart is asked anew. The same terms again change nothing. Raises `PermissionDenied`,
    `StaleState` unless it is as `expected` (`mark_of_coupon`), and `Invalid` (field "most_uses", where it was used
    more often already, and "ends_at").
    """
    coupon = lock_row(Coupon, coupon_id)
    require_changeable(actor, coupon)
    said = asdict(terms) | {"starts_at": terms.starts_at or coupon.starts_at}
    if all(getattr(coupon, name) == value for name, value in said.items()):
        return coupon
    require_as_shown(expected, coupon)
    if terms.most_uses is not None and terms.most_uses < coupon.uses:
        raise Invalid(
            ngettext(
                "It was used %(count)d time already.", "It was used %(count)d times already.", coupon.uses
            )
            % {"count": coupon.uses},
            field="most_uses",
        )
    if terms.ends_at and terms.ends_at <= said["starts_at"]:
        raise Invalid(_("It must end after it begins."), field="ends_at")
    for name, value in said.items():
        setattr(coupon, name, value)
    return _saved(coupon, *said)


@service
def stop_coupon(*, coupon_id: int, actor: Actor, expected: str | None = None) -> Coupon:
    """Stop a coupon: nobody can order with it from now on. Stopped already is a success.

    Raises `PermissionDenied`, and `StaleState` unless it is as `expected`.
    """
    coupon = lock_row(Coupon, coupon_id)
    require_changeable(actor, coupon)
    if coupon.stopped_at:
        return coupon
    require_as_shown(expected, coupon)
    coupon.stopped_at = clock.not_before(coupon.created_at)
    return _saved(coupon, "stopped_at")


@service
def resume_coupon(*, coupon_id: int, actor: Actor, expected: str | None = None) -> Coupon:
    """Let a stopped coupon hold again. Not stopped is a success. Raises as `stop_coupon`."""
    coupon = lock_row(Coupon, coupon_id)
    require_changeable(actor, coupon)
    if not coupon.stopped_at:
        return coupon
    require_as_shown(expected, coupon)
    coupon.stopped_at = None
    return _saved(coupon, "stopped_at")


def require_changeable(actor: Actor, coupon: Coupon) -> None:
    """Whether `actor` may say what this coupon does. Raises `PermissionDenied`."""
    authorize(actor, "coupons.change", coupon)


def _saved(coupon: Coupon, *names: str) -> Coupon:
    coupon.version += 1
    coupon.save(update_fields=[*names, "version"])
    return coupon


def _taken(code: str) -> Invalid:
    return Invalid(_("You have a coupon with the code %(code)s already.") % {"code": code}, field="code")
