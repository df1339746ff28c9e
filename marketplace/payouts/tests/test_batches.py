"""Approved payouts go to the bank in one file: once, the same for ever, and sent together."""

from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection

from marketplace.accounts.models import Role, User
from marketplace.common.errors import Invalid, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.common.models import NumberSeries
from marketplace.notifications.models import Notification
from marketplace.payouts.accounts import BankAccount
from marketplace.payouts.bank_files import NAMESPACE, Transfer, sepa_file
from marketplace.payouts.batches import file_of, kinds_that_wait, payouts_in
from marketplace.payouts.errors import NothingToBatch
from marketplace.payouts.latin import to_latin
from marketplace.payouts.models import Payout, PayoutAddress, PayoutBatch, WithdrawnPayout
from marketplace.payouts.services import decline_payout, make_batch, send_batch, withdraw_batch
from marketplace.payouts.shown import mark_of_batch, mark_of_payout
from marketplace.reviewing.conflicts import ConflictOfInterest
from marketplace.wallet.selectors import WalletView, wallet_of

pytestmark = pytest.mark.django_db
OURS = "NL91 ABNA 0417 1643 00"


@pytest.fixture(autouse=True)
def store_account(settings):
    settings.PAYOUT_FROM_IBAN, settings.PAYOUT_FROM_NAME = OURS, "Kaufhaus Grün & Söhne"


@pytest.fixture
def approved(ready, payouts, admin):
    """`approved(seller, 2_000)`: a payout that waits for the bank."""

    def run(owner, amount=2_000, **account):
        ready(owner, amount)
        if account:
            payouts.give_account(owner, **account)
        return payouts.approve(payouts.ask(owner, amount), admin)

    return run


def make(admin, kind="sepa", key=None):
    key = key or new_form_key(user_id=admin.pk, action="payout_batch")
    return make_batch(actor=admin, kind=kind, form_key=key)


def in_file(content, path):
    root = Xml.fromstring(content)
    return [found.text for found in root.iterfind(path, {"p": NAMESPACE})]


def test_each_approved_payout_is_in_the_file_once(
    seller, other_seller, courier, approved, admin, payouts, ready
):
    rows = [approved(seller), approved(other_seller, 1_234), approved(courier, 500, number=OURS)]
    payouts.ask(ready(seller, 700), 700)  # nobody has approved it

    batch = make(admin)

    assert (batch.number, batch.payout_count, batch.total) == (1, 3, 3_734)
    content = file_of(admin, batch)
    line = ".//p:CdtTrfTxInf"
    assert in_file(content, f"{line}//p:EndToEndId") == [row.public_id for row in rows]
    assert in_file(content, f"{line}//p:InstdAmt") == ["20.00", "12.34", "5.00"]
    assert in_file(content, f"{line}//p:CdtrAcct//p:IBAN")[2] == "NL91ABNA0417164300"
    assert in_file(content, ".//p:PmtInf/p:CtrlSum") == ["37.34"]
    assert in_file(content, ".//p:Dbtr/p:Nm") == ["Kaufhaus Grun + Sohne"]
    with pytest.raises(NothingToBatch):
        make(admin)
    assert PayoutBatch.objects.count() == 1
    approved(seller, 600)
    assert make(admin).number == 2


def test_downloaded_again_it_is_the_same_and_the_database_cannot_be_read(seller, approved, admin, payouts):
    approved(seller)
    batch = make(admin)
    first = file_of(admin, batch)

    payouts.give_account(seller, number=OURS)
    with time_machine.travel("2030-01-01T00:00:00Z"):
        assert file_of(admin, PayoutBatch.objects.get()) == first
    assert b"DE89370400440532013000" in first
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM payouts_payoutbatch")
        assert "370400440532" not in str(cursor.fetchall())


def test_a_new_secret_key_reads_it_still(seller, approved, admin, settings):
    approved(seller)
    batch = make(admin)
    first = file_of(admin, batch)
    former = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [former]

    call_command("renew_second_factors")

    settings.SECRET_KEY_FALLBACKS = []
    assert file_of(admin, PayoutBatch.objects.get()) == first


def test_a_double_click_makes_one(seller, other_seller, approved, admin):
    approved(seller)
    key = new_form_key(user_id=admin.pk, action="payout_batch")
    first = make(admin, key=key)
    approved(other_seller)

    assert make(admin, key=key) == first
    assert PayoutBatch.objects.count() == 1


