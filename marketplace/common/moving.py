"""The one way in which a row goes from a state to the next.

Each state machine has one writer (docs/states.md), and that writer calls `move`: a single UPDATE that
touches the row only while it is still in the state that its reader saw.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from .errors import InvalidTransition

Steps = Mapping[Any, Collection[str]]
Stateful = Any  # a model's row that has a `status`


def move(
    row: Stateful, to: str, *, steps: Steps, refuse: Callable[[str, str], str], **changes: object
) -> str:
    """Move a locked `row` to the state `to`, with `changes` in the same UPDATE; returns the state before.

    `steps` says which states follow which; `refuse(before, to)` is the sentence for a step that there is not.
    Raises `InvalidTransition`; then nothing has changed, the row in hand included.
    """
    before: str = row.status
    values = {"status": to, **changes}
    mine = type(row)._default_manager.filter(pk=row.pk, status=before)
    if to not in steps[before] or not mine.update(**values):
        raise InvalidTransition(refuse(before, to))
    for name, value in values.items():
        setattr(row, name, value)
    return before
