"""The kinds of all domains: declared once, shown whatever they carry, and without a secret."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from marketplace.notifications import kinds as module
from marketplace.notifications.kinds import Kind, kinds

ODD = "100%s {x} %(y)s"
AMOUNTS = {"amount", "total", "fee", "most", "pieces", "shipments", "errors", "object_id", "bps", "days"}


def filled(names) -> dict[str, object]:
    """Extra data under all of these names, with what would break a sentence that is put together badly."""
    return {name: 4_200 if name in AMOUNTS else ODD for name in names}


def test_every_domains_kinds_are_found():
    assert kinds().keys() >= {"order_created", "parcel_claimed", "wallet_topped_up", "sweep_trouble"}
    assert all(kind.name == name and kind.label and kind.icon for name, kind in kinds().items())


@pytest.mark.parametrize("name", sorted(kinds()))
def test_what_a_person_wrote_cannot_break_a_sentence(name):
    kind = kinds()[name]

    assert kind.sentence(filled(kind.needs))
    assert kind.sentence(filled(kind.needs | kind.allows))


def test_no_kind_takes_a_pin_or_a_token():
    taken = frozenset().union(*(kind.needs | kind.allows for kind in kinds().values()))

    assert not [name for name in taken if {"pin", "token", "code", "secret"} & set(name.split("_"))]


@pytest.fixture
def another(monkeypatch):
    """A kind that a domain declares beside the store's own."""
    kinds.cache_clear()

    def declare(name: str) -> Kind:
        kind = Kind(name, "Something new", "tag", lambda extra: "Something is new.")
        monkeypatch.setattr(module, "declared", lambda *asked: [*kinds_of_the_store, kind])
        return kind

    kinds_of_the_store = list(kinds().values())
    kinds.cache_clear()
    yield declare
    kinds.cache_clear()


def test_a_new_kind_is_taken(another):
    kind = another("something_new")

    kind.check({})
    assert kinds()["something_new"] is kind


def test_two_kinds_of_one_name_are_refused(another):
    another("order_created")

    with pytest.raises(ImproperlyConfigured, match="order_created is declared twice"):
        kinds()


@pytest.mark.parametrize("name", ["something_new", "order_created"], ids=["unknown", "a double"])
def test_a_kind_that_no_domain_declares_is_refused(name):
    with pytest.raises(ValueError, match="no domain declares"):
        Kind(name, "Something new", "tag", lambda extra: "Something is new.").check({})
