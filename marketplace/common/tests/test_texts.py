"""Reasons and notes are kept in one way."""

import pytest
from django.apps import apps
from django.db.models import CharField

from marketplace.common.errors import Invalid
from marketplace.common.texts import MAX_REASON, clean_reason


def test_spaces_around_it_go_and_what_is_between_stays():
    assert clean_reason("  A flat  tyre \n") == "A flat  tyre"


@pytest.mark.parametrize("empty", ["", "   ", "\n\t"])
def test_one_that_is_required_is_asked_for_beside_its_field(empty):
    with pytest.raises(Invalid, match="Please say why") as refusal:
        clean_reason(empty, field="note")
    assert (refusal.value.field, refusal.value.code) == ("note", "reason_missing")
    with pytest.raises(Invalid, match="The buyer reads it"):
        clean_reason(empty, missing="The buyer reads it.")
    assert clean_reason(empty, required=False) == ""


def test_the_longest_is_kept_and_one_letter_more_is_refused():
    assert clean_reason(f" {'a' * MAX_REASON} ") == "a" * MAX_REASON

    with pytest.raises(Invalid, match="300 characters") as refusal:
        clean_reason("a" * (MAX_REASON + 1))
    assert (refusal.value.field, refusal.value.code) == ("reason", "reason_too_long")


def test_every_column_that_keeps_one_has_room_for_the_longest():
    columns = [
        field
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if model.__module__.startswith("marketplace.") and isinstance(field, CharField)
        if field.name in ("reason", "note") and not field.choices
    ]

    assert len(columns) > 4
    assert [str(field) for field in columns if field.max_length != MAX_REASON] == []


def test_a_reason_of_unseen_signs_is_none():
    with pytest.raises(Invalid) as refusal:
        clean_reason("\u200b \u202e")
    assert refusal.value.code == "reason_missing"
    assert clean_reason("\u202eA flat\x00 tyre\u202c") == "A flat tyre"
