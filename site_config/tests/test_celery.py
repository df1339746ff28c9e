"""Celery as the third way to run the sweeps: a real worker and a real beat on a real Redis."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.storage import storages

from marketplace.common import clock
from marketplace.common.models import SweepRun
from marketplace.importing.services import start_import, upload_import
from marketplace.importing.states import ImportStatus
from marketplace.importing.tests.goods import MUG, SHIRT
from marketplace.orders.models import Settlement, Shipment
from marketplace.orders.states import ShipmentStatus
from marketplace.products.models import Product, Variant
from marketplace.products.tests.shopify_files import table
from marketplace.wallet.selectors import wallet_of
from marketplace.web.clockwork import SWEEPS
from site_config.testing.databases import database_url

pytest.importorskip("celery", reason="Celery is for stores that want it: make install WITH=celery")
redis = pytest.importorskip("redis")

REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379")
PATIENCE = 90  # seconds, on a machine that does much else; nothing here waits for that long if all is well


def environ(redis_url: str, database_url: str = "sqlite://:memory:") -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "DEBUG": "true",
        "SECRET_KEY": "only-for-this-test",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "LOG_LEVEL": "INFO",
        "PRIVATE_MEDIA_ROOT": str(storages["private"].location),
    }


def celery(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "site_config", *arguments]


@pytest.fixture
def redis_url() -> str:
    """A database of Redis that is empty, so that nobody's is touched; what we leave there is taken away."""
    try:
        for number in range(15, 0, -1):
            client = redis.Redis.from_url(f"{REDIS}/{number}", socket_connect_timeout=2)
            with client:
                if client.dbsize():
                    continue
                yield f"{REDIS}/{number}"
                client.delete(*client.scan_iter("ecs-c*:*"), "nothing")  # ecs-celery and ecs-cache
                assert client.dbsize() == 0, "keys of ours without our prefix"
                return
    except redis.exceptions.ConnectionError:
        pytest.skip(f"no Redis answers at {REDIS} (TEST_REDIS names another one)")
    pytest.skip(f"every database of the Redis at {REDIS} is in use")


@pytest.fixture
def worker_and_beat(transactional_db, redis_url, tmp_path) -> Iterator[list[subprocess.Popen]]:
    """Both programs as docs/production.md starts them, on this test's database."""
    logs = [tmp_path / "worker.log", tmp_path / "beat.log"]
    commands = [
        celery("worker", "--concurrency", "2", "--loglevel", "info"),
        celery("beat", "--schedule", str(tmp_path / "beat"), "--loglevel", "info"),
    ]
    programs = []
    try:
        for command, log in zip(commands, logs, strict=True):
            with log.open("w") as file:
                programs.append(
                    subprocess.Popen(
                        command,
                        cwd=settings.BASE_DIR,
                        env=environ(redis_url, database_url()),
                        stdout=file,
                        stderr=subprocess.STDOUT,
                    )
                )
        yield programs
    finally:
        for program in reversed(programs):
            program.send_signal(signal.SIGTERM)
        ends = [program.wait(timeout=PATIENCE) for program in reversed(programs)]
    assert ends == [0, 0], "\n".join(log.read_text() for log in logs)


@pytest.mark.django_db(transaction=True)
def test_an_order_completes_by_itself(
    buyer, seller, goods, fund, fill_cart, check_out, walk, worker_and_beat, tmp_path
):
    with clock.moved(timedelta(days=-settings.COMPLETION_DAYS, hours=-1)):
        fund(buyer, 5_000)
        fill_cart(buyer, {goods(seller, price=2_000): 1})
        shipment = check_out(buyer).shipments.get()
        way = (ShipmentStatus.PROCESSING, ShipmentStatus.SHIPPED, ShipmentStatus.DELIVERED)
        walk(shipment, *way)
    assert wallet_of(seller.pk).balance == 0

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert [program.poll() for program in worker_and_beat] == [None, None]
        run = SweepRun.objects.filter(name="complete_due").first()
        if run and (run.done == 1 or run.runs > 1):  # a second run has written over what the first one did
            break
        time.sleep(0.2)

    said = (tmp_path / "worker.log").read_text()
    assert Shipment.objects.get().status == ShipmentStatus.COMPLETED, said
    assert wallet_of(seller.pk).balance == 2_000
    assert Settlement.objects.get().actor is None
    assert "run_sweep" in said


def wait_until(is_so: Callable[[], bool], programs: list[subprocess.Popen]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not is_so():
        assert [program.poll() for program in programs] == [None, None]
        time.sleep(0.2)


@pytest.mark.every_database
@pytest.mark.django_db(transaction=True)
def test_a_shop_is_brought_over_by_the_worker(seller, make_category, worker_and_beat, tmp_path):
    make_category("Shirts")
    run = upload_import(actor=seller, table=io.BytesIO(table([MUG, *SHIRT]).encode()), file_name="goods.csv")

    def becomes(status: ImportStatus) -> bool:
        run.refresh_from_db()
        return run.status == status

    wait_until(lambda: becomes(ImportStatus.CHECKED), worker_and_beat)
    assert not Product.objects.exists()
    start_import(run_id=run.pk, actor=seller)
    wait_until(lambda: becomes(ImportStatus.DONE), worker_and_beat)

    assert run.status == ImportStatus.DONE, (tmp_path / "worker.log").read_text()
    assert set(Variant.objects.values_list("sku", "stock")) == {("M-1", 7), ("S-S", 3), ("S-M", 3)}


def test_beat_knows_every_sweep_and_how_often():
    script = (
        "import django; django.setup()\n"
        "from site_config.celery import app; app.finalize(); import json\n"
        "print(json.dumps({name: [entry['schedule'], entry['args'], entry['options']['expires']]"
        " for name, entry in app.conf.beat_schedule.items()}))"
    )
    asked = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env=environ("redis://127.0.0.1:1/0") | {"DJANGO_SETTINGS_MODULE": "site_config.settings"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert json.loads(asked.stdout) == {
        sweep.name: [max(sweep.every, 5), [sweep.name], max(sweep.every, 5)] for sweep in SWEEPS
    }


def test_without_redis_it_says_what_does_the_same():
    asked = subprocess.run(
        celery("report"),
        cwd=settings.BASE_DIR,
        env=environ(""),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    assert asked.returncode != 0
    assert "Celery needs REDIS_URL. Without it `manage.py run_due --loop 10`" in asked.stderr
