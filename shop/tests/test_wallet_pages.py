import csv
import html
import io
import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.common.errors import TooMany
from marketplace.common.idempotency import new_form_key
from marketplace.wallet.models import DemoPayment, HoldKind, TopUp
from marketplace.wallet.payments import ProviderDown, demo, desk
from marketplace.wallet.selectors import wallet_of
from marketplace.wallet.services import (
    HoldRequest,
    capture_hold,
    place_holds,
    release_hold,
    start_top_up,
    top_up_wallet,
)
from marketplace.wallet.states import DemoState, TopUpStatus
from shop.views.wallet import WHY_NOTHING_CAME
from shop.views.wallet_lines import About, about

pytestmark = pytest.mark.usefixtures("books_balance")

TOP_UP = "/wallet/top-up/"
GARBAGE = [
    "\x00",
    "١٢٣",
    "9" * 60,
    "-1",
    "1e9",
    "' OR 1=1",
    "😀" * 50,
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
]


@pytest.fixture
def bea(client, buyer):
    client.force_login(buyer)
    return client


@pytest.fixture
def open_payment(buyer):
    key = new_form_key(user_id=buyer.pk, action="top_up")
    top_up = start_top_up(actor=buyer, amount=5_000, form_key=key, next_url="/cart/")
    desk.payment_page(actor=buyer, top_up_id=top_up.pk, return_url=f"/wallet/top-up/{top_up.public_id}/")
    return TopUp.objects.get(pk=top_up.pk)


def form(buyer, **fields):
    return {"form_key": new_form_key(user_id=buyer.pk, action="top_up"), "amount": "50", **fields}


def hold(owner, amount, number=1):
    request = HoldRequest(amount=amount, open_key=f"shipment:{number}", subject=owner)
    return place_holds(owner_id=owner.pk, kind=HoldKind.SHIPMENT, requests=[request])


def page(response):
    return response.content.decode()


def next_page(shown):
    return html.unescape(re.search(r'href="([^"]+)"[^>]*data-testid="more"', shown)[1])


# --- who may ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/wallet/",
        TOP_UP,
        "/wallet/statement/",
        "/wallet/statement.csv",
        "/wallet/top-up/abc/",
        "/notifications/",
    ],
)
def test_a_visitor_is_sent_to_sign_in(client, db, path):
    response = client.get(path)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_somebody_elses_payment_is_not_there(client, stranger, open_payment):
    client.force_login(stranger)

    for method, path in (
        ("get", reverse("shop:payment", args=[open_payment.public_id])),
        ("post", reverse("shop:payment_pay", args=[open_payment.public_id])),
        ("post", reverse("shop:payment_check", args=[open_payment.public_id])),
        ("get", reverse("shop:demo_payment", args=[open_payment.provider_reference])),
        ("post", reverse("shop:demo_payment", args=[open_payment.provider_reference])),
    ):
        assert getattr(client, method)(path, {"decision": "approved"}).status_code == 404
    assert DemoPayment.objects.get().state == DemoState.OPEN


@pytest.mark.parametrize("role", ["courier", "admin"])
def test_couriers_and_staff_see_their_wallet_but_do_not_top_up(client, request, role):
    client.force_login(request.getfixturevalue(role))

    assert client.get("/wallet/").status_code == 200
    assert TOP_UP not in page(client.get("/wallet/"))
    assert client.get(TOP_UP).status_code == 403
    assert client.post(TOP_UP, {"amount": "50"}).status_code == 403


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/wallet/", "post"),
        ("/wallet/statement/", "post"),
        ("/wallet/statement.csv", "post"),
        ("/wallet/top-up/abc/", "post"),
        ("/wallet/top-up/abc/pay/", "get"),
        ("/wallet/top-up/abc/check/", "get"),
        ("/payments/demo/callback/", "get"),
        ("/notifications/abc/", "get"),
        ("/notifications/read-all/", "get"),
    ],
)
def test_each_address_takes_its_own_method_only(bea, path, method):
    assert getattr(bea, method)(path).status_code == 405


# --- overview -----------------------------------------------------------------------------------


def test_the_overview_of_an_unused_wallet_says_what_to_do(bea):
    response = bea.get("/wallet/")

    assert response.status_code == 200
    assert "No money has moved yet" in page(response)
    assert TOP_UP in page(response)


