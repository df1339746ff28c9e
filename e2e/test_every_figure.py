"""One sale with delivery, commission, tax by class, a coupon and a reserve: each figure on each page that shows it.

172.92  two enamel kettles 59.00, a copper kettle on sale 39.92, a lamp 74.00
− 5.00  the coupon: 1.71, 1.15 and 2.14 of the three lines, by largest remainder
167.92  goods; 96.06 at 19 % contain 15.34 of tax (9.15 and 6.19), 71.86 at 7 % contain 4.70
+  3.90  delivery, with 0.62 of tax; 0.39 is the store's share and 3.51 the courier's
171.82  is held
− 12.59  commission, 7.5 % of the goods
155.33  is the seller's, of which 15.53 wait in reserve
"""

import csv
import io
from datetime import timedelta

from django.db.models import Sum
from playwright.sync_api import Page, expect

from e2e.courier_phone import type_pin
from e2e.shopper import Shopper
from e2e.test_paid_to_the_cent import (
    COURIERS_BANK,
    SMALL,
    approve,
    ask_for_all,
    look,
    make_file,
    note_as_sent,
    this_months_statement,
)
from marketplace.common import clock
from marketplace.delivery.services import release_earnings
from marketplace.invoicing.services import write_invoices
from marketplace.orders.models import Order
from marketplace.rates.services import Rates, publish_rates
from marketplace.wallet.models import StoreWallet, Transaction
from marketplace.wallet.selectors import wallet_of
from site_config.acts import coupons, delivery, payouts
from site_config.testing.pdf import lines_of

TAX = {"DE": {"standard": 1_900, "reduced": 700}}
TAXES = {"Contains 19% tax on €84.00": "€15.96", "Contains 7% tax on €67.16": "€4.70"}


def expect_texts(page: Page, **texts: str) -> None:
    """What stands under each `data-testid`, to the cent; "_" is written for "-"."""
    for name, text in texts.items():
        expect(page.get_by_test_id(name.replace("_", "-"))).to_have_text(text)


def expect_lines(page: Page, *lines: str) -> None:
    """The lines of money on a page, in this order, as label and amount."""
    shown = [" ".join(line.split()) for line in page.locator(".money-line").all_inner_texts()]
    for line in lines:
        assert line in shown, (line, shown)


def fees() -> int:
    """What the store has earned."""
    rows = Transaction.objects.filter(wallet__code=StoreWallet.FEES)
    return rows.aggregate(sum=Sum("balance_delta"))["sum"] or 0


def set_tax_class(page: Page, category: str, tax_class: str) -> None:
    page.goto("/backoffice/tax/")
    page.get_by_label("Category*").select_option(label=category)
    page.get_by_label("Tax class", exact=True).select_option(label=tax_class)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_test_id("categories").locator("tr", has_text=category)).to_contain_text("7%")
    look(page, "figures-tax")


def fill_the_cart(page: Page) -> None:
    """By the pages of the goods; then the coupon, as somebody types it."""
    bea = Shopper(page, None)
    bea.search_and_add("enamel", "Enamel kettle", pieces=2)
    expect(page.get_by_test_id("delivery")).to_contain_text("€3.90")
    bea.search_and_add("copper", "Copper kettle")
    bea.search_and_add("lamp", "Reading lamp")
    page.goto("/cart/")
    expect_texts(page, cart_delivery="€3.90", cart_total="€176.82")
    page.get_by_text("A coupon of this shop?").click()
    page.get_by_test_id("coupon-code").fill(" save 5 ")
    page.get_by_role("button", name="Use it").click()
    expect_texts(page, cart_coupon="−€5.00", cart_delivery="€3.90", cart_total="€171.82")
    expect(page.get_by_test_id("coupon-applied")).to_contain_text("Coupon SAVE5: €5.00 off")
    for title, total in (
        ("Enamel kettle", "€59.00"),
        ("Copper kettle", "€39.92"),
        ("Reading lamp", "€74.00"),
    ):
        line = page.get_by_test_id("cart-line").filter(has_text=title)
        expect(line.get_by_test_id("line-total")).to_have_text(total)
    look(page, "figures-cart")


def order_it(page: Page) -> Order:
    page.get_by_test_id("to-checkout").click()
    expect_texts(page, checkout_coupon="−€5.00", checkout_delivery="€3.90", checkout_total="€171.82")
    expect_texts(page, stays="€328.18")
    expect(page.get_by_test_id("door-delivery")).to_contain_text("€3.90")
    expect(page.get_by_test_id("place-order")).to_have_text("Order and hold €171.82")
    look(page, "figures-checkout")
    return Order.objects.get(number=Shopper(page, None).place_the_order(name="Bea", phone="+49 30 1234567"))


