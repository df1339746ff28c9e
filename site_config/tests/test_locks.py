"""docs/locks.md and the models say the same order of locks."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings

from marketplace.common import locking

# What the table calls the rows of these models; the others are called as the model is.
CALLED = {
    "TreeState": "category tree",
    "TopUp": "top-up",
    "ImportRun": "import",
    "SellerProfile": "shop",
    "SaleEvent": "sale event",
    "ListingEdit": "listing edit",
    "PayoutPlan": "payout plan",
    "FreeDelivery": "offer",
    "PayoutBatch": "payout batch",
    "NumberSeries": "number series",
}


def ranks_of_the_models() -> dict[str, float]:
    return {
        CALLED.get(model.__name__, model.__name__.lower()): model.LOCK_RANK
        for model in apps.get_models()
        if hasattr(model, "LOCK_RANK")
    }


def test_the_table_of_the_docs_is_that_of_the_models():
    text = (Path(settings.BASE_DIR) / "docs" / "locks.md").read_text()
    rows = re.findall(r"^\| ([\d.]+) \| (\*?)([a-z -]+)", text, re.MULTILINE)
    used = {name.strip(): float(rank) for rank, italic, name in rows if not italic}

    assert used == ranks_of_the_models()
    assert [float(rank) for rank, _italic, _name in rows] == sorted(float(rank) for rank, _, _ in rows)


def test_the_docstring_says_them_too():
    said = re.findall(r"([\d.]+) ([a-z-]+(?: (?:tree|event|edit|plan|batch|series))?)", locking.__doc__)

    assert {name: float(rank) for rank, name in said}.items() >= ranks_of_the_models().items()