def test_the_overview_shows_balance_holds_and_a_chart(bea, buyer, fund):
    fund(buyer, 5_000)
    hold(buyer, 1_200)

    shown = page(bea.get("/wallet/"))

    assert "€38.00" in shown
    assert "€12.00" in shown
    assert "<polyline" in shown
    assert "style=" not in shown


def test_the_overview_costs_the_same_however_much_happened(bea, buyer, fund, django_assert_max_num_queries):
    for number in range(1, 12):
        fund(buyer, 100)
        hold(buyer, 10, number)
    bea.get("/wallet/")

    with django_assert_max_num_queries(14):
        bea.get("/wallet/")


@pytest.fixture
def orders(buyer, fund, goods, fill_cart, check_out, person):
    """`orders(3)`: the buyer orders from that many sellers."""

    def make(sellers: int):
        fund(buyer, 100_000)
        shops = [person(Role.SELLER) for _ in range(sellers)]
        fill_cart(buyer, {goods(shop, price=1_000): 1 for shop in shops})
        return check_out(buyer)

    return make


def test_each_hold_says_why_and_leads_to_its_order(bea, buyer, orders):
    order = orders(2)

    shown = page(bea.get("/wallet/"))

    link = reverse("shop:order_detail", args=[order.number])
    for shipment in order.shipments.all():
        assert html.escape(f"Order {order.number} from {shipment.seller.seller_profile.shop_name}") in shown
    assert shown.count(link) == 4  # two holds, two rows of the statement
    assert "until the parcel is in your hands" in shown
    assert bea.get(link).status_code == 200


@pytest.mark.every_database
def test_orders_cost_the_overview_and_the_statement_one_query_more(
    bea, orders, django_assert_max_num_queries
):
    orders(5)
    orders(4)
    bea.get("/wallet/")

    with django_assert_max_num_queries(15):
        bea.get("/wallet/")
    with django_assert_max_num_queries(9):
        bea.get("/wallet/statement/")


def test_a_seller_sees_the_shipment_but_not_the_buyers_order(buyer, orders):
    shipment = orders(1).shipments.get()

    theirs = About(f"Shipment {shipment.number}", reverse("seller_dashboard:parcel", args=[shipment.number]))
    assert about(shipment, shipment.seller) == theirs
    assert about(shipment, buyer).url == reverse("shop:order_detail", args=[shipment.order.number])


def test_a_payment_is_called_by_its_side(bea, client, buyer, seller, fund):
    fund(buyer, 5_000)
    hold(buyer, 1_000)
    capture_hold(open_key="shipment:1", payees={seller.pk: 1_000}, key="settle")

    assert "Paid to the seller" in page(bea.get("/wallet/statement/"))
    client.force_login(seller)
    assert "Payment received" in page(client.get("/wallet/statement/"))


@pytest.mark.every_database
def test_a_courier_reads_which_parcel_each_fee_was_for(client, courier, delivered, settings):
    settings.COURIER_FEE = 350
    job = delivered()
    client.force_login(courier)

    for path in ("/wallet/", "/wallet/statement/"):
        shown = page(client.get(path))
        assert f"Shipment {job.shipment.number}" in shown
        assert reverse("courier:job", args=[job.number]) in shown
    overview = page(client.get("/wallet/"))
    assert "When you order" not in overview  # they cannot


# --- top-up -------------------------------------------------------------------------------------


def test_the_top_up_page_takes_an_amount_and_a_way_back(bea):
    shown = page(bea.get(TOP_UP, {"amount": "12.34", "next": "/cart/"}))

    assert 'value="12.34"' in shown
    assert 'value="/cart/"' in shown


@pytest.mark.parametrize("amount", GARBAGE)
def test_garbage_in_the_address_of_the_top_up_page_is_ignored(bea, amount):
    assert bea.get(TOP_UP, {"amount": amount, "next": amount}).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "evil" * 99]
)
def test_the_way_back_leads_nowhere_else(bea, buyer, elsewhere):
    assert elsewhere not in page(bea.get(TOP_UP, {"next": elsewhere}))

    bea.post(TOP_UP, form(buyer, next=elsewhere))

    assert TopUp.objects.get().next_url == ""


def test_a_way_back_that_is_too_long_is_forgotten(bea, buyer):
    bea.post(TOP_UP, form(buyer, next="/" + "a" * 300))

    assert TopUp.objects.get().next_url == ""