def test_sent_it_sends_what_is_in_it_and_still_waits(
    seller, other_seller, courier, approved, admin, superadmin
):
    sent, refused, later = approved(seller), approved(other_seller), None
    batch = make(admin)
    later = approved(courier)
    decline_payout(payout_id=refused.pk, reason="The bank refused it", actor=admin)

    done = send_batch(
        batch_id=batch.pk, reference=" STMT 7 ", actor=superadmin, expected=mark_of_batch(batch)
    )

    assert (done.reference, done.sent_by) == ("STMT 7", superadmin)
    statuses = dict(Payout.objects.values_list("pk", "status"))
    assert statuses == {sent.pk: "sent", refused.pk: "declined", later.pk: "approved"}
    assert Payout.objects.get(pk=sent.pk).reference == "STMT 7"
    assert (wallet_of(seller.pk), wallet_of(other_seller.pk)) == (WalletView(0), WalletView(2_000))
    told = Notification.objects.filter(kind="payout_sent").values_list("recipient", flat=True)
    assert list(told) == [seller.pk]
    assert send_batch(batch_id=batch.pk, reference="STMT 7", actor=superadmin) == done  # a double click
    with pytest.raises(StaleState):
        send_batch(batch_id=batch.pk, reference="STMT 8", actor=superadmin)


@pytest.mark.parametrize("words", ["", "  ", "x" * 61])
def test_without_a_reference_nothing_is_sent(seller, approved, admin, words):
    approved(seller)
    batch = make(admin)

    with pytest.raises(Invalid) as refusal:
        send_batch(batch_id=batch.pk, reference=words, actor=admin)

    assert refusal.value.field == "reference"
    assert wallet_of(seller.pk).held_balance == 2_000


def test_who_changed_their_account_or_was_shut_out_stays_out(seller, other_seller, approved, admin, payouts):
    approved(seller)
    approved(other_seller)
    payouts.give_account(seller, number=OURS)
    User.objects.filter(pk=other_seller.pk).update(is_active=False)

    with pytest.raises(NothingToBatch):
        make(admin)

    assert list(kinds_that_wait(admin)) == []
    User.objects.filter(pk=other_seller.pk).update(is_active=True)


def test_an_account_that_no_key_reads_stays_out(seller, other_seller, approved, admin):
    approved(seller)
    kept = approved(other_seller)
    PayoutAddress.objects.filter(owner=seller).update(sealed="of another key")

    batch = make(admin)

    assert list(batch.payouts.all()) == [kept]


def test_their_own_stays_out_and_they_do_not_note_it_as_sent(seller, other_seller, approved, admin):
    approved(seller)
    approved(other_seller)
    batch = make(admin)
    User.objects.filter(pk=seller.pk).update(role=Role.ADMIN)
    seller.refresh_from_db()

    with pytest.raises(ConflictOfInterest):
        send_batch(batch_id=batch.pk, reference="STMT", actor=seller)

    User.objects.filter(pk=seller.pk).update(role=Role.SELLER)
    assert wallet_of(seller.pk).held_balance == 2_000


