"""One storm: the stage is set, and one trouble after another passes over it."""

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings

from .browser import LOST, Browser, Tally
from .clients import Act, Client
from .servers import Database, Redis, Sweeps, Web, environment, wait_for
from .troubles import Stage, Trouble
from .wire import Wire

BEFORE, AFTER = 2.0, 4.0  # seconds of load before the trouble, and after it
GOODS_EACH = 6
BACK_WITHIN = 30  # seconds after a trouble in which a page must come


@dataclass
class Row:
    """What one trouble left behind."""

    trouble: Trouble
    database: str
    struck: int
    sums: Counter
    statuses: Counter
    slowest: float
    back_after: float
    faults: list[str] = field(default_factory=list)
    """Everything that must not be: a loss, a doubling, a bare 500, books that do not balance."""
    notes: list[str] = field(default_factory=list)


class Storm:
    """A database's storm, over `clients` pairs of people."""

    def __init__(
        self, kind: type[Database], *, clients: int, seconds: float, say: Callable[[str], object]
    ) -> None:
        self.kind, self.number, self.seconds, self.say = kind, clients, seconds, say
        self.tally = Tally()
        self.due: list[Act] = []
        self.read: dict[str, int] = {}

    @contextlib.contextmanager
    def set_up(self) -> Iterator[None]:
        """Everything running, with its world; gone when the block is left."""
        base = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
        folder = Path(tempfile.mkdtemp(prefix="ecs-storm-", dir=base))
        folder.chmod(0o755)
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            stack.callback(self.keep_logs, folder)
            self.say(f"{self.kind.kind}: setting the stage …")
            database = self.kind(folder)
            stack.callback(database.remove)
            database.start()
            self.make_database(database)
            self.own = environment(database.url(), 0, folder) | {"REDIS_URL": ""}
            self.facts = self.ask("prepare", str(self.number))
            redis = Redis(folder, "redis")
            stack.callback(redis.stop)
            redis.start()
            to_database = Wire(database.port)
            stack.callback(to_database.close)
            store = environment(database.url(to_database.port), redis.port, folder)
            web, sweeps = Web(folder, "web", store), Sweeps(folder, "sweeps", store)
            for program in (web, sweeps):
                stack.callback(program.stop)
                program.start()
            to_people = Wire(web.port)
            stack.callback(to_people.close)
            self.stage = Stage(database, redis, web, sweeps, to_database, to_people, self.make_due)
            wait_for(lambda: self.is_served(web.port), "pages are served")
            self.clients = [
                Client(number, self.facts, to_people.port, self.tally) for number in range(self.number)
            ]
            for client in self.clients:
                client.buyer = client.sign_in(client.buyer_email)
                client.courier = client.sign_in(client.courier_email)
            yield

    def keep_logs(self, folder: Path) -> None:
        """Where they are looked for afterwards: var/storm."""
        kept = settings.VAR_DIR / "storm" / self.kind.kind
        kept.mkdir(parents=True, exist_ok=True)
        for log in folder.glob("*.log"):
            shutil.copy(log, kept)

    def make_database(self, database: Database) -> None:
        with database.connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE ecs")

    def ask(self, module: str, *words: str, given: object = None) -> dict:
        """What one of the storm's own programs says, past every wire."""
        done = subprocess.run(  # noqa: S603  our own program
            [sys.executable, "-m", f"site_config.storm.{module}", *words],
            cwd=settings.BASE_DIR,
            env=self.own,
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{module}: {done.stderr[-3000:]}")
        return json.loads(done.stdout)

    def make_due(self, number: int) -> None:
        """Each is an act: the store has promised to pay."""
        found = self.ask("prepare", "due", str(number))["due"]
        self.due += [Act("pay", shipment, "acknowledged", ["due"]) for shipment in found]

    def is_served(self, port: int) -> bool:
        try:
            return Browser(port, Tally()).get("/").status == 200
        except LOST:
            return False

    # --- one trouble --------------------------------------------------------------------------

    def weather(self, trouble: Trouble, turn: int) -> Row:
        """Load, the trouble in its midst, and the count of what is there afterwards."""
        self.tally.__init__()
        self.due = []
        goods = self.facts["goods"][turn * GOODS_EACH :][:GOODS_EACH]
        clients = [self.next_client(client) for client in self.clients]
        self.clients = clients
        for client in clients:
            client.begin(goods, until=time.monotonic() + 3600)
            client.start()
        time.sleep(BEFORE)
        struck = trouble.spoil(self.stage, self.seconds)
        over = time.monotonic()
        wait_for(lambda: self.is_served(self.stage.web.port), "a page comes again", BACK_WITHIN)
        back_after = time.monotonic() - over
        time.sleep(AFTER)
        for client in clients:
            client.until = time.monotonic()
        for client in clients:
            client.join(120)
        return self.count(trouble, struck, clients, back_after)

    def next_client(self, old: Client) -> Client:
        """A thread runs once; its people stay signed in."""
        number = self.clients.index(old)
        client = Client(number, self.facts, old.port, self.tally)
        client.buyer, client.courier, client.chance = old.buyer, old.courier, old.chance
        for browser in (client.buyer, client.courier):
            browser.tally = self.tally
        return client

    def tracebacks(self) -> list[str]:
        """What the programs wrote of bugs since they were asked last."""
        found = []
        for program in (self.stage.web, self.stage.sweeps):
            text = program.log.read_text(errors="replace")[self.read.get(program.name, 0) :]
            self.read[program.name] = self.read.get(program.name, 0) + len(text)
            parts = text.split("Traceback (most recent call last):")
            found += [f"{program.name}: {part.strip()[-600:]}" for part in parts[1:]]
        return found

    def count(self, trouble: Trouble, struck: int, clients: list[Client], back_after: float) -> Row:
        acts = self.due + [act for client in clients for act in client.acts]
        acts = [act for act in acts if act.mark]
        said = [asdict(act) for act in acts]
        if self.due:
            with contextlib.suppress(RuntimeError):
                wait_for(lambda: not self.ask("count", given=said)["details"], "what is due is done", 40)
        counted = self.ask("count", given=said)
        faults = [*counted["details"], *self.tally.bare]
        faults += self.tracebacks()
        faults += [] if struck else ["nobody met this trouble: it shows nothing"]
        faults += [f"the books do not balance: {name}" for name in counted["broken"]]
        faults += [f"{client.name} still hangs" for client in clients if client.is_alive()]
        faults += [f"{number} hung" for number in [self.tally.statuses["hung"]] if number]
        notes = [note for client in clients for note in client.wanders]
        return Row(
            trouble,
            self.kind.kind,
            struck,
            Counter(counted["sums"]),
            self.tally.statuses,
            self.tally.slowest,
            back_after,
            faults,
            notes,
        )
