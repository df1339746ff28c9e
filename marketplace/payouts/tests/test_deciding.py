"""What admins do with payouts."""

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import Role, User
from marketplace.common.errors import Invalid, StaleState
from marketplace.notifications.models import Notification
from marketplace.payouts.models import Payout
from marketplace.payouts.selectors import account_to_pay, earned
from marketplace.payouts.services import (
    approve_payout,
    cancel_payout,
    decline_payout,
    return_payout,
    send_payout,
)
from marketplace.payouts.shown import mark_of_payout
from marketplace.payouts.states import NEXT, PayoutStatus
from marketplace.reviewing.conflicts import ConflictOfInterest
from marketplace.wallet.models import StoreWallet, Transaction, Wallet
from marketplace.wallet.selectors import WalletView, wallet_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def payout(seller, ready, payouts):
    return payouts.ask(ready(seller, 3_000), 2_000)


def approve(payout, actor, **options):
    return approve_payout(payout_id=payout.pk, actor=actor, **options)


def decline(payout, actor, reason="Who are you?"):
    return decline_payout(payout_id=payout.pk, actor=actor, reason=reason)


def send(payout, actor, reference="BANK-1"):
    return send_payout(payout_id=payout.pk, actor=actor, reference=reference)


def give_back(payout, actor, reason="Account closed"):
    return return_payout(payout_id=payout.pk, actor=actor, reason=reason)


def told(user):
    return list(Notification.objects.filter(recipient=user).order_by("pk").values_list("kind", flat=True))[1:]


def test_sent_it_leaves_the_store(payout, seller, admin):
    outside = Wallet.objects.get(code=StoreWallet.CASH)
    before = sum(Transaction.objects.filter(wallet=outside).values_list("balance_delta", flat=True))

    approve(payout, admin)
    assert wallet_of(seller.pk) == WalletView(1_000, 2_000)
    sent = send(payout, admin, " BANK 1 ")

    assert (sent.status, sent.reference) == (PayoutStatus.SENT, "BANK 1")
    assert wallet_of(seller.pk) == WalletView(1_000, 0)
    after = sum(Transaction.objects.filter(wallet=outside).values_list("balance_delta", flat=True))
    assert after - before == 2_000
    assert told(seller) == ["payout_sent"]
    assert list(payout.events.order_by("pk").values_list("status", "actor")) == [
        ("requested", seller.pk),
        ("approved", admin.pk),
        ("sent", admin.pk),
    ]


@pytest.mark.parametrize("first", [lambda payout, admin: None, approve], ids=["requested", "approved"])
def test_declined_its_money_and_its_entries_are_free_again(payout, seller, admin, first):
    first(payout, admin)

    decline(payout, admin)

    assert (wallet_of(seller.pk), earned(seller.pk).available) == (WalletView(3_000), 3_000)
    assert told(seller) == ["payout_declined"]
    assert payout.events.get(status="declined").reason == "Who are you?"


def test_what_came_back_is_booked_anew_and_nothing_is_rewritten(payout, seller, admin):
    approve(payout, admin)
    send(payout, admin)
    before = list(Transaction.objects.order_by("pk").values())

    give_back(payout, admin)

    assert list(Transaction.objects.order_by("pk").values())[: len(before)] == before
    assert (wallet_of(seller.pk), earned(seller.pk).available) == (WalletView(3_000), 3_000)
    assert told(seller) == ["payout_sent", "payout_came_back"]


@pytest.mark.parametrize(
    ("act", "status"),
    [(approve, "approved"), (decline, "declined"), (send, "sent"), (give_back, "came_back")],
    ids=["approve", "decline", "send", "give back"],
)
@pytest.mark.parametrize("before", PayoutStatus.values)
def test_every_other_step_is_refused_and_changes_nothing(payout, seller, admin, act, status, before):
    reach(payout, before, admin)
    if status in NEXT[PayoutStatus(before)]:
        assert act(payout, admin).status == status
        return
    money, events = wallet_of(seller.pk), payout.events.count()

    if status == before:
        assert act(payout, admin).status == status  # a double click
    else:
        with pytest.raises(StaleState):
            act(payout, admin)

    payout.refresh_from_db()
    assert (payout.status, wallet_of(seller.pk), payout.events.count()) == (before, money, events)


