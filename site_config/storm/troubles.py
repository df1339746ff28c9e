"""The troubles: each spoils one thing of a stage for so many seconds, and leaves it as it was.

Each says how often it struck: a trouble that nobody met has shown nothing.
"""

import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .servers import WEB_TIMEOUT, Database, Redis, Server, Sweeps, Web, send
from .wire import Wire

NO_ROOM = re.compile(r"No space left|\((?:1021|1026|1030|1114|3),")
FROZEN = 6.0  # seconds: less than a server's own timeout, more than a person's patience


@dataclass
class Stage:
    """Everything that a store needs, running."""

    database: Database
    redis: Redis
    web: Web
    sweeps: Sweeps
    to_database: Wire
    to_people: Wire
    make_due: Callable[[int], None]


def again(seconds: float, every: float) -> Iterator[None]:
    """Turns, `every` so many seconds, for `seconds` in all."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield
        time.sleep(every)


def workers_killed(stage: Stage, seconds: float) -> int:
    killed = 0
    for turn, _ in enumerate(again(seconds, 1)):
        workers = stage.web.workers()[turn % 2 :][:1]
        send(workers, signal.SIGKILL)
        killed += len(workers)
    return killed


def database_killed(stage: Stage, seconds: float) -> int:
    killed = 0
    for _ in again(seconds, 2.5):
        stage.database.kill()
        time.sleep(0.5)
        stage.database.start()
        killed += 1
    return killed


def connections_ended(stage: Stage, seconds: float) -> int:
    return sum(stage.database.end_connections() for _ in again(seconds, 0.3))


def database_cut(stage: Stage, seconds: float) -> int:
    return spoil_wire(stage.to_database, 0.01, seconds)


def answers_cut(stage: Stage, seconds: float) -> int:
    return spoil_wire(stage.to_people, 0.3, seconds)


def spoil_wire(wire: Wire, share: float, seconds: float) -> int:
    before, wire.bad = wire.cuts, share
    try:
        time.sleep(seconds)
    finally:
        wire.bad = 0.0
    return wire.cuts - before


def worker_frozen(stage: Stage, seconds: float) -> int:
    """Until gunicorn replaces it."""
    frozen = stage.web.workers()[:1]
    send(frozen, signal.SIGSTOP)
    time.sleep(max(seconds, WEB_TIMEOUT + 4))
    send(frozen, signal.SIGCONT)
    return len(frozen)


def frozen(server: Server, seconds: float) -> int:
    server.freeze()
    try:
        time.sleep(min(seconds, FROZEN))
    finally:
        server.thaw()
    return 1


def database_frozen(stage: Stage, seconds: float) -> int:
    return frozen(stage.database, seconds)


def redis_frozen(stage: Stage, seconds: float) -> int:
    return frozen(stage.redis, seconds)


def redis_killed(stage: Stage, seconds: float) -> int:
    stage.redis.kill()
    time.sleep(seconds)
    stage.redis.start()
    return 1


def disk_full(stage: Stage, seconds: float) -> int:
    """Whatever is freed meanwhile is filled again; a server that ends is started again, as systemd does.

    It struck as often as the store's log says so, which tells it of a few a minute only.
    """
    begun = len(stage.web.log.read_text(errors="replace"))
    for _ in again(seconds, 0.2):
        stage.database.fill()
        if not stage.database.is_up():
            stage.database.launch()
    stage.database.free()
    stage.database.start()
    return len(NO_ROOM.findall(stage.web.log.read_text(errors="replace")[begun:]))


def clock_wrong(stage: Stage, seconds: float) -> int:
    """One worker of two lives three days ahead."""
    wrong = stage.web.workers()[:1]
    send(wrong, signal.SIGUSR2)
    time.sleep(seconds)
    send(wrong, signal.SIGUSR2)
    return len(wrong)


def sweeps_killed(stage: Stage, seconds: float) -> int:
    """While sellers are due to be paid."""
    stage.make_due(25)
    killed = 0
    for _ in again(seconds, 0.4):
        stage.sweeps.kill()
        stage.sweeps.start()
        time.sleep(1.2)  # as long as it needs to begin
        killed += 1
    return killed


@dataclass(frozen=True)
class Trouble:
    """`needs_disk`: the database must have a disk of its own, which only root can give it."""

    name: str
    title: str
    spoil: Callable[[Stage, float], int]
    needs_disk: bool = False


TROUBLES = [
    Trouble("workers", "web workers killed (SIGKILL), one a second", workers_killed),
    Trouble("database", "the database killed (SIGKILL) and started, again and again", database_killed),
    Trouble("connections", "all connections ended by the database, three times a second", connections_ended),
    Trouble("database-wire", "every 100th answer of the database cut in its middle", database_cut),
    Trouble("answers", "every third answer to people cut in its middle", answers_cut),
    Trouble("worker-frozen", "one of two workers frozen (SIGSTOP)", worker_frozen),
    Trouble("database-frozen", "the database frozen (SIGSTOP)", database_frozen),
    Trouble("redis-frozen", "Redis frozen (SIGSTOP)", redis_frozen),
    Trouble("redis", "Redis killed", redis_killed),
    Trouble("disk", "the database's disk full, then freed", disk_full, needs_disk=True),
    Trouble("clock", "one of two workers' clocks three days ahead", clock_wrong),
    Trouble("sweeps", "the loop of sweeps killed while it pays", sweeps_killed),
]