@pytest.mark.parametrize("who", ["seller", "courier", "buyer"])
def test_only_staff_make_and_read_files(request, seller, approved, admin, who):
    approved(seller)
    somebody = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        make(somebody)

    batch = make(admin)
    for act in (
        lambda: file_of(somebody, batch),
        lambda: send_batch(batch_id=batch.pk, reference="x", actor=somebody),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert wallet_of(seller.pk).held_balance == 2_000


def test_a_form_of_before_the_file_declines_nothing(seller, approved, admin):
    """Else somebody declines what is on its way to the bank: it would be paid twice."""
    payout = approved(seller)
    mark = mark_of_payout(payout)
    make(admin)

    with pytest.raises(StaleState):
        decline_payout(payout_id=payout.pk, reason="No", actor=admin, expected=mark)

    assert wallet_of(seller.pk).held_balance == 2_000


def test_what_sepa_does_not_reach_goes_as_csv(seller, other_seller, approved, admin):
    approved(seller)
    far = approved(other_seller, number="KW81CBKU0000000000001234560101", holder='=Al "Salem"')

    assert [(kind.value, count) for kind, count, _total in kinds_that_wait(admin)] == [
        ("sepa", 1),
        ("csv", 1),
    ]
    content = file_of(admin, make(admin, "csv")).decode("utf-8-sig")

    assert content.splitlines() == [
        '"Number","Account holder","IBAN","Amount","Currency","Purpose"',
        f'"{far.public_id}","\'=Al ""Salem""","KW81CBKU0000000000001234560101","20.00","EUR",'
        f'"ECS Store payout {far.public_id}"',
    ]


class TestWithdrawing:
    @pytest.fixture
    def batch(self, seller, other_seller, approved, admin):
        approved(seller)
        approved(other_seller, 1_234)
        return make(admin)

    def test_its_payouts_wait_for_another_file_and_its_number_stays_used(self, batch, admin, seller):
        before = wallet_of(seller.pk)
        for _time in range(2):
            withdrawn = withdraw_batch(batch_id=batch.pk, reason=" Wrong day ", actor=admin)

        assert (withdrawn.withdrawn_by, withdrawn.withdrawn_reason) == (admin, "Wrong day")
        assert set(Payout.objects.values_list("status", "batch")) == {("approved", None)}
        assert payouts_in(withdrawn).count() == WithdrawnPayout.objects.count() == 2
        assert file_of(admin, withdrawn) is None
        again = make(admin)
        assert (again.number, again.payout_count, again.total) == (2, 2, 3_234)
        assert NumberSeries.objects.get().last == 2
        assert wallet_of(seller.pk) == before
        send_batch(batch_id=again.pk, reference="BANK-1", actor=admin)
        assert wallet_of(seller.pk) == WalletView(0)

    def test_what_was_declined_out_of_it_stays_so(self, batch, admin, seller):
        declined = seller.payouts.get()
        decline_payout(payout_id=declined.pk, reason="The bank says no", actor=admin)

        withdraw_batch(batch_id=batch.pk, reason="Wrong day", actor=admin)

        assert [row.pk for row in payouts_in(PayoutBatch.objects.get())] == [
            row.pk for row in Payout.objects.order_by("pk")
        ]
        assert set(Payout.objects.values_list("status", flat=True)) == {"approved", "declined"}

    def test_what_the_bank_has_is_not_withdrawn(self, batch, admin, seller, payouts):
        payouts.send(seller.payouts.get(), admin)

        with pytest.raises(StaleState, match="the bank has"):
            withdraw_batch(batch_id=batch.pk, reason="Wrong day", actor=admin)
        send_batch(batch_id=batch.pk, reference="BANK-1", actor=admin)
        with pytest.raises(StaleState, match="already"):
            withdraw_batch(batch_id=batch.pk, reason="Wrong day", actor=admin)

        assert not WithdrawnPayout.objects.exists()

    def test_what_was_withdrawn_is_not_sent(self, batch, admin, seller):
        withdraw_batch(batch_id=batch.pk, reason="Wrong day", actor=admin)

        with pytest.raises(StaleState, match="withdrawn"):
            send_batch(batch_id=batch.pk, reference="BANK-1", actor=admin)

        assert wallet_of(seller.pk).held_balance == 2_000

    @pytest.mark.parametrize("reason", ["", " "])
    def test_it_is_said_why(self, batch, admin, reason):
        with pytest.raises(Invalid):
            withdraw_batch(batch_id=batch.pk, reason=reason, actor=admin)

        assert PayoutBatch.objects.get().withdrawn_at is None

    @pytest.mark.parametrize("who", ["seller", "buyer", "courier"])
    def test_only_staff_do(self, batch, request, who):
        with pytest.raises(PermissionDenied):
            withdraw_batch(batch_id=batch.pk, reason="Mine", actor=request.getfixturevalue(who))

        assert PayoutBatch.objects.get().withdrawn_at is None

    def test_a_form_of_before_is_stale(self, batch, admin, person):
        mark = mark_of_batch(batch)
        withdraw_batch(batch_id=batch.pk, reason="Wrong day", actor=admin, expected=mark)

        with pytest.raises(StaleState):
            withdraw_batch(batch_id=batch.pk, reason="Mine", actor=person(Role.ADMIN), expected=mark)

    def test_who_has_a_payout_in_it_stays_out(self, batch, admin):
        Payout.objects.filter(amount=1_234).update(owner=admin)

        with pytest.raises(ConflictOfInterest):
            withdraw_batch(batch_id=batch.pk, reason="Wrong day", actor=admin)

        Payout.objects.filter(amount=1_234).update(owner=Payout.objects.get(amount=1_234).address.owner)


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "2000"), ("KWD", "2.000")])
def test_another_currency_is_csv_in_its_own_digits(seller, approved, admin, settings, currency, shown):
    settings.STORE_CURRENCY = currency
    settings.PAYOUT_MINIMUM = 1
    approved(seller)

    with pytest.raises(NothingToBatch):
        make(admin, "sepa")

    assert f'"{shown}","{currency}"' in file_of(admin, make(admin, "csv")).decode()