def test_a_tiny_amount_asked_for_becomes_the_smallest(bea):
    assert 'value="1.00"' in page(bea.get(TOP_UP, {"amount": "0.05"}))


def test_an_approved_top_up_credits_and_leads_on(bea, buyer):
    response = bea.post(TOP_UP, form(buyer, next="/cart/"))
    assert response.status_code == 303
    assert bea.get(response["Location"]).status_code == 200

    response = bea.post(response["Location"], {"decision": "approved"}, follow=True)

    assert wallet_of(buyer.pk).balance == 5_000
    assert 'data-status="succeeded"' in page(response)
    assert 'href="/cart/"' in page(response)


@pytest.mark.parametrize(("decision", "status"), [("declined", "failed"), ("slow", "pending")])
def test_other_answers_credit_nothing(bea, buyer, open_payment, decision, status):
    path = reverse("shop:demo_payment", args=[open_payment.provider_reference])

    response = bea.post(path, {"decision": decision}, follow=True)

    assert f'data-status="{status}"' in page(response)
    assert wallet_of(buyer.pk).balance == 0


@pytest.mark.every_database
def test_nonsense_to_the_demo_bank_is_refused(bea, open_payment):
    path = reverse("shop:demo_payment", args=[open_payment.provider_reference])

    assert bea.post(path, {"decision": "gimme"}).status_code == 422
    assert DemoPayment.objects.get().state == DemoState.OPEN


def test_the_demo_bank_closes_when_a_real_provider_is_in_use(bea, open_payment, settings):
    settings.PAYMENT_PROVIDER = "stripe"
    path = reverse("shop:demo_payment", args=[open_payment.provider_reference])

    assert bea.post(path, {"decision": "approved"}).status_code == 404
    assert DemoPayment.objects.get().state == DemoState.OPEN


def test_a_decided_demo_payment_leads_to_its_result(bea, buyer, open_payment):
    demo.decide(reference=open_payment.provider_reference, state=DemoState.APPROVED)
    desk.look_at(actor=buyer, top_up_id=open_payment.pk)

    response = bea.get(reverse("shop:demo_payment", args=[open_payment.provider_reference]))

    assert response["Location"] == reverse("shop:payment", args=[open_payment.public_id])


@pytest.mark.parametrize("amount", ["", "0", "0.99", "10000.01", "abc", "1e3", "-5", "\x00", "9" * 30])
def test_a_bad_amount_is_refused_beside_its_field_and_kept(bea, buyer, amount):
    response = bea.post(TOP_UP, form(buyer, amount=amount, next="/cart/"))

    assert response.status_code == 422
    assert "is-invalid" in page(response)
    assert 'value="/cart/"' in page(response)
    if amount and "\x00" not in amount and len(amount) < 25:
        assert f'value="{amount}"' in page(response)
    assert not TopUp.objects.exists()


def test_a_form_key_that_is_not_ours_is_refused_and_the_amount_kept(bea, buyer, stranger):
    for key in ("", "forged", new_form_key(user_id=stranger.pk, action="top_up")):
        response = bea.post(TOP_UP, {"form_key": key, "amount": "50"})

        assert response.status_code == 422
        assert 'value="50"' in page(response)
    assert not TopUp.objects.exists()


def test_a_double_click_is_one_payment(bea, buyer):
    fields = form(buyer)

    first, second = bea.post(TOP_UP, fields), bea.post(TOP_UP, fields)

    assert first["Location"] == second["Location"]
    assert TopUp.objects.count() == 1


def test_too_many_top_ups_have_to_wait(bea, buyer, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "top_up": (2, 3600)}

    answers = [bea.post(TOP_UP, form(buyer)) for _ in range(2)]
    last = form(buyer)
    refused = bea.post(TOP_UP, last)

    assert [answer.status_code for answer in (*answers, refused)] == [303, 303, 429]
    assert int(refused["Retry-After"]) > 0
    assert f'value="{last["form_key"]}"' in page(refused)
    assert TopUp.objects.count() == 2


def test_a_provider_that_is_down_leaves_a_page_to_try_again(bea, buyer, monkeypatch):
    def down(self, top_up, return_url):
        raise ProviderDown

    monkeypatch.setattr(demo.DemoProvider, "start", down)

    response = bea.post(TOP_UP, form(buyer))

    assert response.status_code == 503
    assert response["Retry-After"]
    assert reverse("shop:payment_pay", args=[TopUp.objects.get().public_id]) in page(response)
    monkeypatch.undo()
    assert bea.post(reverse("shop:payment_pay", args=[TopUp.objects.get().public_id])).status_code == 303