def expect_order(page: Page, order: Order, *, held: str) -> None:
    page.goto(f"/orders/{order.number}/")
    expect_texts(page, coupon="−€5.00", delivery="€3.90", shipment_total="€171.82", order_total="€171.82")
    expect_texts(page, order_held=held)
    expect_lines(page, *(f"{label} {tax}" for label, tax in TAXES.items()))
    expect(page.get_by_test_id("tax")).to_have_text(list(TAXES.values()))
    look(page, f"figures-order-{held}")


def expect_receipt(page: Page, order: Order) -> None:
    lines = lines_of(page.request.get(f"/orders/{order.number}/receipt.pdf").body())
    for line in (
        "Enamel kettle | 2 | €29.50 | €59.00",
        "Copper kettle | 1 | €39.92 | €39.92",
        "Reading lamp | 1 | €74.00 | €74.00",
        "Coupon SAVE5 | -€5.00",
        "Delivery | €3.90",
        "Together | €171.82",
        "Tax contained | Net | Tax | With tax",
        "19% | €84.00 | €15.96 | €99.96",
        "7% | €67.16 | €4.70 | €71.86",
        "Ordered | €171.82",
        "Total | €171.82",
    ):
        assert line in lines, (line, lines)


def carry_it(courier: Page, buyer: Page, order: Order) -> None:
    """Claimed, picked up and handed over by its PIN, on the courier's phone."""
    shipment = order.shipments.get()
    courier.goto("/courier/")
    courier.get_by_test_id("available").get_by_test_id("claim").click()
    courier.goto("/courier/jobs/")
    courier.goto(f"/courier/jobs/{delivery.job_of(shipment).number}/")
    expect(courier.get_by_text("€3.51").first).to_be_visible()
    courier.get_by_role("button", name="Picked up").click()
    expect(courier.get_by_role("link", name="Hand over")).to_be_visible()
    buyer.reload()
    pin = buyer.get_by_test_id("pin").inner_text().replace(" ", "")
    courier.goto(f"/courier/jobs/{delivery.job_of(shipment).number}/confirm/")
    type_pin(courier, pin)
    expect(courier.get_by_test_id("confirmed")).to_contain_text("Delivered")
    expect(courier.get_by_test_id("confirmed")).to_contain_text("You earned €3.51.")


def expect_me(courier: Page) -> None:
    """The courier's own page: a parcel today, what it brought, and that it is held for a day."""
    courier.goto("/courier/me/")
    expect_texts(courier, today="1", earned="€3.51", pending="€3.51")
    expect(courier.locator(".tally .money")).to_have_text(["€3.51"] * 4)
    expect(courier.get_by_role("region", name="Last jobs")).to_contain_text("€3.51")
    look(courier, "figures-me")


def expect_parcel(seller: Page, order: Order) -> None:
    seller.goto(f"/seller/parcels/{order.shipments.get().number}/")
    expect_texts(seller, gross="€167.92", fee="€12.59", net="€155.33")
    expect_texts(seller, coupon="−€5.00", parcel_goods="€167.92")
    look(seller, "figures-parcel")


def rows_of(statement: str) -> list[list[str]]:
    """Words and sums of each row of a statement, without its time and its currency."""
    return [[row[1], *row[5:]] for row in csv.reader(io.StringIO(statement)) if row]


def expect_statements(seller: Page, courier: Page) -> None:
    rows = rows_of(this_months_statement(seller))
    for row in (
        ["155.33", "0.00", "155.33", "0.00"],
        ["-15.53", "15.53", "139.80", "15.53"],
        ["-139.80", "139.80", "0.00", "155.33"],
        ["0.00", "-139.80", "0.00", "15.53"],
    ):
        assert row in [row[1:] for row in rows], (row, rows)
    assert ["Closing balance", "", "", "0.00", "15.53"] in rows
    assert [row[1:4] for row in rows[-2:]] == [["80.72", "15.34", "96.06"], ["67.16", "4.70", "71.86"]]
    assert rows[-3][0] == "Tax in the sales that were completed this month"

    lines = pdf_of_this_month(seller)
    for line in ("19% | €80.72 | €15.34 | €96.06", "7% | €67.16 | €4.70 | €71.86"):
        assert line in lines, lines
    sums = [line.split(" | ")[2:] for line in lines if line.count(" | ") == 4]
    for row in (
        ["€155.33", "€155.33", "€0.00"],
        ["-€15.53", "€139.80", "€15.53"],
        ["-€139.80", "€0.00", "€155.33"],
        ["€0.00", "€0.00", "€15.53"],
    ):
        assert row in sums, (row, lines)

    rows = rows_of(this_months_statement(courier))
    changes = [row[1:] for row in rows]
    assert ["3.51", "0.00", "3.51", "0.00"] in changes, rows
    assert ["-3.51", "3.51", "0.00", "3.51"] in changes
    assert rows[-1] == ["Closing balance", "", "", "0.00", "0.00"]  # no tax: the store sells deliveries
    assert any("€3.51" in line for line in pdf_of_this_month(courier))