def test_without_an_account_of_the_store_it_is_csv(seller, approved, admin, settings):
    settings.PAYOUT_FROM_IBAN = ""
    approved(seller)

    assert [kind.value for kind, _count, _total in kinds_that_wait(admin)] == ["csv"]


def test_what_is_rolled_back_gives_its_number_back(seller, approved, admin, monkeypatch):
    approved(seller)
    monkeypatch.setattr("marketplace.payouts.services.batching.seal_file", lambda content: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make(admin)
    monkeypatch.undo()

    assert make(admin).number == 1
    assert NumberSeries.objects.get().last == 1


def test_the_file_is_the_one_that_passed_the_published_xsd(settings):
    """tests/pain.001.001.09.xml was checked against the XSD (docs/decisions/0024); write it anew and check it again."""
    accounts = [
        BankAccount("DE89370400440532013000", "Zoë Łukasz-O'Neill"),
        BankAccount("GR1601101250000000012300695", "Νίκος Παπαδόπουλος"),
        BankAccount("BG80BNBG96611020345678", "Щерю Жеков"),
        BankAccount("NL91ABNA0417164300", "王小明 🙂"),
    ]
    transfers = [Transfer(f"0000000000{n}a", account, 10**n) for n, account in enumerate(accounts)]

    content = sepa_file(
        name="PAYOUT-000007",
        payer=BankAccount("NL91ABNA0417164300", "Kaufhaus Grün & Söhne"),
        transfers=transfers,
        at=datetime(2026, 11, 28, 21, 14, 24, tzinfo=UTC),
        day=date(2026, 11, 28),
        purpose="ECS Store <payout> //",
    )

    assert content == Path(__file__).with_name("pain.001.001.09.xml").read_bytes()


def test_a_file_is_to_be_carried_out_on_the_stores_own_day(seller, ready, payouts, admin, settings):
    """At half past one in Athens it is yesterday in UTC, and a bank carries nothing out on a day that is over."""
    settings.TIME_ZONE = "Europe/Athens"
    with time_machine.travel("2027-01-14T23:30:00Z", tick=False):
        payouts.approve(payouts.ask(ready(seller, 1_000), 1_000), admin)
        batch = payouts.make_file(admin)

    content = file_of(admin, batch).decode()
    assert "<Dt>2027-01-15</Dt>" in content
    assert "<CreDtTm>2027-01-14T23:30:00Z</CreDtTm>" in content


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("Zoë Łukasz-O’Neill", "Zoe Lukasz-O'Neill"),
        ("Großmann & Ærø", "Grossmann + Aero"),
        ("Νίκος Θεοδωράκης", "Nikos Theodorakis"),
        ("Щерю Ќосев", "Shteryu Kosev"),
        ("ＡＢＣ １２", "ABC 12"),
        ("王小明", "WangXiaoMing"),
        ("김민준", "GimMinJun"),
        ("محمد العربي", "mhmd lrby"),
        ("שלום", "slvm"),
        ("สมชาย ใจดี", "smchay aichdi"),
        ("प्रिया", "priya"),
        ("გიორგი Արամ", "giorgi Aram"),
        ("١٢", "12"),
        ("🙂", ""),
        ("Ann 🙂 Lee", "Ann Lee"),
        ("//", ""),
        ("/a//b/", "a/b"),
        ("a" * 80, "a" * 70),
    ],
)
def test_names_are_spelt_in_the_letters_that_banks_take(name, spelt):
    assert to_latin(name, most=70) == spelt
