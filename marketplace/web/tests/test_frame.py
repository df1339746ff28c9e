"""What is around every page, and the parts that HTMX swaps."""

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from marketplace.accounts.models import Role
from marketplace.products.selectors import Count
from marketplace.web.templatetags import store

pytestmark = pytest.mark.django_db

FACES = {
    "/seller/": {Role.SELLER},
    "/courier/": {Role.DELIVERY},
    "/backoffice/": {Role.ADMIN, Role.SUPERADMIN},
}


@pytest.mark.parametrize("role", Role.values)
def test_each_role_enters_its_own_face_and_no_other(client, person, role):
    client.force_login(person(role))

    entered = {url for url in FACES if client.get(url).status_code == 200}

    assert entered == {url for url, roles in FACES.items() if role in roles}
    assert {client.get(url).status_code for url in FACES.keys() - entered} == {403}


@pytest.mark.parametrize(
    ("role", "link"), [(Role.SELLER, "/seller/"), (Role.DELIVERY, "/courier/"), (Role.ADMIN, "/backoffice/")]
)
def test_the_menu_leads_to_the_persons_own_face(client, person, role, link):
    client.force_login(person(role))
    page = client.get("/").content.decode()

    assert [url for url in FACES if f'href="{url}"' in page] == [link]


@pytest.mark.parametrize(
    ("cookie", "attribute"), [("dark", 'data-theme="dark"'), ("light", 'data-theme="light"')]
)
def test_the_chosen_colours_are_in_the_page_itself(client, cookie, attribute):
    client.cookies["theme"] = cookie

    assert attribute in client.get("/").content.decode().partition("<head>")[0]


@pytest.mark.parametrize("cookie", ["", "blue", '"><script>'])
def test_other_colours_are_not_known(client, cookie):
    client.cookies["theme"] = cookie

    assert "data-theme" not in client.get("/").content.decode().partition("<head>")[0]


@pytest.mark.parametrize(("number", "shown"), [(0, "0"), (99, "99"), (100, "99+")])
def test_a_badge_has_room_for_three_signs(number, shown):
    assert store.badge(number) == shown


@pytest.mark.parametrize(("hundredths", "shown"), [(467, "4.7"), (500, "5.0"), (444, "4.4")])
def test_stars_have_one_digit(hundredths, shown):
    assert store.stars(hundredths) == shown


@pytest.mark.parametrize(
    ("now", "lowest", "shown"),
    [
        (6890, 8900, "22%"),
        (1, 3, "66%"),
        (50, 100, "50%"),
        (1, 1000, "99%"),
        (990, 1000, "1%"),
        (1, 10**15, "99%"),
    ],
)
def test_how_much_cheaper_something_is_than_the_lowest_of_thirty_days(now, lowest, shown):
    assert store.percent_off({"current_price": now, "lowest_price_30d": lowest, "price": 2 * lowest}) == shown


@pytest.mark.parametrize(
    ("path", "link", "below", "is_current"),
    [
        ("/a/", "/a/", False, True),
        ("/a/b/", "/a/", False, False),
        ("/a/b/", "/a/", True, True),
        ("/", "", True, False),
    ],
)
def test_the_link_to_this_page_is_marked(path, link, below, is_current):
    context = Context({"request": RequestFactory().get(path), "link": link, "below": below})

    drawn = Template("{% current link below %}").render(context)

    assert drawn == (' aria-current="page"' if is_current else "")


@pytest.mark.parametrize(("language", "shown"), [("en", "1,234+"), ("de", "1.234+")])
def test_counts_are_written_as_the_language_does(language, shown):
    with translation.override(language):
        assert str(Count(1234, is_at_least=True)) == shown
