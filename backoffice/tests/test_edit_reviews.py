"""The case of a listing's edit: both sides with what differs; decided once, by somebody who has no stake in it."""

from html import unescape

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role, User
from marketplace.products.models import ListingEdit, ListingVersion, Product, Variant
from marketplace.products.services import NewVariant
from marketplace.reviewing.models import Submission
from marketplace.reviewing.states import Decision
from marketplace.web.tests.markup import form_on

pytestmark = pytest.mark.usefixtures("books_balance")


def case(submission: Submission, action: str = "") -> str:
    return reverse(f"backoffice:review{action}", args=[submission.public_id])


@pytest.fixture
def desk(admin, as_person):
    return as_person(admin)


@pytest.fixture
def changed(shirt, hand_in_edit) -> Submission:
    return hand_in_edit(
        shirt,
        title="Linen shirt",
        description="Of linen.",
        options=[("Size", ["S", "L"])],
        variants=[NewVariant(1000, 5, ("S",), sku="S-9"), NewVariant(1400, 4, ("L",), sku="L-1")],
        shows="The collar",
    )


def read(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def send(client, submission: Submission, decision: str, **typed: object):
    fields = form_on(read(client, case(submission)), case(submission, "_decide"))
    return client.post(case(submission, "_decide"), fields | {"decision": decision} | typed)


def store() -> list[object]:
    models = (Product, Variant, ListingEdit, ListingVersion, Submission)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.every_database
def test_the_case_shows_both_sides_and_what_differs(desk, changed):
    page = read(desk, case(changed))

    assert '<del><span class="visually-hidden">removed: </span>cotton</del>' in page
    assert '<ins><span class="visually-hidden">added: </span>linen</ins>' in page
    for part in ("differs-text", "differs-pictures", "differs-options", "differs-variants"):
        assert f'data-testid="{part}"' in page
    assert page.count('data-testid="differs-variant"') == 3
    assert "The collar" in page
    assert "Would like to change" in read(desk, reverse("backoffice:reviews"))


@pytest.mark.every_database
def test_what_a_seller_writes_is_text(desk, shirt, hand_in_edit):
    submission = hand_in_edit(shirt, title="<b>Bold</b>", description="<script>alert(1)</script>")

    page = desk.get(case(submission)).content.decode()

    assert "<script>alert" not in page
    assert "<b>Bold" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.every_database
@pytest.mark.parametrize(
    ("decision", "reason", "status", "title"),
    [
        (Decision.APPROVE, "", "confirmed", "Linen shirt"),
        (Decision.REJECT, "Another thing", "declined", "Shirt"),
        (Decision.ASK_FOR_CHANGES, "Say how soft", "changes_requested", "Shirt"),
    ],
)
def test_it_is_decided_from_its_page(desk, changed, decision, reason, status, title):
    answer = send(desk, changed, decision, reason=reason)

    assert answer.status_code == 303
    assert (ListingEdit.objects.get().status, Product.objects.get().title) == (status, title)
    again = read(desk, case(changed))  # the case stays readable, and says what differed then
    assert 'data-testid="differences"' in again


def test_without_a_reason_it_is_not_declined(desk, changed):
    before = store()

    answer = send(desk, changed, Decision.REJECT, reason="")

    assert answer.status_code == 422
    assert store() == before


def test_the_second_decision_is_told_of_the_first(desk, changed, as_person, person):
    fields = form_on(read(desk, case(changed)), case(changed, "_decide"))
    second = as_person(person(Role.ADMIN))
    send(second, changed, Decision.REJECT, reason="Another thing")
    before = store()

    answer = desk.post(case(changed, "_decide"), fields | {"decision": Decision.APPROVE})

    assert answer.status_code == 409
    assert store() == before


def test_what_no_longer_fits_is_said_and_nothing_is_done(desk, shirt, hand_in_edit, make_product):
    submission = hand_in_edit(
        shirt,
        options=[("Size", ["S", "M"])],
        variants=[NewVariant(1000, 5, ("S",), sku="NEW"), NewVariant(1200, 3, ("M",), sku="M-1")],
    )
    make_product(sku="NEW")
    before = store()

    answer = send(desk, submission, Decision.APPROVE)

    assert answer.status_code == 409
    page = unescape(answer.content.decode())
    assert "does not fit any more" in page
    assert "NEW" in page.split('data-testid="refused"')[1][:900]
    assert store() == before


def test_who_sold_it_does_not_decide(desk, changed, seller, superadmin, as_person):
    """A seller who is an admin now."""
    User.objects.filter(pk=seller.pk).update(role=Role.ADMIN)
    client = as_person(User.objects.get(pk=seller.pk))
    before = store()

    assert 'data-testid="barred"' in read(client, case(changed))
    answer = client.post(case(changed, "_decide"), {"decision": Decision.APPROVE, "shown": "x"})

    assert answer.status_code == 422
    assert store() == before


def test_a_seller_reads_no_case(changed, seller, as_person):
    assert as_person(seller).get(case(changed)).status_code == 403


@pytest.mark.every_database
def test_the_case_costs_no_more_for_more_pictures_and_variants(
    desk, shirt, seller, hand_in_edit, picture_file, django_assert_max_num_queries
):
    submission = hand_in_edit(
        shirt,
        options=[("Size", [str(number) for number in range(40)])],
        variants=[NewVariant(100, 1, (str(number),), sku=f"N{number}") for number in range(40)],
        shows="The collar",
    )
    with django_assert_max_num_queries(25):
        assert desk.get(case(submission)).status_code == 200
