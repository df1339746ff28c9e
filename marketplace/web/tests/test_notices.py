"""What admins read about the clock's work."""

import pytest

from marketplace.web.notices import KINDS, SWEEP_TROUBLE

# Kind, extra data, the sentence.
EACH = [
    (
        SWEEP_TROUBLE,
        {"sweep": "complete_due", "object_id": 7, "errors": 5},
        "“complete_due” failed 5 times at number 7. It is tried again, ever more rarely.",
    ),
    (
        SWEEP_TROUBLE,
        {"sweep": "complete_due", "stopped": "gap"},
        "“complete_due” is stopped: the store's clock looks wrong. Please look at it.",
    ),
]


@pytest.mark.parametrize(("kind", "extra", "sentence"), EACH)
def test_every_kind_has_its_sentence(kind, extra, sentence):
    kind.check(extra)

    assert kind.sentence(extra) == sentence


def test_no_kind_is_forgotten():
    assert {kind for kind, *_rest in EACH} == set(KINDS)