def test_the_payment_page_asks_again_by_itself_until_the_end(bea, buyer, open_payment):
    path = reverse("shop:payment", args=[open_payment.public_id])
    check = reverse("shop:payment_check", args=[open_payment.public_id])
    assert f'hx-post="{check}"' in page(bea.get(path))

    demo.decide(reference=open_payment.provider_reference, state=DemoState.APPROVED)
    part = page(bea.post(check, headers={"HX-Request": "true"}))

    assert 'data-status="succeeded"' in part
    assert "hx-post" not in part
    assert "<html" not in part


def test_checking_works_without_javascript(bea, buyer, open_payment):
    demo.decide(reference=open_payment.provider_reference, state=DemoState.APPROVED)

    response = bea.post(reverse("shop:payment_check", args=[open_payment.public_id]), follow=True)

    assert 'data-status="succeeded"' in page(response)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_who_checks_too_often_reads_so_and_the_provider_is_left_alone(
    bea, open_payment, settings, monkeypatch, headers
):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "payment_check": (1, 300)}
    check, asked = reverse("shop:payment_check", args=[open_payment.public_id]), []
    ask = demo.DemoProvider.ask
    monkeypatch.setattr(
        demo.DemoProvider, "ask", lambda self, top_up: asked.append(top_up) or ask(self, top_up)
    )
    bea.post(check)
    before = TopUp.objects.values().get()

    refused = bea.post(check, headers=headers)

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert ("<html" in page(refused)) is not bool(headers)
    assert "That was too often" in page(refused)
    assert f'action="{check}"' in page(refused), "it can be asked again by hand"
    assert "hx-post" not in page(refused), "it stops asking by itself"
    assert len(asked) == 1
    assert TopUp.objects.values().get() == before


@pytest.mark.parametrize("status", ["failed", "cancelled", "expired"])
def test_an_ended_payment_says_so_and_offers_another(bea, open_payment, status):
    TopUp.objects.update(status=status, settled_at=datetime(2026, 5, 1, tzinfo=UTC))

    shown = page(bea.get(reverse("shop:payment", args=[open_payment.public_id])))

    assert "No money was taken" in shown
    assert "?amount=50.00&amp;next=%2Fcart%2F" in shown


def test_forms_may_lead_to_stripe_only_where_they_have_to(bea, with_stripe):
    assert with_stripe in bea.get(TOP_UP)["Content-Security-Policy"]
    assert with_stripe not in bea.get("/wallet/")["Content-Security-Policy"]


def test_a_top_up_through_stripe_leads_to_its_page(bea, buyer, with_stripe):
    response = bea.post(TOP_UP, form(buyer))

    assert response.status_code == 303
    assert response["Location"].startswith(f"{with_stripe}/_config/pay/cs_")


# --- callbacks ----------------------------------------------------------------------------------


def test_a_forged_callback_is_refused(client, with_stripe, db):
    response = client.post("/payments/stripe/callback/", b"{}", content_type="application/json")

    assert response.status_code == 400


@pytest.mark.parametrize("name", ["stripe", "bank"])
def test_a_provider_that_is_not_in_use_has_no_callback(client, db, name):
    assert (
        client.post(f"/payments/{name}/callback/", b"{}", content_type="application/json").status_code == 404
    )


# --- statement ----------------------------------------------------------------------------------


def test_the_statement_lists_rows_with_what_was_left(bea, buyer, fund):
    fund(buyer, 5_000)
    hold(buyer, 1_200)
    release_hold(open_key="shipment:1", amount=200, key="part", memo="One <b>piece</b> cancelled")

    shown = page(bea.get("/wallet/statement/"))

    assert shown.count("statement-row") == 3
    assert "+€50.00" in shown
    assert "-€12.00" in shown
    assert "€40.00" in shown
    assert "One &lt;b&gt;piece&lt;/b&gt; cancelled" in shown


