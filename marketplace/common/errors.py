"""What a service says when it will not do what was asked.

Every message is a sentence for the person who asked. The web layer turns a `DomainError` into an
answer with its `status` (docs/reliability.md, "Answers"); everything else is a bug.
"""

from collections.abc import Sequence


class DomainError(Exception):
    """A refusal. Nothing was done; `str(error)` tells the person why.

    `field` names the form field that the sentence belongs to, if there is one. `code` names the refusal for
    programs and the log: it never changes once it is published (docs/errors.md lists them all). A class has
    its own; `Invalid` takes a finer one where a program could do something about it.
    """

    status = 422
    code = "refused"

    def __init__(self, message: str, *, field: str | None = None, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code or type(self).code

    def __str__(self) -> str:
        return str(self.message)


class Invalid(DomainError):
    """What was typed cannot be used."""

    code = "invalid"


class KeyReused(DomainError):
    """A form key was sent again with other content, is forged, expired or somebody else's."""

    code = "form_key_reused"


class StaleState(DomainError):
    """The thing has moved on since the page was drawn."""

    code = "stale_state"
    status = 409


class InvalidTransition(StaleState):
    """The state machine does not know this step."""

    code = "invalid_transition"


class Conflicts(StaleState):
    """Several things stand in the way; `problems` lists them, one sentence each."""

    code = "conflicts"

    def __init__(self, message: str, problems: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)


class TooMany(DomainError):
    """A limit was reached; `retry_after` is the number of seconds to wait."""

    code = "too_many_requests"
    status = 429

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Busy(DomainError):
    """The database was busy for longer than we wait; the same form may be sent again."""

    code = "busy"
    status = 503
    retry_after = 2


class OutOfTime(Busy):
    """The web server ends a request that took too long; what was not committed is undone, the form may come again."""

    code = "out_of_time"


class CannotSave(DomainError):
    """What the store keeps things in is full or read-only; nothing was done, the same form may be sent again."""

    code = "cannot_save"
    status = 503
    retry_after = 60
