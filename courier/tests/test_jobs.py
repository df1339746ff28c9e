"""The courier's round."""

import pytest
from django.urls import reverse

from marketplace.delivery.models import Delivery
from marketplace.delivery.selectors.rounds import active_jobs

JOBS = reverse("courier:jobs")
SORT = reverse("courier:sort")


@pytest.fixture
def three(claimed, on_its_way, courier):
    """Numbers of three jobs, as the suggestion has them."""
    for make in (claimed, on_its_way, claimed):
        make(None, courier)
    return [job.number for job in active_jobs(courier, None).jobs]


def shown(client) -> list[str]:
    return [job.number for job in client.get(JOBS).context["page"].jobs]


def test_an_empty_round_leads_to_the_list(client):
    page = client.get(JOBS).content.decode()

    assert "Nothing to carry right now" in page
    assert f'href="{reverse("courier:home")}"' in page


def test_the_round_has_every_stop_once_and_says_what_is_next(client, three):
    page = client.get(JOBS).content.decode()

    assert page.count('data-testid="stop"') == 5
    assert page.count('data-testid="next-stop"') == 1
    assert "3 of 5" in page


def test_the_round_names_areas_and_never_the_door(client, three):
    page = client.get(JOBS).content.decode()

    assert "Neukölln" in page
    assert "Weserstra" not in page
    assert "52.481" not in page
    assert "9988776" not in page


def test_others_jobs_are_not_in_it(client, claimed, other_courier):
    claimed(None, other_courier)

    assert shown(client) == []


@pytest.mark.every_database
def test_a_parcel_is_moved_up_or_down_and_back_to_the_suggestion_without_a_script(client, three):
    a, b, c = three

    answer = client.post(SORT, {"number": three, "up": c})
    assert (answer.status_code, answer.url) == (303, JOBS)
    assert shown(client) == [a, c, b]
    client.post(SORT, {"number": [a, c, b], "down": a})
    assert shown(client) == [c, a, b]
    assert "Back to the suggestion" in client.get(JOBS).content.decode()

    client.post(SORT, {"suggest": "1", "number": [c, a, b]})
    assert shown(client) == three
    assert not Delivery.objects.exclude(position=0).exists()


def test_a_double_tap_moves_once(client, three):
    a, b, c = three

    for _ in range(2):
        client.post(SORT, {"number": three, "up": c})

    assert shown(client) == [a, c, b]


@pytest.mark.parametrize("step", [{"up": "first"}, {"down": "last"}, {"up": "nobody"}, {}])
def test_a_move_past_the_end_keeps_the_order(client, three, step):
    names = {"first": three[0], "last": three[-1]}

    client.post(SORT, {"number": three} | {way: names.get(job, job) for way, job in step.items()})

    assert shown(client) == three


def test_htmx_gets_the_round_alone(client, three):
    answer = client.post(SORT, {"number": three, "up": three[1]}, headers={"HX-Request": "true"})

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.lstrip().startswith('<div id="round"')
    assert "<html" not in page


@pytest.mark.parametrize("numbers", [["nothing"], ["x" * 4000], [""], ["\x00"], [f"a{n}" for n in range(90)]])
def test_numbers_that_are_not_theirs_get_the_fresh_round_and_a_sentence(client, three, numbers):
    answer = client.post(SORT, {"number": numbers})

    assert answer.status_code == 409
    assert "Your list has changed in the meantime." in answer.content.decode()
    assert not Delivery.objects.exclude(position=0).exists()


def test_somebody_elses_parcel_is_not_sorted(client, three, claimed, other_courier):
    theirs = claimed(None, other_courier)

    assert client.post(SORT, {"number": [*three, theirs.number]}).status_code == 409
    theirs.refresh_from_db()
    assert theirs.position == 0


def test_a_form_of_which_nothing_came_is_not_the_suggestion(client, three):
    """Only the button of that name gives an order up that was made by hand."""
    client.post(SORT, {"number": [three[2], three[0], three[1]]})

    assert client.post(SORT, {}).status_code == 422

    assert shown(client) == [three[2], three[0], three[1]]


def test_the_round_costs_six_queries_at_most(client, three, claimed, courier, django_assert_num_queries):
    client.get(JOBS)
    with django_assert_num_queries(5):
        client.get(JOBS)
    for _ in range(2):
        claimed(None, courier)

    with django_assert_num_queries(5):
        client.get(JOBS)
