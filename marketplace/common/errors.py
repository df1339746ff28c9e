"""What a service says when it will not do what was asked.

Every message is a sentence for the person who asked. The web layer turns a `DomainError` into an
answer with its `status` (docs/reliability.md, "Answers"); everything else is a bug.
"""

from collections.abc import Sequence


class DomainError(Exception):
    """A refusal. Nothing was done; `str(error)` tells the person why.

    `field` names the form field that the sentence belongs to, if there is one.
    """

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Invalid(DomainError):
    """What was typed cannot be used."""


class KeyReused(DomainError):
    """A form key was sent again with other content, is forged, expired or somebody else's."""


class StaleState(DomainError):
    """The thing has moved on since the page was drawn."""

    status = 409


class InvalidTransition(StaleState):
    """The state machine does not know this step."""


class Conflicts(StaleState):
    """Several things stand in the way; `problems` lists them, one sentence each."""

    def __init__(self, message: str, problems: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)


class TooMany(DomainError):
    """A limit was reached; `retry_after` is the number of seconds to wait."""

    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(DomainError):
    """The database was busy for longer than we wait; the same form may be sent again."""

    status = 503
    retry_after = 2
