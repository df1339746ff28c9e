"""The servers of a storm: each can be killed, frozen and started again, as a supervisor would."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from django.conf import settings

PATIENCE = 60  # seconds for a server to come up, on a machine that does much else
ROOM = 600  # MB of the disk that a database has for itself
HOARDS = [f"mysql.hoard_{number}" for number in range(12)]  # what takes the room within MariaDB's own file
WORKERS = 2
WEB_TIMEOUT = 15  # seconds: gunicorn's own, in a storm


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(happened: Callable[[], object], what: str, within: float = PATIENCE) -> None:
    until = time.monotonic() + within
    while not happened():
        if time.monotonic() > until:
            raise RuntimeError(f"it did not happen within {within} s: {what}")
        time.sleep(0.1)


def children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


class Server:
    """One program with its children. `command` and `environ` say what it is; `account`, who runs it."""

    account = ""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def environ(self) -> dict[str, str]:
        return {**os.environ}

    def answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def pids(self) -> list[int]:
        """The program and what it has forked."""
        return [self.process.pid, *children(self.process.pid)] if self.is_up() else []

    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it until it answers, again and again where it ends: as systemd does."""
        until = time.monotonic() + PATIENCE
        while True:
            if not self.is_up():
                self.launch()
            time.sleep(0.1)
            if self.is_up() and self.answers():
                return
            if time.monotonic() > until:
                raise RuntimeError(f"{self.name} did not come up: {self.log.read_text()[-2000:]}")

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def launch(self) -> None:
        """Start it, whether or not it comes up."""
        account = {"user": self.account, "group": self.account, "extra_groups": []} if self.account else {}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603  our own programs
                self.command(),
                cwd=settings.BASE_DIR,
                env=self.environ(),
                stdout=output,
                stderr=output,
                start_new_session=True,
                **account,
            )

    def kill(self) -> None:
        """SIGKILL to all of it, as the kernel's killer or a lost machine would."""
        send(self.pids(), signal.SIGKILL)
        if self.process:
            self.process.wait()

    def freeze(self) -> None:
        send(self.pids(), signal.SIGSTOP)

    def thaw(self) -> None:
        send(self.pids(), signal.SIGCONT)

    def stop(self) -> None:
        self.thaw()
        if self.is_up():
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


class Database(Server):
    """A database on a disk of its own, where root may make one; durable as it comes, on memory that outlives a kill."""

    kind = ""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, self.kind)
        self.disk = folder / "disk"
        self.disk.mkdir()
        self.has_own_disk = os.getuid() == 0 and self._mount()
        if os.getuid() == 0:
            self.account = self.owner
            shutil.chown(self.disk, self.owner, self.owner)
        self.data = self.disk / "data"
        self.create()

    owner = ""

    def _mount(self) -> bool:
        command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}m", "ecs-storm", str(self.disk)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603

    def run(self, command: list[str]) -> None:
        account = {"user": self.account, "group": self.account, "extra_groups": []} if self.account else {}
        subprocess.run(command, capture_output=True, check=True, cwd=self.disk, **account)  # noqa: S603

    def create(self) -> None:
        raise NotImplementedError

    def connect(self):
        """As its administrator, past every wire."""
        raise NotImplementedError

    def url(self, port: int = 0) -> str:
        raise NotImplementedError

    def answers(self) -> bool:
        try:
            self.connect().close()
        except Exception:  # either driver's own errors: it is not up yet
            return False
        return True

    def end_connections(self) -> int:
        """Break every connection of the store from the database's side; how many."""
        raise NotImplementedError

    def fill(self) -> None:
        """Leave no room on the disk."""
        for number in range(100):
            room = os.statvfs(self.disk)
            left = room.f_bavail * room.f_bsize
            if not left:
                return
            name = f"ballast-{number}-{time.monotonic_ns()}"
            with (self.disk / name).open("wb") as file, contextlib.suppress(OSError):
                os.posix_fallocate(file.fileno(), 0, left)

    def free(self) -> None:
        for file in self.disk.glob("ballast-*"):
            file.unlink()

    def remove(self) -> None:
        self.stop()
        if self.has_own_disk:
            subprocess.run(["umount", "-l", str(self.disk)], check=False)  # noqa: S603, S607


class Postgres(Database):
    kind, owner = "PostgreSQL", "postgres"

    def create(self) -> None:
        found = [*Path("/usr/lib/postgresql").glob("*/bin"), Path("/usr/local/pgsql/bin")]
        bins = [folder for folder in sorted(found, reverse=True) if (folder / "initdb").exists()]
        if not bins:
            raise RuntimeError("There is no PostgreSQL server here (.ci/with-database installs one).")
        self.bin = bins[0]
        words = ["-A", "trust", "-U", "postgres", "--no-sync", "--no-instructions", "-E", "UTF8"]
        self.run([f"{self.bin}/initdb", "-D", str(self.data), *words, "--locale=C.UTF-8"])

    def command(self) -> list[str]:
        options = ["listen_addresses=127.0.0.1", "max_wal_size=128MB", f"unix_socket_directories={self.disk}"]
        words = [word for option in options for word in ("-c", option)]
        return [f"{self.bin}/postgres", "-D", str(self.data), "-p", str(self.port), *words]

    def connect(self):
        import psycopg

        address = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        return psycopg.connect(address, autocommit=True, connect_timeout=2)

    def url(self, port: int = 0) -> str:
        return f"postgres://postgres@127.0.0.1:{port or self.port}/ecs"

    def end_connections(self) -> int:
        with self.connect() as connection:
            return connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = 'ecs'"
            ).fetchone()[0]

    def stop(self) -> None:
        self.thaw()
        if self.is_up():
            self.process.send_signal(signal.SIGINT)  # its clients are ended
            self.process.wait(20)


