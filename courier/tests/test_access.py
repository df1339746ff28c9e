"""The console is the couriers'."""

import pytest
from django.urls import reverse

from marketplace.accounts.models import Role


@pytest.mark.parametrize("name", ["home", "jobs", "me"])
@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.USER, 403), (Role.SELLER, 403), (Role.ADMIN, 403), (Role.DELIVERY, 200), (None, 302)],
)
def test_couriers_alone_see_its_pages(as_person, person, name, role, status):
    assert as_person(person(role) if role else None).get(reverse(f"courier:{name}")).status_code == status


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.USER, 403), (Role.SELLER, 403), (Role.ADMIN, 403), (Role.DELIVERY, 303), (None, 302)],
)
def test_couriers_alone_sort_a_round(as_person, person, role, status):
    browser = as_person(person(role) if role else None)

    assert browser.post(reverse("courier:sort"), {"suggest": "1"}).status_code == status
