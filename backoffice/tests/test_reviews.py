"""The queue of what is reviewed: the list, the case, the decision, and the next case."""

import re
from html import unescape

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone

from marketplace.accounts.models import Role, SellerProfile, User
from marketplace.applications.models import Application
from marketplace.reviewing.models import Submission, SubmissionEvent
from marketplace.reviewing.states import Decision
from marketplace.web.tests.markup import form_on

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("books_balance")]

QUEUE = reverse("backoffice:reviews")


def case(submission: Submission, action: str = "") -> str:
    return reverse(f"backoffice:review{action}", args=[submission.public_id])


def everything() -> list[list[dict]]:
    models = (Application, Submission, SubmissionEvent, User, SellerProfile)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.fixture
def shop(buyer, applying) -> Submission:
    return applying.submission_of(applying.apply(buyer, applying.shop_wish()))


@pytest.fixture
def courier_to_be(stranger, applying) -> Submission:
    return applying.submission_of(applying.apply(stranger, applying.courier_wish("Eve Evans")))


@pytest.fixture
def client(admin, as_person):
    return as_person(admin)


def read(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def send(client, submission, decision: str, **typed):
    fields = form_on(read(client, case(submission)), case(submission, "_decide"))
    return client.post(case(submission, "_decide"), fields | {"decision": decision} | typed)


def test_what_waits_is_in_the_inbox_and_the_list(client, shop, courier_to_be):
    assert 'data-testid="queue-reviews"' in read(client, reverse("backoffice:home"))
    page = read(client, QUEUE)
    assert page.count('data-testid="desk-row"') == 2
    assert page.index("Bea's Beans") < page.index("Eve Evans"), "the longest waiting first"


def test_nothing_waits(client):
    assert "Nothing waits for a decision" in read(client, QUEUE)
    assert "queue-reviews" not in read(client, reverse("backoffice:home"))
    assert "Nothing fits" in read(client, f"{QUEUE}?mine=1")


@pytest.mark.every_database
def test_it_is_filtered(client, admin, shop, courier_to_be):
    Submission.objects.filter(pk=shop.pk).update(assigned_to=admin)

    for query, names in (
        ("kind=seller_application", {"Bea's Beans"}),
        ("kind=courier_application", {"Eve Evans"}),
        ("mine=1", {"Bea's Beans"}),
        ("kind=nonsense", {"Bea's Beans", "Eve Evans"}),
        ("kind=courier_application&mine=1", set()),
    ):
        page = read(client, f"{QUEUE}?{query}")
        assert {name for name in ("Bea's Beans", "Eve Evans") if name in page} == names, query


def test_an_accepted_one_has_the_role_and_the_next_case_opens(client, buyer, shop, courier_to_be):
    answer = send(client, shop, "approved", reason="")

    assert (answer.status_code, answer["Location"]) == (303, case(courier_to_be))
    assert User.objects.get(pk=buyer.pk).role == Role.SELLER
    assert send(client, courier_to_be, "rejected", reason="Enough")["Location"] == QUEUE


@pytest.mark.every_database
def test_the_filter_stays_where_the_next_case_opens(client, shop, courier_to_be):
    fields = form_on(read(client, case(shop)), case(shop, "_decide"))
    path = f"{case(shop, '_decide')}?kind=seller_application"

    answer = client.post(path, fields | {"decision": "approved"})

    assert answer["Location"] == f"{QUEUE}?kind=seller_application"


@pytest.mark.parametrize("decision", ["rejected", "changes_requested"])
def test_a_refusal_without_a_reason_is_asked_for_one_in_its_own_form(client, shop, decision):
    before = everything()

    answer = send(client, shop, decision, reason=" ")

    page = answer.content.decode()
    assert answer.status_code == 422
    act = re.search(rf'<details[^>]*?data-testid="act-{decision}"', page, re.DOTALL)[0]
    assert " open" in act
    assert "Please say why.</strong>" in page
    assert everything() == before


def test_a_word_that_is_no_decision_is_refused(client, shop):
    before = everything()

    assert send(client, shop, "burned", reason="x").status_code == 422
    assert client.post(case(shop, "_decide"), {}).status_code == 422

    assert everything() == before


def test_a_reason_is_filled_in_without_javascript(client, shop):
    before = everything()
    answer = send(client, shop, "changes_requested", reason="Hello.", template="other_name")

    page = unescape(answer.content.decode())
    assert answer.status_code == 200
    assert "Hello. Please choose another shop name" in page
    assert " open" in re.search(r'<details[^>]*?act-changes_requested"', page, re.DOTALL)[0]
    assert everything() == before
    again = send(client, shop, "changes_requested", reason="Hello.", template="nonsense")
    assert "Hello." in again.content.decode()


def test_the_second_decision_shows_the_first(client, superadmin, shop, as_person):
    other = as_person(superadmin)
    fields = form_on(read(other, case(shop)), case(shop, "_decide"))
    send(client, shop, "rejected", reason="No such goods here")
    before = everything()

    answer = other.post(case(shop, "_decide"), fields | {"decision": "approved"})

    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "Ada has decided already: Rejected. Reason: No such goods here" in page
    assert 'data-testid="act-' not in page
    assert everything() == before


def test_a_form_of_an_earlier_round_decides_nothing(client, admin, buyer, shop, applying):

    fields = form_on(read(client, case(shop)), case(shop, "_decide"))
    application = applying.newest_of(buyer)
    applying.decide(application, admin, Decision.ASK_FOR_CHANGES, "More")
    applying.send_again(application, applying.shop_wish(about="Something else"))
    before = everything()

    answer = client.post(case(shop, "_decide"), fields | {"decision": "approved", "reason": "Good"})

    page = unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "has changed since the page was drawn" in page
    assert "Something else" in page
    assert "Good</textarea>" in page
    assert everything() == before


def test_who_has_a_stake_reads_why_not(placed, seller, buyer, superadmin, as_person, shop):
    placed()
    User.objects.filter(pk=seller.pk).update(role=Role.ADMIN)
    client = as_person(User.objects.get(pk=seller.pk))
    before = everything()

    page = read(client, case(shop))

    assert 'data-testid="barred"' in page
    assert 'data-testid="act-' not in page
    sent = {"decision": "approved", "shown": "x"}
    assert client.post(case(shop, "_decide"), sent).status_code == 422
    assert everything() == before


def test_a_case_is_taken_and_given_back(client, admin, shop):
    for to, whose in (("me", admin), ("nobody", None)):
        page = read(client, case(shop))
        answer = client.post(case(shop, "_assign"), form_on(page, case(shop, "_assign")))
        assert answer.status_code == 303
        shop.refresh_from_db()
        assert shop.assigned_to == whose, to


def test_a_case_that_somebody_took_meanwhile_stays_theirs(client, superadmin, shop, as_person):
    fields = form_on(read(client, case(shop)), case(shop, "_assign"))
    other = as_person(superadmin)
    other.post(case(shop, "_assign"), form_on(read(other, case(shop)), case(shop, "_assign")))

    answer = client.post(case(shop, "_assign"), fields)

    assert answer.status_code == 409
    assert "Suri is looking at this." in answer.content.decode()
    shop.refresh_from_db()
    assert shop.assigned_to == superadmin


def test_a_case_that_is_none(client):
    for path in ("nothing", "0" * 12):
        assert client.get(reverse("backoffice:review", args=[path])).status_code == 404


@pytest.mark.every_database
@pytest.mark.breaks_books
def test_twenty_thousand_cost_no_more_statements(client, person, django_assert_max_num_queries):
    """The rows have no history; a page of them is read as any other."""
    people = [person(name=f"Nr {number}") for number in range(3)]
    applications = Application.objects.bulk_create(
        [
            Application(
                applicant=people[number % 3],
                role="seller",
                shop_name=f"Shop {number}",
                agreed_at=timezone.now(),  # noqa: TID251
                open_key=f"t{number}",
            )
            for number in range(20_000)
        ],
        batch_size=2_000,
    )
    content_type = ContentType.objects.get_for_model(Application)
    Submission.objects.bulk_create(
        [
            Submission(
                kind="seller_application",
                content_type=content_type,
                object_id=row.pk,
                submitter_id=row.applicant_id,
                open_key=f"t{row.pk}",
            )
            for row in applications
        ],
        batch_size=2_000,
    )
    client.get(QUEUE)
    first = Submission.objects.earliest("pk")

    with django_assert_max_num_queries(8):
        page = client.get(QUEUE).content.decode()
    with django_assert_max_num_queries(8):
        client.get(f"{QUEUE}?kind=seller_application&mine=1")
    with django_assert_max_num_queries(8):
        client.get(unescape(re.search(r'href="([^"]*after=[^"]*)"', page)[1]))
    with django_assert_max_num_queries(8):
        client.get(case(first))
