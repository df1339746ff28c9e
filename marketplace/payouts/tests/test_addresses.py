"""Where payouts go: checked, sealed, told, and not at once."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection

from marketplace.common import clock
from marketplace.common.errors import Invalid, StaleState
from marketplace.mail.models import OutgoingMail
from marketplace.notifications.models import Notification
from marketplace.payouts.accounts import BankAccount, unseal_account
from marketplace.payouts.models import PayoutAddress
from marketplace.payouts.selectors import account_of, address_of
from marketplace.payouts.services import change_address
from marketplace.payouts.shown import mark_of_address

pytestmark = pytest.mark.django_db
IBAN, OTHER = "DE89 3704 0044 0532 0130 00", "NL91ABNA0417164300"


def set_account(owner, number=IBAN, holder="Sam Seller", **options):
    return change_address(actor=owner, number=number, holder=holder, **options)


def test_an_account_is_kept_sealed_and_only_its_end_can_be_read(seller):
    address = set_account(seller, " de89-3704 0044 0532 0130 00 ")

    assert (str(address), unseal_account(address.sealed)) == (
        "DE…3000",
        BankAccount("DE89370400440532013000", "Sam Seller"),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM payouts_payoutaddress")
        row = str(cursor.fetchall())
    assert not any(secret in row for secret in ("370400440532", "Sam", "Seller"))


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "3000",
        "DE88 3704 0044 0532 0130 00",
        "DE89 3704 0044 0532 0130 0",
        "ZZ89370400440532013000",
        "é" * 40,
        "DE00370400440000000060",
        "DE01370400440000000042",
        "DE99370400440000000024",
        "IBAN",
        "DE89 3704 0044 0532 0130 00 COBADEFFXXX",
    ],
)
def test_what_is_no_iban_is_refused(seller, typed):
    with pytest.raises(Invalid) as refusal:
        set_account(seller, typed)

    assert (refusal.value.field, address_of(seller.pk)) == ("number", None)


@pytest.mark.parametrize(
    "typed",
    [
        "IBAN: DE89 3704 0044 0532 0130 00",
        "iban DE89370400440532013000",
        "\u202aDE89\u00a03704\u20090044 0532 0130 00\u202c",
        "DE89\u200b3704\u200b0044\u200b0532\u200b0130\u200b00",
        "ＤＥ８９３７０４００４４０５３２０１３０００",
        "DE89\u20133704\u20130044\u20130532\u20130130\u201300",
        "de89.3704.0044.0532.0130.00\n",
        "DE٨٩ ٣٧٠٤ ٠٠٤٤ ٠٥٣٢ ٠١٣٠ ٠٠",
        "DE८९370400440532013000",
    ],
    ids=[
        "labelled",
        "small label",
        "unseen signs",
        "without width",
        "wide",
        "dashes",
        "dots",
        "Arabic digits",
        "two Indian digits",
    ],
)
def test_an_iban_is_read_as_it_is_pasted(seller, typed):
    assert unseal_account(set_account(seller, typed).sealed).iban == "DE89370400440532013000"


@pytest.mark.parametrize("holder", ["", "  ", "x" * 71])
def test_an_account_has_a_holder(seller, holder):
    with pytest.raises(Invalid) as refusal:
        set_account(seller, holder=holder)

    assert (refusal.value.field, address_of(seller.pk)) == ("holder", None)


def test_a_new_account_waits_and_its_owner_is_told_by_mail(seller, settings):
    address = set_account(seller)

    assert address.usable_from - address.created_at == timedelta(hours=48)
    assert not address.is_usable
    mail = OutgoingMail.objects.get()
    assert seller.email in mail.content
    assert "ends in 3000" in mail.content
    assert "0532" not in mail.content
    notice = Notification.objects.get(recipient=seller)
    assert (notice.kind, notice.extra_data) == ("payout_address_changed", {"last4": "3000"})


def test_a_changed_account_waits_again_and_the_former_one_stays_as_history(seller):
    former = set_account(seller)
    PayoutAddress.objects.update(usable_from=clock.now())

    new = set_account(seller, OTHER, expected=mark_of_address(address_of(seller.pk)))

    assert (address_of(seller.pk), new.is_usable) == (new, False)
    former.refresh_from_db()
    assert former.current_for is None


def test_the_same_account_again_changes_nothing(seller):
    address = set_account(seller)

    assert set_account(seller, expected=mark_of_address(None)) == address
    assert OutgoingMail.objects.count() == 1


def test_a_form_of_another_account_is_stale(seller):
    former = set_account(seller)

    with pytest.raises(StaleState):
        set_account(seller, OTHER, expected=mark_of_address(None))

    assert address_of(seller.pk) == former


@pytest.mark.parametrize("who", ["buyer", "admin"])
def test_who_earns_nothing_here_has_no_account(request, who):
    with pytest.raises(PermissionDenied):
        set_account(request.getfixturevalue(who))

    assert not PayoutAddress.objects.exists()


def test_a_new_secret_key_reads_the_old_ones_and_renews_them(seller, settings, capsys):
    set_account(seller)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one" * 9, [settings.SECRET_KEY]
    assert account_of(seller).last4 == "3000"

    call_command("renew_second_factors")

    assert "renewed: 1" in capsys.readouterr().out
    settings.SECRET_KEY_FALLBACKS = []
    assert account_of(seller).holder == "Sam Seller"


def test_what_no_key_reads_is_lost_and_can_be_typed_again(seller, settings):
    set_account(seller)
    settings.SECRET_KEY = "a new one" * 9

    assert account_of(seller) is None
    assert set_account(seller, OTHER).last4 == "4300"
