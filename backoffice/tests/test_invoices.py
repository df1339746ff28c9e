"""Staff find every commission invoice by its number, its seller or its month, and read what the seller reads."""

from datetime import date

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.invoicing.models import CommissionInvoice
from marketplace.invoicing.selectors import PAGE_SIZE, invoices_page

pytestmark = [pytest.mark.django_db, pytest.mark.every_database]
PAGE = reverse("backoffice:invoices")


@pytest.fixture
def office(person, as_person):
    return as_person(person(Role.ADMIN))


@pytest.fixture
def write():
    """`write(seller, month=3, serial=1)`: an invoice of 2090 over 2.00."""

    def run(seller, *, month, serial, year=2090, name="王小明 Tools"):
        return CommissionInvoice.objects.create(
            year=year,
            serial=serial,
            number=f"{year}-{serial:06d}",
            seller=seller,
            month=date(year, month, 1),
            currency="EUR",
            gross=2_000,
            fee=200,
            store_name="Store",
            seller_name=name,
        )

    return run


def numbers(office, **query):
    return [row.number for row in office.get(PAGE, query).context["rows"]]


def test_invoices_are_found_by_number_shop_address_and_month(office, write, seller, other_seller):
    march = write(seller, month=3, serial=1).number
    april = write(seller, month=4, serial=2).number
    other = write(other_seller, month=4, serial=3, name="Beans").number

    assert numbers(office) == [other, april, march]
    assert numbers(office, q=march) == [march]
    assert numbers(office, q="小明") == [april, march]
    assert numbers(office, q="beans") == [other]
    assert numbers(office, q=other_seller.email.upper()) == [other]
    assert numbers(office, month="2090-04") == [other, april]
    assert numbers(office, month="2090-04", q="beans") == [other]
    assert numbers(office, q="nobody") == []


@pytest.mark.parametrize("month", ["", "2090", "2090-13", "04/2090", "٢٠٩٠-٠٤", "0000-01", "x" * 90])
def test_what_is_no_month_is_no_filter(office, write, seller, month):
    number = write(seller, month=3, serial=1).number

    assert numbers(office, month=month) == [number]


def test_a_page_ends_and_the_next_one_goes_on(office, write, seller, django_assert_max_num_queries):
    for serial in range(1, PAGE_SIZE + 2):
        write(seller, month=serial % 12 + 1, serial=serial, year=2090 + serial // 12)

    first = office.get(PAGE)
    with django_assert_max_num_queries(8):
        rest = office.get(first.context["more_url"])

    assert len(first.context["rows"]) == PAGE_SIZE
    assert len(rest.context["rows"]) == 1
    assert rest.context["more_url"] == ""


def test_staff_read_the_pdf_and_nobody_reads_anothers(office, write, seller, other_seller, as_person):
    number = write(seller, month=3, serial=1).number
    pdf = reverse("backoffice:invoice_pdf", args=[number])

    assert office.get(pdf).content.startswith(b"%PDF-")
    assert as_person(seller).get(pdf).status_code == 403
    assert invoices_page(other_seller) == ([], "")
    assert office.get(reverse("backoffice:invoice_pdf", args=["2090-000009"])).status_code == 404
