"""What people read: each domain says in `tests/sentences.py` what its kinds say, in a list `EACH`."""

import pytest
from django.utils import timezone

from marketplace.common.discovery import declared
from marketplace.notifications.kinds import kinds

EACH = declared("tests.sentences", "EACH")


@pytest.mark.parametrize(("kind", "extra", "sentence"), EACH)
def test_every_kind_has_its_sentence(kind, extra, sentence):
    kind.check(extra)

    assert kind.sentence(extra) == sentence


def test_no_kind_is_forgotten():
    assert {kind for kind, *_rest in EACH} == set(kinds().values())


def test_a_moment_is_told_in_the_readers_zone():
    soon = {"number": "order0000001", "completes_at": "2026-11-27T14:30:00+00:00"}

    with timezone.override("Asia/Tokyo"):
        sentence = kinds()["completion_soon"].sentence(soon)

    assert "27 Nov 2026, 23:30 (UTC+9)" in sentence