@pytest.mark.parametrize(
    ("act", "status", "other"),
    [
        (approve, "approved", None),
        (decline, "declined", "Something else"),
        (send, "sent", "BANK-2"),
        (give_back, "came_back", "Something else"),
    ],
    ids=["approve", "decline", "send", "give back"],
)
def test_a_step_that_another_admin_or_other_words_made_is_no_double_click(
    payout, admin, superadmin, act, status, other
):
    reach(payout, status, admin)

    with pytest.raises(StaleState):
        act(payout, superadmin)
    if other:
        with pytest.raises(StaleState):
            act(payout, admin, other)

    assert payout.events.filter(status=status).count() == 1


def test_who_is_no_admin_any_more_is_told_nothing_of_what_they_did(payout, admin):
    approve(payout, admin)
    User.objects.filter(pk=admin.pk).update(role=Role.USER)
    admin = User.objects.get(pk=admin.pk)

    with pytest.raises(PermissionDenied):
        approve(payout, admin)


def test_of_somebody_who_was_shut_out_nothing_is_approved_or_shown(payout, seller, admin):
    User.objects.filter(pk=seller.pk).update(is_active=False)

    with pytest.raises(StaleState):
        approve(payout, admin)

    User.objects.filter(pk=seller.pk).update(is_active=True)
    approve(payout, admin)
    assert account_to_pay(admin, again(payout)) is not None
    User.objects.filter(pk=seller.pk).update(is_active=False)
    assert account_to_pay(admin, again(payout)) is None
    User.objects.filter(pk=seller.pk).update(is_active=True)


def test_an_account_that_was_replaced_since_the_approval_is_not_shown_for_sending(
    payout, seller, admin, payouts
):
    """Who took over an account gave theirs; its owner has given their own again, as the mail tells them to."""
    approve(payout, admin)

    payouts.give_account(seller, number="NL91ABNA0417164300")

    assert account_to_pay(admin, again(payout)) is None


def again(payout):
    return Payout.objects.get(pk=payout.pk)


def reach(payout, status, admin):
    """Bring a new payout to this state, by the real services."""
    if status == "cancelled":
        cancel_payout(payout_id=payout.pk, actor=payout.owner)
    if status in ("approved", "sent", "came_back"):
        approve(payout, admin)
    if status in ("sent", "came_back"):
        send(payout, admin)
    if status == "came_back":
        give_back(payout, admin)
    if status == "declined":
        decline(payout, admin)


@pytest.mark.parametrize("act", [approve, decline], ids=["approve", "decline"])
@pytest.mark.parametrize("who", ["seller", "other_seller", "courier", "buyer"])
def test_only_staff_decide(request, payout, seller, act, who):
    with pytest.raises(PermissionDenied):
        act(payout, request.getfixturevalue(who))

    assert wallet_of(seller.pk).held_balance == 2_000


def test_nobody_decides_about_their_own(payout, seller):
    """A seller who has become an admin since."""
    User.objects.filter(pk=seller.pk).update(role=Role.ADMIN)
    seller.refresh_from_db()

    for act in (approve, decline):
        with pytest.raises(ConflictOfInterest):
            act(payout, seller)

    User.objects.filter(pk=seller.pk).update(role=Role.SELLER)
    assert wallet_of(seller.pk).held_balance == 2_000


def test_nor_about_somebodys_with_whom_they_have_something_going_on(payout, seller, placed, buyer):
    placed(buyer, seller)
    User.objects.filter(pk=buyer.pk).update(role=Role.ADMIN)
    buyer.refresh_from_db()

    with pytest.raises(ConflictOfInterest):
        approve(payout, buyer)

    User.objects.filter(pk=buyer.pk).update(role=Role.USER)
    assert not payout.events.filter(status="approved").exists()


def test_to_an_account_that_was_changed_since_nothing_is_approved(payout, seller, admin, payouts):
    payouts.give_account(seller, number="NL91ABNA0417164300")

    with pytest.raises(StaleState):
        approve(payout, admin)

    assert decline(payout, admin).status == PayoutStatus.DECLINED


@pytest.mark.parametrize(("act", "field"), [(decline, "reason"), (send, "reference")])
def test_a_step_without_its_words_is_refused(payout, seller, admin, act, field):
    if act is send:
        approve(payout, admin)

    for words in ("", "   ", "x" * 301):
        with pytest.raises(Invalid) as refusal:
            act(payout, admin, words)
        assert refusal.value.field == field

    assert wallet_of(seller.pk).held_balance == 2_000


def test_a_form_of_before_is_stale(payout, admin, seller):
    mark = mark_of_payout(payout)
    approve(payout, admin)

    with pytest.raises(StaleState):
        decline_payout(payout_id=payout.pk, actor=admin, reason="No", expected=mark)

    assert wallet_of(seller.pk).held_balance == 2_000