@pytest.mark.every_database
def test_the_statement_goes_on_below_the_last_row(bea, buyer):
    for number in range(1, 31):
        top_up_wallet(owner_id=buyer.pk, amount=number, key=f"gift:{number}", memo=f"gift no {number};")

    first = page(bea.get("/wallet/statement/"))
    more = next_page(first)
    part = page(bea.get(more, headers={"HX-Request": "true"}))
    whole = page(bea.get(more))

    assert (first.count("statement-row"), part.count("statement-row")) == (25, 5)
    assert "gift no 6;" in first
    assert "gift no 5;" in part
    assert 'data-testid="more"' not in part
    assert part.lstrip().startswith("<tbody>")
    assert "<html" in whole


@pytest.mark.every_database
def test_the_statement_shows_nothing_of_others(bea, buyer, stranger, fund):
    fund(stranger, 7_777)

    assert "77.77" not in page(bea.get("/wallet/statement/"))
    assert "77.77" not in text_of(bea.get("/wallet/statement.csv"))


@pytest.mark.every_database
def test_the_filters_follow_the_persons_days(bea, buyer, fund, time_machine):
    buyer.profile.time_zone = "Pacific/Auckland"
    buyer.profile.save(update_fields=["time_zone"])
    time_machine.move_to("2026-05-01 13:00Z")  # the second of May in Auckland
    fund(buyer, 1_111)
    time_machine.move_to("2026-05-03 13:00Z")  # the fourth
    fund(buyer, 2_222)
    bea.force_login(buyer)

    def rows(**filters):
        return page(bea.get("/wallet/statement/", filters)).count("statement-row")

    assert rows() == 2
    assert rows(since="2026-05-02", until="2026-05-02") == 1
    assert rows(since="2026-05-03") == 1
    assert rows(until="2026-05-01") == 0
    assert rows(kind="top_up") == 2
    assert rows(kind="fee") == 0


@pytest.mark.parametrize("text", GARBAGE)
@pytest.mark.parametrize("name", ["kind", "since", "until", "after"])
def test_garbage_in_a_filter_never_breaks_the_statement(bea, buyer, fund, name, text):
    fund(buyer, 100)

    assert bea.get("/wallet/statement/", {name: text}).status_code == 200
    assert bea.get("/wallet/statement.csv", {name: text}).status_code == 200


def test_days_in_the_wrong_order_are_said(bea):
    shown = page(bea.get("/wallet/statement/", {"since": "2026-05-02", "until": "2026-05-01"}))

    assert "This day is before the first one." in shown


def text_of(response):
    return b"".join(response.streaming_content).decode()


def test_the_csv_holds_every_row_in_the_persons_zone(bea, buyer, fund, time_machine):
    buyer.profile.time_zone = "Pacific/Auckland"
    buyer.profile.save(update_fields=["time_zone"])
    time_machine.move_to("2026-05-01 13:00Z", tick=False)
    fund(buyer, 5_000)
    hold(buyer, 1_200)
    bea.force_login(buyer)

    response = bea.get("/wallet/statement.csv")
    rows = list(csv.DictReader(io.StringIO(text_of(response).removeprefix("\ufeff"))))

    assert response["Content-Disposition"] == 'attachment; filename="statement-2026-05-02.csv"'
    assert [row["Change of the balance"] for row in rows] == ["50.00", "-12.00"]
    assert rows[1]["Balance after"] == "38.00"
    assert rows[1]["Held after"] == "12.00"
    assert rows[0]["Time"] == "2026-05-02T01:00:00+12:00"


@pytest.mark.parametrize("memo", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1"])
def test_no_cell_of_the_csv_is_a_formula(bea, buyer, memo):
    top_up_wallet(owner_id=buyer.pk, amount=1, key="gift", memo=memo)

    [row] = csv.DictReader(io.StringIO(text_of(bea.get("/wallet/statement.csv")).removeprefix("\ufeff")))

    assert row["Note"] == f"'{memo}"


def test_exports_are_limited(bea, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "export": (3, 3600)}

    answers = [bea.get("/wallet/statement.csv").status_code for _ in range(4)]

    assert answers == [200, 200, 200, TooMany.status]


def test_the_statement_costs_the_same_however_long_it_is(bea, buyer, fund, django_assert_max_num_queries):
    for number in range(1, 20):
        fund(buyer, 100)
        hold(buyer, 10, number)
    bea.get("/wallet/statement/")

    with django_assert_max_num_queries(9):
        bea.get("/wallet/statement/")


def test_a_payment_that_came_to_nothing_says_why():
    assert set(WHY_NOTHING_CAME) == set(TopUpStatus) - {TopUpStatus.PENDING, TopUpStatus.SUCCEEDED}
