"""Every refusal has a code of its own, and docs/errors.md lists it."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.conf import settings

from marketplace.common.errors import DomainError, Invalid, StaleState

FACES = ("marketplace", "shop", "courier", "backoffice")


def every_class(kind: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    yield kind
    for child in kind.__subclasses__():
        if ".tests." not in child.__module__:
            yield from every_class(child)


def table() -> dict[str, int]:
    text = (settings.BASE_DIR / "docs" / "errors.md").read_text()
    return {code: int(status) for code, status in re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.M)}


def finer_codes() -> set[str]:
    """What a refusal is given besides its class's own (a form's ValidationError is no refusal)."""
    refusals = {kind.__name__ for kind in every_class()}
    return {
        word.value.value
        for folder in FACES
        for path in (settings.BASE_DIR / folder).rglob("*.py")
        if "tests" not in path.parts
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in refusals
        for word in call.keywords
        if word.arg == "code" and isinstance(word.value, ast.Constant)
    }


def test_every_class_has_a_code_of_its_own():
    classes = list(every_class())
    codes = [kind.code for kind in classes]

    assert len(classes) > 10
    assert len(codes) == len(set(codes)), "two refusals share a code"
    assert all("code" in vars(kind) for kind in classes), "a refusal goes by its parent's code"


def test_the_table_in_the_docs_is_complete():
    classes = {kind.code: kind.status for kind in every_class()}
    listed = table()

    assert {code: listed.get(code) for code in classes} == classes
    assert listed.keys() - classes.keys() == finer_codes()


def test_what_is_raised_carries_its_code():
    assert Invalid("No.").code == "invalid"
    assert Invalid("No.", code="reason_missing").code == "reason_missing"
    assert StaleState("Gone.").code == "stale_state"


@pytest.mark.parametrize("kind", [kind for kind in every_class() if kind.__init__ is DomainError.__init__])
def test_a_code_reaches_whoever_catches_it(kind):
    with pytest.raises(DomainError) as refusal:
        raise kind("A sentence.")

    assert refusal.value.code == kind.code
