"""Payouts, as admins meet them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.payouts.models import PayoutAddress, PayoutBatch
from marketplace.payouts.providers import desk
from marketplace.payouts.services.transferring import note_matter
from marketplace.payouts.states import Matter, PayoutStatus
from marketplace.wallet.selectors import WalletView, wallet_of

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]


@pytest.fixture
def payout(seller, ready, payouts):
    return payouts.ask(ready(seller, 3_000), 2_000)


@pytest.fixture
def office(admin, as_person):
    return as_person(admin)


def page_of(payout, act=""):
    address = reverse("backoffice:payout", args=[payout.public_id])
    return f"{address}{act}/" if act else address


def mark_in(answer):
    return re.search(r'name="shown" value="([0-9a-f]+)"', answer.content.decode())[1]


def act(office, payout, name, **typed):
    mark = mark_in(office.get(page_of(payout)))
    return office.post(page_of(payout, name), {"shown": mark, **typed})


def test_what_waits_stands_in_the_inbox_and_in_the_list(office, payout):
    assert 'data-testid="queue-payouts"' in office.get(reverse("backoffice:home")).content.decode()
    rows = office.get(reverse("backoffice:payouts"), {"status": "requested"}).context["rows"]
    assert rows == [payout]
    assert not office.get(reverse("backoffice:payouts"), {"status": "sent"}).context["rows"]
    assert office.get(reverse("backoffice:payouts"), {"q": payout.public_id}).context["rows"] == [payout]
    assert office.get(reverse("backoffice:payouts"), {"status": "nonsense"}).context["rows"] == [payout]


def test_it_is_declined_with_a_reason(office, payout, seller):
    answer = act(office, payout, "decline", reason="")
    assert (answer.status_code, "Please say why." in answer.content.decode()) == (422, True)
    assert wallet_of(seller.pk).held_balance == 2_000

    assert act(office, payout, "decline", reason="Call us").status_code == 303

    assert wallet_of(seller.pk) == WalletView(3_000)
    assert "Call us" in office.get(page_of(payout)).content.decode()


def test_the_whole_account_is_shown_while_it_is_to_be_paid(office, payout):
    whole = "DE89 3704 0044 0532 0130 00"
    assert whole not in office.get(page_of(payout)).content.decode()

    act(office, payout, "approve")
    assert whole in office.get(page_of(payout)).content.decode()

    act(office, payout, "sent", reference="BANK-7")
    assert whole not in office.get(page_of(payout)).content.decode()


def test_an_account_that_no_key_reads_is_not_approved(office, payout):
    PayoutAddress.objects.update(sealed="of another key")

    answer = act(office, payout, "approve")

    assert answer.status_code == 409
    payout.refresh_from_db()
    assert payout.status == PayoutStatus.REQUESTED


def test_what_came_back_is_noted(office, payout, seller):
    act(office, payout, "approve")
    act(office, payout, "sent", reference="BANK-7")
    assert wallet_of(seller.pk) == WalletView(1_000)

    act(office, payout, "returned", reason="Account closed")

    payout.refresh_from_db()
    assert (payout.status, wallet_of(seller.pk)) == (PayoutStatus.CAME_BACK, WalletView(3_000))


def test_the_second_admin_is_told_that_it_has_moved_on(office, payout, superadmin, payouts):
    mark = mark_in(office.get(page_of(payout)))
    payouts.approve(payout, superadmin)

    answer = office.post(page_of(payout, "decline"), {"shown": mark, "reason": "No"})

    assert (answer.status_code, "so nothing was done" in answer.content.decode()) == (409, True)
    payout.refresh_from_db()
    assert payout.status == PayoutStatus.APPROVED


def test_it_is_not_offered_what_is_refused(office, payout, seller, payouts):
    payouts.give_account(seller, number="NL91ABNA0417164300")

    page = office.get(page_of(payout)).content.decode()

    assert 'data-testid="approve"' not in page
    assert 'data-testid="address-changed"' in page
    assert act(office, payout, "approve").status_code == 409


@pytest.mark.parametrize("entries", [1, 12])
def test_its_page_asks_as_little_for_many_entries(
    office, seller, ready, payouts, entries, django_assert_num_queries
):
    payout = payouts.ask(ready(seller, *[500] * entries), 500 * entries)
    office.get(page_of(payout))

    with django_assert_num_queries(13):
        office.get(page_of(payout))


def test_a_double_click_on_approve_says_that_it_is_approved(office, payout):
    mark = mark_in(office.get(page_of(payout)))

    answers = [office.post(page_of(payout, "approve"), {"shown": mark}) for _click in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert payout.events.filter(status="approved").count() == 1


class TestFilesForTheBank:
    def make(self, office, kind="csv"):
        page = office.get(reverse("backoffice:payout_batches")).content.decode()
        key = re.search(r'name="form_key" value="([^"]+)"', page)
        data = {"kind": kind, "form_key": key[1] if key else ""}
        return office.post(reverse("backoffice:payout_batches"), data)

    def test_it_is_made_downloaded_twice_and_sent(self, office, payout, payouts, admin):
        payouts.approve(payout, admin)

        made = self.make(office)

        batch = PayoutBatch.objects.get()
        assert made.url == reverse("backoffice:payout_batch", args=[batch.public_id])
        files = [office.get(f"{made.url}file/") for _time in range(2)]
        assert files[0].content == files[1].content
        assert b"DE89370400440532013000" in files[0].content
        assert files[0]["Content-Disposition"] == 'attachment; filename="PAYOUT-000001.csv"'
        assert "no-store" in files[0]["Cache-Control"]
        page = office.get(made.url)
        assert "0532" not in page.content.decode()
        assert f'action="{made.url}sent/"' in page.content.decode()
        refused = office.post(f"{made.url}sent/", {"shown": mark_in(page), "reference": " "})
        assert refused.status_code == 422
        office.post(f"{made.url}sent/", {"shown": mark_in(page), "reference": "BANK-9"})
        payout.refresh_from_db()
        assert (payout.status, payout.reference) == (PayoutStatus.SENT, "BANK-9")
        assert "BANK-9" in office.get(made.url).content.decode()

    def test_where_nothing_waits_none_is_made(self, office, payout):
        answer = self.make(office)

        assert answer.status_code == 422
        assert not PayoutBatch.objects.exists()

    def test_its_payout_warns_of_declining_it(self, office, payout, payouts, admin):
        payouts.approve(payout, admin)
        assert 'data-testid="in-a-file"' not in office.get(page_of(payout)).content.decode()

        payouts.make_file(admin)

        page = office.get(page_of(payout)).content.decode()
        assert 'data-testid="in-a-file"' in page
        assert 'data-testid="batch"' in page

    def test_a_file_that_no_key_reads_says_so(self, office, payout, payouts, admin):
        payouts.approve(payout, admin)
        batch = payouts.make_file(admin)
        PayoutBatch.objects.update(sealed="of another key")

        answer = office.get(reverse("backoffice:payout_batch_file", args=[batch.public_id]), follow=True)

        assert "No key of this store reads this file any more." in answer.content.decode()

    @pytest.mark.parametrize("number", [1, 6])
    def test_its_page_asks_as_little_for_many(
        self, office, seller, ready, payouts, admin, number, settings, django_assert_num_queries
    ):
        settings.PAYOUTS_A_DAY = number
        ready(seller, 500 * number)
        for _payout in range(number):
            payouts.approve(payouts.ask(seller, 500), admin)
        page = reverse("backoffice:payout_batch", args=[payouts.make_file(admin).public_id])
        office.get(page)

        with django_assert_num_queries(9):
            office.get(page)


def test_what_stripe_sends_says_where_it_stands(office, seller, earn, payouts, admin, pays_by_stripe):
    earn(seller, 3_000)
    payouts.give_account(seller, number="acct_1SellersOwn4242")
    payout = payouts.approve(payouts.ask(seller, 2_000), admin)
    page = office.get(page_of(payout)).content.decode()
    assert "Stripe is asked for it within a minute." in page
    assert 'data-testid="act-sent"' not in page

    pays_by_stripe(funds=100)
    desk.send_transfers(clock.now())
    assert (
        "Stripe has refused it: “You have insufficient available funds.”"
        in office.get(page_of(payout)).content.decode()
    )

    pays_by_stripe(funds=None)
    desk.send_transfers(clock.now() + timedelta(hours=2))
    page = office.get(page_of(payout)).content.decode()
    assert 'data-testid="transfer"' not in page
    assert "tr_" in page


@pytest.mark.parametrize("change", ["account", "shut out"])
def test_a_file_says_of_whom_nothing_should_go_out_any_more(office, payout, payouts, admin, seller, change):
    """Who took over an account gave theirs; its owner has it again before the file is given to the bank."""
    payouts.approve(payout, admin)
    batch = payouts.make_file(admin)
    page = reverse("backoffice:payout_batch", args=[batch.public_id])
    assert 'data-testid="not-to-go"' not in office.get(page).content.decode()
    if change == "account":
        payouts.give_account(seller, number="NL91ABNA0417164300")
    else:
        User.objects.filter(pk=seller.pk).update(is_active=False)

    shown = office.get(page).content.decode()

    assert 'data-testid="not-to-go"' in shown
    assert ("account was changed since" if change == "account" else "shut out since") in shown
    payouts.send_file(batch, admin)
    assert 'data-testid="not-to-go"' not in office.get(page).content.decode()


def test_what_must_be_looked_at_stands_in_a_list_of_its_own(
    office, seller, earn, payouts, admin, pays_by_stripe
):
    earn(seller, 3_000)
    payouts.give_account(seller, number="acct_1SellersOwn4242")
    payout = payouts.approve(payouts.ask(seller, 2_000), admin)
    payouts.ask(seller, 500)
    with_nothing = office.get(reverse("backoffice:payouts"))
    assert 'data-testid="matters"' not in with_nothing.content.decode()
    note_matter(payout_id=payout.pk, matter=Matter.MISMATCH)

    shown = office.get(reverse("backoffice:payouts"), {"matter": "1"})

    assert shown.context["rows"] == [payout]
    assert "Not what was asked for" in shown.content.decode()
    assert 'data-testid="matters"' in office.get(reverse("backoffice:payouts")).content.decode()


def test_a_file_that_the_bank_has_not_got_is_withdrawn(office, payout, payouts, admin):
    payouts.approve(payout, admin)
    batch = payouts.make_file(admin)
    page = reverse("backoffice:payout_batch", args=[batch.public_id])
    mark = mark_in(office.get(page))
    unsaid = office.post(f"{page}withdraw/", {"shown": mark, "reason": ""})
    assert (unsaid.status_code, "Please say why." in unsaid.content.decode()) == (422, True)

    assert office.post(f"{page}withdraw/", {"shown": mark, "reason": "Wrong day"}).status_code == 303

    shown = office.get(page).content.decode()
    assert "Wrong day" in shown
    assert payout.public_id in shown
    assert 'data-testid="file"' not in shown
    file = office.get(reverse("backoffice:payout_batch_file", args=[batch.public_id]), follow=True)
    assert "It was withdrawn: give the bank another file." in file.content.decode()
    again = office.post(f"{page}withdraw/", {"shown": mark, "reason": "Another"})
    assert again.status_code == 409
    assert 'data-testid="make-csv"' in office.get(reverse("backoffice:payout_batches")).content.decode()