def pdf_of_this_month(page: Page) -> list[str]:
    page.goto("/earnings/statements/")
    address = page.get_by_test_id("months").get_by_role("link", name="PDF").first.get_attribute("href")
    return lines_of(page.request.get(address).body())


def expect_invoice(seller: Page) -> None:
    """After the month: of the commission; the delivery was the buyer's and is not on it."""
    write_invoices(clock.now() + timedelta(days=32))
    seller.goto("/earnings/")
    seller.get_by_test_id("invoices").click()
    link = seller.get_by_test_id("invoices").get_by_role("link")
    expect(link).to_contain_text("€12.59")
    look(seller, "figures-invoices")
    lines = lines_of(seller.request.get(link.get_attribute("href")).body())
    assert "Together | €167.92 | €12.59" in lines, lines


def test_every_figure_of_a_sale_is_right_wherever_it_stands(stocked, books_balance, visit_as, settings):
    settings.COMMISSION_BPS, settings.RESERVE_BPS, settings.RESERVE_DAYS = 750, 1_000, 30
    settings.PAYOUT_MINIMUM, settings.TAX_RATES = 1, TAX
    publish_rates(rates=Rates(base=390, store_bps=1_000), actor=stocked.admin, expected_version=0)
    coupons.make(stocked.seller, "SAVE5", amount=500)
    people = (stocked.admin, stocked.buyer, stocked.seller, stocked.courier)
    office, buyer, seller, courier = pages = [visit_as(person, **SMALL) for person in people]
    for page in pages:
        page.context.set_default_timeout(60_000)

    # Sold.
    set_tax_class(office, "Lamps", "Reduced rate")
    fill_the_cart(buyer)
    order = order_it(buyer)
    assert (order.total, wallet_of(stocked.buyer.pk).held_balance) == (17_182, 17_182)
    expect_order(buyer, order, held="€171.82")
    expect_receipt(buyer, order)
    expect_parcel(seller, order)
    seller.goto("/earnings/")
    expect_texts(seller, pending="€155.33", available="€0.00")

    # Delivered: the courier is paid by the proof, the rest is still held.
    carry_it(courier, buyer, order)
    expect_me(courier)
    courier.goto("/earnings/")
    expect_texts(courier, pending="€3.51", available="€0.00")
    expect_order(buyer, order, held="€167.92")
    assert (wallet_of(stocked.courier.pk).held_balance, fees()) == (351, 39)

    # Completed by the buyer: the seller is paid.
    buyer.get_by_test_id("all-fine").click()
    buyer.get_by_role("button", name="Yes, pay €167.92").click()
    expect(buyer.get_by_test_id("where-the-money-is")).to_contain_text("€167.92 was paid to")
    expect_order(buyer, order, held="€0.00")
    expect_receipt(buyer, order)
    buyer.goto("/wallet/")
    expect_texts(buyer, balance="€328.18", held="€0.00")
    expect_parcel(seller, order)
    release_earnings(clock.now() + timedelta(hours=25))
    seller.goto("/earnings/")
    expect_texts(seller, available="€139.80", pending="€0.00", reserve="€15.53")
    look(seller, "figures-earnings")
    courier.goto("/earnings/")
    expect_texts(courier, available="€3.51", pending="€0.00")
    assert fees() == 1_298
    office.goto(f"/backoffice/deliveries/{order.shipments.get().number}/")
    expect_texts(office, case_net="€155.33", case_delivery="€3.90")
    expect_lines(office, "Was held €167.92", "The store’s fee €12.59", "Coupon SAVE5 −€5.00")
    look(office, "figures-case")

    # Asked for, sent, and written down.
    payouts.give_account(stocked.seller, holder="Sam Seller")
    payouts.give_account(stocked.courier, number=COURIERS_BANK, holder="Cora Courier")
    for page in (seller, courier):
        ask_for_all(page)
    for amount in ("€139.80", "€3.51"):
        approve(office, amount)
    make_file(office)
    expect_texts(office, total="€143.31")
    note_as_sent(office, "FIGURES-1")
    for page, amount in ((seller, "€139.80"), (courier, "€3.51")):
        page.goto("/earnings/")
        expect_texts(page, available="€0.00", on_its_way="€0.00")
        expect(page.get_by_test_id("payouts")).to_contain_text(amount)
    look(courier, "figures-paid-out")
    expect_statements(seller, courier)
    expect_invoice(seller)
