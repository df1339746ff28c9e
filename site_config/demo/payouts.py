"""What sellers earned leaves the store, in part: a payout in every state, one of them by plan. Days ago, all of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.common.authorisation import may
from marketplace.invoicing.services import write_invoices
from marketplace.payouts.amounts import payout_range
from marketplace.payouts.models import Payout
from marketplace.payouts.selectors import earned
from marketplace.payouts.services import (
    ask_by_plan,
    cancel_payout,
    change_plan,
    decline_payout,
    require_askable,
    return_payout,
)
from marketplace.payouts.states import Every, PayoutStatus
from site_config.acts import payouts

from .people import ADMIN

Entry = tuple[float, Callable[[], object]]
Act = Callable[[Payout], object]


@dataclass(frozen=True)
class Wanted:
    """Whose it is, when it was asked for, and the state that it comes to.

    `number` counts the payouts of the same person from 0, `percent` is how much of what they have earned by then.
    """

    email: str
    ago: float
    becomes: PayoutStatus
    reason: str = ""
    percent: int = 100
    number: int = 0
    in_a_file: bool = False


ACCOUNT = 28  # days ago: everybody's, long before the first payout
PLANNED = "circuit@demo.ecs"
PLAN = 27.5  # days ago; its weeks end on these days
INVOICED = 0.02  # days ago: what the month before has left
WEEKS = (20.4, 13.4, 6.4)
WANTED = [
    Wanted(PLANNED, WEEKS[0], PayoutStatus.SENT),
    Wanted("seller@demo.ecs", 11.2, PayoutStatus.SENT, percent=60, in_a_file=True),
    Wanted("seller@demo.ecs", 0.5, PayoutStatus.REQUESTED, number=1),
    Wanted("nightjar@demo.ecs", 2.1, PayoutStatus.APPROVED),
    Wanted(
        "fox@demo.ecs",
        5.3,
        PayoutStatus.DECLINED,
        "The account is of somebody else. Please give us one of your own, and ask again.",
    ),
    Wanted("tinker@demo.ecs", 12.7, PayoutStatus.CANCELLED),
    Wanted("ridgeline@demo.ecs", 17.6, PayoutStatus.CAME_BACK, "Your bank says that this account is closed."),
]


def diary(people: Mapping[str, int]) -> Iterator[Entry]:
    """What happened: everybody gave an account, and each payout came to its state within three days."""

    def user(email: str) -> User:
        return User.objects.select_related("profile").get(pk=people[email])

    for email in sorted({wanted.email for wanted in WANTED}):
        yield ACCOUNT, lambda email=email: payouts.give_account(user(email), waited=False)
    yield PLAN, lambda: change_plan(actor=user(PLANNED), every=Every.WEEK, above=0)
    for ago in WEEKS:
        yield ago, lambda: ask_by_plan(clock.now())
    yield INVOICED, lambda: write_invoices(clock.now())
    for wanted in WANTED:
        if wanted.email != PLANNED:
            yield wanted.ago, lambda one=wanted: _ask(user(one.email), one)
        for later, before, act in _steps(wanted, lambda: user(ADMIN.email)):
            yield (
                wanted.ago - later,
                lambda one=wanted, before=before, act=act: _go_on(_of(user(one.email), one), before, act),
            )


def _steps(wanted: Wanted, admin: Callable[[], User]) -> Iterator[tuple[float, PayoutStatus, Act]]:
    """What is done with it after it was asked for: how many days later, in which state, what."""
    asked, approved, sent = PayoutStatus.REQUESTED, PayoutStatus.APPROVED, PayoutStatus.SENT
    if wanted.becomes == PayoutStatus.CANCELLED:
        yield 0.1, asked, lambda payout: cancel_payout(payout_id=payout.pk, actor=payout.owner)
    if wanted.becomes == PayoutStatus.DECLINED:
        yield (
            0.4,
            asked,
            lambda payout: decline_payout(payout_id=payout.pk, reason=wanted.reason, actor=admin()),
        )
    if wanted.becomes in (approved, sent, PayoutStatus.CAME_BACK):
        yield 0.3, asked, lambda payout: payouts.approve(payout, admin())
    if wanted.becomes in (sent, PayoutStatus.CAME_BACK):
        yield 0.6, approved, lambda payout: _send(payout, wanted, admin())
    if wanted.becomes == PayoutStatus.CAME_BACK:
        yield (
            2.6,
            sent,
            lambda payout: return_payout(payout_id=payout.pk, reason=wanted.reason, actor=admin()),
        )


def _send(payout: Payout, wanted: Wanted, admin: User) -> None:
    """By itself, or in the bank's file with whatever else is approved."""
    if wanted.in_a_file:
        payouts.send_file(payouts.make_file(admin), admin, reference="DEMO-FILE-1")
    else:
        payouts.send(payout, admin, reference=f"DEMO-{payout.pk:04d}")


def _of(owner: User, wanted: Wanted) -> Payout | None:
    found = Payout.objects.filter(owner=owner).select_related("owner").order_by("pk")
    return next(iter(found[wanted.number : wanted.number + 1]), None)


def _ask(owner: User, wanted: Wanted) -> None:
    """Unless they have, or a store's own settings let nobody ask for so little or so soon."""
    smallest, largest = payout_range()
    amount = min(earned(owner.pk).available * wanted.percent // 100, largest)
    if _of(owner, wanted) is None and amount >= smallest and may(require_askable, owner):
        payouts.ask(owner, amount)


def _go_on(payout: Payout | None, before: PayoutStatus, act: Act) -> None:
    if payout is not None and payout.status == before:
        act(payout)
