"""Room for the frames of a request, so that no page pays for where the interpreter's stack happens to end.

CPython keeps the frames of Python's functions in chunks of 16 KB, and gives a chunk back to the system as soon as its
last frame has returned (`_PyThreadState_PushFrame`, Python/pystate.c, 3.11 and later). A loop that happens to run at
the end of a chunk takes a new one and returns it at every turn: 240 page faults and more than 2 of a category's 9 ms
(docs/performance.md). A function whose own frame is large is given a chunk as large as it takes, and a whole request
fits into what is left of that.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

SLOTS = 8_500
"""Of 8 bytes: 68 KB, for which the interpreter takes 128 KB; 60 KB of them are the request's."""


def with_room(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """`function`, called where 60 KB of frames fit above it without another chunk."""

    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        return function(*args, **kwargs)

    call.__code__ = call.__code__.replace(co_stacksize=SLOTS)
    return call
