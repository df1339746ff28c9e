"""Imports as their seller makes them, and the clock that goes on with them."""

import io

import pytest

from marketplace.common import clock
from marketplace.importing import services
from marketplace.importing.models import ImportRun
from marketplace.products.tests.shopify_files import table


@pytest.fixture
def shirts(make_category):
    """The category that most files of these tests name."""
    return make_category("Shirts")


@pytest.fixture
def upload(seller, shirts):
    """`upload(rows)` or `upload(bytes)`: a file that has arrived."""

    def send(content, *, actor=seller, **given) -> ImportRun:
        data = content if isinstance(content, bytes) else table(content).encode()
        return services.upload_import(actor=actor, table=io.BytesIO(data), file_name="products.csv", **given)

    return send


@pytest.fixture
def go_on():
    """`go_on(run)`: the clock's rounds until nothing is left to do; the import as it is then."""

    def rounds(run: ImportRun) -> ImportRun:
        for _round in range(20):
            services.run_imports(clock.now())
            run.refresh_from_db()
            if not run.is_worked_on:
                return run
        raise AssertionError("it does not end")

    return rounds


@pytest.fixture
def bring(upload, go_on, seller):
    """`bring(rows)`: the whole way, and the import as it is then."""

    def whole_way(content, *, actor=seller, **given) -> ImportRun:
        run = go_on(upload(content, actor=actor, **given))
        services.start_import(run_id=run.pk, actor=actor)
        return go_on(run)

    return whole_way