class MariaDB(Database):
    kind, owner = "MariaDB", "mysql"

    def create(self) -> None:
        program = shutil.which("mariadb-install-db")
        if not program:
            raise RuntimeError("There is no MariaDB server here (.ci/with-database installs one).")
        words = ["--auth-root-authentication-method=normal", "--skip-test-db", f"--datadir={self.data}"]
        self.run([program, "--no-defaults", *words])

    def command(self) -> list[str]:
        program = shutil.which("mariadbd", path=os.environ["PATH"] + ":/usr/sbin")
        words = [f"--datadir={self.data}", f"--port={self.port}", "--bind-address=127.0.0.1"]
        # One file for all tables, that grows by a megabyte: with a file each, a small store never needs room.
        words += ["--innodb-file-per-table=0", "--innodb-autoextend-increment=1", "--skip-log-bin"]
        return [program, "--no-defaults", *words, f"--socket={self.disk}/socket"]

    def fill(self) -> None:
        """The disk, what the file of the tables has still free within, and the single pages that small tables grow by.

        A table takes its first 32 pages one by one, wherever the file has some, and whole extents only then.
        """
        import pymysql

        with (
            contextlib.suppress(pymysql.MySQLError),
            self.connect() as connection,
            connection.cursor() as cursor,
        ):
            for hoard in HOARDS:  # a table needs room for its definition, too
                cursor.execute(f"CREATE TABLE IF NOT EXISTS {hoard} (room LONGBLOB) ENGINE=InnoDB")
        super().fill()
        with (
            contextlib.suppress(pymysql.MySQLError),
            self.connect() as connection,
            connection.cursor() as cursor,
        ):
            for hoard, size in zip(HOARDS, (200_000, *[7_000] * len(HOARDS)), strict=False):
                with contextlib.suppress(pymysql.MySQLError):
                    for _row in range(1_000):
                        cursor.execute(f"INSERT INTO {hoard} VALUES (REPEAT('x', %s))", [size])  # noqa: S608  ours

    def free(self) -> None:
        super().free()
        with self.connect() as connection, connection.cursor() as cursor:
            for hoard in HOARDS:
                cursor.execute(f"DROP TABLE IF EXISTS {hoard}")

    def connect(self):
        import pymysql

        return pymysql.connect(
            host="127.0.0.1", port=self.port, user="root", connect_timeout=2, read_timeout=5, autocommit=True
        )

    def url(self, port: int = 0) -> str:
        return f"mysql://root@127.0.0.1:{port or self.port}/ecs"

    def end_connections(self) -> int:
        import pymysql

        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.processlist WHERE db = 'ecs'")
            found = [number for (number,) in cursor.fetchall()]
            for number in found:
                with contextlib.suppress(pymysql.MySQLError):  # it has gone by itself
                    cursor.execute(f"KILL {number}")
        return len(found)


class Redis(Server):
    def command(self) -> list[str]:
        return [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]


class Program(Server):
    """One of ours, on the settings of the storm."""

    def __init__(self, folder: Path, name: str, store: dict[str, str]) -> None:
        super().__init__(folder, name)
        self.store = store

    def environ(self) -> dict[str, str]:
        return self.store


class Web(Program):
    def command(self) -> list[str]:
        return [sys.executable, "-m", "gunicorn", "-c", "python:site_config.storm.web"]

    def environ(self) -> dict[str, str]:
        return {**self.store, "WEB_BIND": f"127.0.0.1:{self.port}", "WEB_TIMEOUT": str(WEB_TIMEOUT)}

    def workers(self) -> list[int]:
        return children(self.process.pid) if self.is_up() else []


class Sweeps(Program):
    def command(self) -> list[str]:
        return [sys.executable, "manage.py", "run_due", "--loop", "1", "--confirm-clock"]

    def answers(self) -> bool:
        return self.is_up()


def environment(database_url: str, redis_port: int, folder: Path) -> dict[str, str]:
    """What the store is told, as in production."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "site_config.storm.settings",
        "DEBUG": "false",
        "SECRET_KEY": "only-for-this-storm-and-long-enough-for-the-check",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SITE_URL": "http://127.0.0.1",
        "DATABASE_URL": database_url,
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "PAYMENT_PROVIDER": "demo",
        "EMAIL_URL": "dummymail://",
        "WEB_WORKERS": str(WORKERS),
        "STATE_DIRECTORY": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "PRIVATE_MEDIA_ROOT": str(folder / "private"),
    }
