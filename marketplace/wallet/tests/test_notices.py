"""What people read about their wallets."""

import pytest

from marketplace.wallet.notices import KINDS, WALLET_TOPPED_UP

# Kind, extra data, the sentence.
EACH = [(WALLET_TOPPED_UP, {"amount": 4_200}, "€42.00 arrived in your wallet.")]


@pytest.mark.parametrize(("kind", "extra", "sentence"), EACH)
def test_every_kind_has_its_sentence(kind, extra, sentence):
    kind.check(extra)

    assert kind.sentence(extra) == sentence


def test_no_kind_is_forgotten():
    assert {kind for kind, *_rest in EACH} == set(KINDS)
