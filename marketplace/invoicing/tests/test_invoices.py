"""Commission invoices: one a seller and month, numbered without gaps, every fee counted once."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.urls import reverse
from fpdf.table import Table

from marketplace.common.invariants import find_breaches
from marketplace.common.models import NumberSeries
from marketplace.delivery.services import complete_shipment
from marketplace.invoicing.invariants import INVARIANTS
from marketplace.invoicing.models import CommissionInvoice, InvoiceLine
from marketplace.invoicing.paper import draw_invoice
from marketplace.invoicing.selectors import following, lines_of, month_of, without_invoice
from marketplace.invoicing.services import write_invoices
from marketplace.mail.models import OutgoingMail
from marketplace.notifications.models import Notification
from marketplace.orders.models import Settlement
from marketplace.rates.services import Rates, offer_free_delivery, publish_rates
from marketplace.web.subjects import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]
NOW = datetime(2090, 4, 1, 0, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def rate(settings):
    settings.COMMISSION_BPS = 1_000
    settings.TIME_ZONE = "UTC"


@pytest.fixture
def sold(placed, carry, confirm, buyer, courier):
    """`sold(seller, 1_000, month=2)`: a sale of that month, with 10 % for the store."""

    def run(seller, price, *, month, day=10):
        shipment = placed(buyer, seller, price=price)
        confirm(carry(shipment, courier))
        complete_shipment(shipment_id=shipment.pk, actor=buyer)
        at = datetime(2090, month, day, 12, tzinfo=UTC)
        Settlement.objects.filter(shipment=shipment).update(at=at)
        return shipment

    return run


def written():
    return list(CommissionInvoice.objects.order_by("serial").values_list("number", "seller", "month", "fee"))


def test_one_a_seller_and_month(sold, seller, other_seller):
    for price, month in ((1_000, 2), (1_005, 2), (3_000, 3)):
        sold(seller, price, month=month)
    sold(other_seller, 2_000, month=3)

    assert write_invoices(NOW).done == 2
    assert write_invoices(NOW).done == 0

    assert written() == [
        ("2090-000001", seller.pk, date(2090, 2, 1), 201),
        ("2090-000002", seller.pk, date(2090, 3, 1), 300),
        ("2090-000003", other_seller.pk, date(2090, 3, 1), 200),
    ]
    assert InvoiceLine.objects.count() == Settlement.objects.count() == 4
    assert NumberSeries.objects.get(name="invoice 2090").last == 3
    assert find_breaches(INVARIANTS) == []


@pytest.fixture
def offers(seller, admin):
    """The seller pays deliveries of 3.90."""
    publish_rates(rates=Rates(base=390), actor=admin, expected_version=0)
    offer_free_delivery(actor=seller, free_from=500)


@pytest.mark.parametrize("commission", [0, 1_000])
def test_a_delivery_that_the_seller_paid_stands_beside_the_commission(
    offers, sold, seller, settings, commission, monkeypatch
):
    settings.COMMISSION_BPS = commission
    for price in (1_000, 2_000):
        sold(seller, price, month=2)

    assert write_invoices(NOW).done == 1

    invoice = CommissionInvoice.objects.get()
    fee = 300 if commission else 0
    assert (invoice.gross, invoice.fee, invoice.delivery, invoice.total) == (3_000, fee, 780, fee + 780)
    assert find_breaches(INVARIANTS) == []
    said = []
    monkeypatch.setattr(Table, "row", lambda table, cells, **how: said.append(cells))
    draw_invoice(invoice, lines_of(invoice))
    assert said[0] == ("Completed", "Shipment", "Sales", "Commission", "Delivery")
    assert [row[-1] for row in said[1:]] == ["€3.90", "€3.90", "€7.80"]


def test_where_buyers_pay_the_delivery_no_invoice_names_it(sold, seller, admin, monkeypatch, fund, buyer):
    publish_rates(rates=Rates(base=390), actor=admin, expected_version=0)
    fund(buyer, 390)
    sold(seller, 1_000, month=2)
    write_invoices(NOW)

    invoice = CommissionInvoice.objects.get()
    assert (invoice.fee, invoice.delivery) == (100, 0)
    said = []
    monkeypatch.setattr(Table, "row", lambda table, cells, **how: said.append(cells))
    draw_invoice(invoice, lines_of(invoice))
    assert said[0] == ("Completed", "Shipment", "Sales", "Commission")


def test_a_month_that_is_not_over_waits(sold, seller):
    sold(seller, 1_000, month=4, day=1)

    assert write_invoices(NOW).done == 0
    assert write_invoices(datetime(2090, 4, 30, 23, 59, tzinfo=UTC)).done == 0
    assert write_invoices(datetime(2090, 5, 1, tzinfo=UTC)).done == 1


def test_the_months_are_those_of_the_store(sold, seller, settings):
    sold(seller, 1_000, month=3, day=31)
    Settlement.objects.update(at=datetime(2090, 3, 31, 22, 30, tzinfo=UTC))
    settings.TIME_ZONE = "Europe/Athens"

    assert write_invoices(NOW).done == 0
    settings.TIME_ZONE = "UTC"
    assert write_invoices(NOW).done == 1


def test_without_a_commission_there_is_none(sold, seller, settings):
    settings.COMMISSION_BPS = 0
    sold(seller, 1_000, month=2)

    assert write_invoices(NOW).done == 0
    assert not CommissionInvoice.objects.exists()


def test_a_late_one_is_the_next_months(sold, seller):
    sold(seller, 1_000, month=3)
    write_invoices(NOW)
    sold(seller, 2_000, month=3)

    assert write_invoices(NOW).done == 0
    assert write_invoices(datetime(2090, 5, 2, tzinfo=UTC)).done == 1

    assert [(row[2], row[3]) for row in written()] == [(date(2090, 3, 1), 100), (date(2090, 4, 1), 200)]


def test_a_year_begins_with_one(sold, seller):
    sold(seller, 1_000, month=11)
    write_invoices(datetime(2090, 12, 1, tzinfo=UTC))
    sold(seller, 1_000, month=12)

    write_invoices(datetime(2091, 1, 1, tzinfo=UTC))

    assert [row[0] for row in written()] == ["2090-000001", "2091-000001"]


def test_what_fails_gives_its_number_back(sold, seller, other_seller, monkeypatch):
    sold(seller, 1_000, month=2)
    sold(other_seller, 1_000, month=2)
    monkeypatch.setattr("marketplace.invoicing.services.insert", lambda rows: 1 / 0)
    assert write_invoices(NOW).failed == 2
    monkeypatch.undo()

    write_invoices(datetime(2090, 4, 2, tzinfo=UTC))

    assert [row[0] for row in written()] == ["2090-000001", "2090-000002"]


def test_what_it_says_is_as_it_was_then(sold, seller, settings):
    sold(seller, 1_000, month=2)
    write_invoices(NOW)
    shop = seller.seller_profile
    former = shop.shop_name
    shop.shop_name = "Renamed"
    shop.save(update_fields=["shop_name"])

    assert CommissionInvoice.objects.get().seller_name == former


def test_nobody_deletes_one(sold, seller):
    sold(seller, 1_000, month=2)
    write_invoices(NOW)

    with pytest.raises(ProtectedError):
        CommissionInvoice.objects.all().delete()
    with pytest.raises(ProtectedError):
        Settlement.objects.all().delete()


def test_its_seller_reads_it_and_nobody_else(sold, seller, other_seller, as_person):
    sold(seller, 1_234, month=2)
    write_invoices(NOW)
    number = CommissionInvoice.objects.get().number

    assert f"{number} · PDF" in as_person(seller).get(reverse("shop:invoices")).content.decode()
    answer = as_person(seller).get(reverse("shop:invoice_pdf", args=[number]))
    assert answer.content.startswith(b"%PDF-")
    assert answer["Content-Disposition"] == f'inline; filename="invoice-{number}.pdf"'
    assert as_person(other_seller).get(reverse("shop:invoice_pdf", args=[number])).status_code == 404
    assert number not in as_person(other_seller).get(reverse("shop:invoices")).content.decode()


@pytest.mark.parametrize("name", ["王小明", "سلمى", "Νίκος", "สมชาย", "🙂"])
def test_names_of_every_script_are_drawn(sold, seller, name):
    sold(seller, 1_000, month=2)
    write_invoices(NOW)
    invoice = CommissionInvoice.objects.get()
    invoice.seller_name = invoice.store_name = invoice.seller_address = name

    assert draw_invoice(invoice, lines_of(invoice)).startswith(b"%PDF-")


def test_the_months_follow_each_other():
    assert following(date(2090, 12, 1)) == date(2091, 1, 1)
    assert following(date(2090, 1, 1)) == date(2090, 2, 1)
    assert month_of(datetime(2090, 2, 28, 23, tzinfo=UTC)) == date(2090, 2, 1)


BREAKS = {
    "I47 an invoice": lambda: CommissionInvoice.objects.update(fee=1),
    "I47 an invoice is": lambda: CommissionInvoice.objects.update(delivery=1),
    "I47 the numbers": lambda: CommissionInvoice.objects.update(serial=7),
}


@pytest.mark.breaks_books
@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_row_is_found(sold, seller, name):
    sold(seller, 1_000, month=2)
    write_invoices(NOW)
    assert find_breaches(INVARIANTS) == []

    BREAKS[name]()

    assert any(breach.invariant.name.startswith(name) for breach in find_breaches(INVARIANTS))


def test_the_clock_finds_what_waits_by_an_index_and_not_what_was_invoiced(sold, seller):
    """It asks every hour: the settlements of all years before are not read again."""
    for price in (1_000, 2_000):
        sold(seller, price, month=3)
    write_invoices(NOW)
    assert not Settlement.objects.filter(waits_for_invoice=True).exists()

    plan = " ".join(str(without_invoice(NOW).order_by().values("pk").explain()).split())
    if connection.vendor == "sqlite":
        assert "USING INDEX orders_sett_waits_f" in plan.replace("COVERING ", ""), plan
    statement = str(without_invoice(NOW).query)
    assert "waits_for_invoice" in statement


def test_what_has_no_fee_waits_for_no_invoice(sold, seller, settings):
    settings.COMMISSION_BPS = 0
    sold(seller, 1_000, month=3)

    assert Settlement.objects.get().waits_for_invoice is None
    assert write_invoices(NOW).done == 0


def test_the_seller_is_told_once_by_bell_and_by_mail(sold, seller):
    sold(seller, 1_000, month=3)

    for _ in range(2):
        write_invoices(NOW)

    notice = Notification.objects.get(kind="invoice_written")
    assert (notice.recipient, notice.extra_data) == (seller, {"number": "2090-000001", "amount": 100})
    assert page_of(notice.content_object, seller) == reverse("shop:invoices")
    mail = OutgoingMail.objects.get()
    assert seller.email in mail.content
    assert "2090-000001 for March 2090" in mail.content
