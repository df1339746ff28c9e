"""Rules of the house that the code is read for: who writes which rows, and who is asked whether they may.

`reading.py` follows imports and annotations. What it cannot follow shows in what the tests' statements
write (site_config/testing/owners.py).
"""

import ast
import inspect
import re
import sys
import textwrap
import types
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Model

from .reading import TOP, Call, One, Reader, Rows, element, import_path, modules

CORE = sorted(
    path.name
    for path in (TOP / "marketplace").iterdir()
    if (path / "__init__.py").exists() and path.name not in ("web", "seller_dashboard", "api")
)
FACES = [
    "shop",
    "courier",
    "backoffice",
    "marketplace/seller_dashboard",
    "marketplace/api",
    "marketplace/web",
]
# The bench and Celery's door cannot be imported here; the first fills a throw-away database by the thousand.
SPANNING = [path for path in modules("site_config") if "bench" not in path.parts and path.name != "celery.py"]

# --- who writes which rows ------------------------------------------------------------------------

WRITES_ONE = {"save", "asave", "delete", "adelete"}
WRITES_ROWS = {
    *("create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"),
    *("acreate", "aupdate", "adelete", "abulk_create", "abulk_update", "aget_or_create", "aupdate_or_create"),
    *("add", "remove", "set", "clear"),
}
# These can mean nothing else, so that their rows must be known; a file is saved and deleted, too.
ONLY_OF_ROWS = {name for name in WRITES_ROWS if "_" in name}
# Functions of the foundations that write the rows that they are given.
WRITES_GIVEN = {"insert": "marketplace.common.inserting", "move": "marketplace.common.moving"}
STATEMENT = re.compile(r"\b(?:INSERT(?: OR IGNORE| IGNORE)? INTO|UPDATE|DELETE FROM)\s+[\"`]?(\w+)")


def is_given_rows(call: Call) -> bool:
    function = getattr(call.called, "value", None)
    return call.on is None and getattr(function, "__module__", "") == WRITES_GIVEN.get(call.name)


def written(call: Call) -> type[Model] | None:
    """Whose rows a call writes, as far as the code says."""
    if is_given_rows(call):
        known = element(call.first) or call.first
    elif call.name in (WRITES_ROWS if isinstance(call.on, Rows) else WRITES_ONE):
        known = call.on
    else:
        return None
    if isinstance(known, Rows):
        return known.model
    return known.kind if isinstance(known, One) and issubclass(known.kind, Model) else None


def owner(model: type[Model]) -> str:
    """The domain whose rows these are; sessions, addresses and the like of libraries are the accounts'."""
    package = model.__module__.split(".")
    return package[1] if package[0] == "marketplace" else "accounts"


def writes(reader: Reader) -> Iterator[tuple[int, type[Model]]]:
    """Everything in a module that writes rows: the line, and of which model."""
    for call in reader.calls:
        if model := written(call):
            yield call.line, model
    tables = {model._meta.db_table: model for model in apps.get_models()}
    for line, text in reader.texts:
        for table in STATEMENT.findall(text):
            if table in tables:
                yield line, tables[table]


def foreign(path: Path, domain: str | None) -> list[str]:
    """Where a module writes rows that are not `domain`'s."""
    where = path.relative_to(TOP)
    found = [(line, model) for line, model in writes(Reader.of(path)) if owner(model) != domain]
    return [f"{where}:{line} writes {model.__name__}" for line, model in found]


@pytest.mark.parametrize("domain", CORE)
def test_a_domain_writes_its_own_rows_only(domain):
    found = [line for path in modules(f"marketplace/{domain}") for line in foreign(path, domain)]

    assert found == [], "the domain that owns these rows gives a service or a step for it"


def test_the_desk_only_reads():
    """It has no rows of its own, so that the rule above lets it write none; nor does it call a service."""
    writing = {name.partition(".")[2] for name, _node, _module in services()}
    paths = list(modules("marketplace/desk"))
    called = {call.name for path in paths for call in Reader.of(path).calls}

    assert len(paths) > 3
    assert not [model for model in apps.get_models() if owner(model) == "desk"]
    assert called & writing == set()


def test_what_spans_the_house_writes_no_rows():
    """Settings, commands, sweeps and the demo call services."""
    assert [line for path in SPANNING for line in foreign(path, None)] == []


@pytest.mark.parametrize("face", FACES)
def test_a_view_writes_nothing(face):
    """A face fetches through selectors and calls a service."""
    assert [line for path in modules(face) for line in foreign(path, None)] == []


def test_the_rows_of_every_write_are_known():
    """Where not, an annotation says what the variable is."""
    unknown = [
        f"{path.relative_to(TOP)}:{call.line} {call.name}"
        for path in [*modules("marketplace", *FACES[:3]), *SPANNING]
        for call in Reader.of(path).calls
        if (call.name in ONLY_OF_ROWS or is_given_rows(call)) and written(call) is None
        if not path.is_relative_to(TOP / "marketplace" / "common")
    ]

    assert unknown == []


@pytest.mark.parametrize(
    ("code", "models"),
    [
        ("Shipment.objects.filter(pk=1).update(total=3)", ["Shipment"]),
        ("def f(job: Delivery): job.shipment.save(update_fields=['courier'])", ["Shipment"]),
        ("def f(job: Delivery):\n  row = job.shipment.order\n  row.delete()", ["Order"]),
        ("for row in Order.objects.all(): row.save()", ["Order"]),
        ("def f(order: Order):\n  mine = order.shipments.filter(pk=1)\n  mine.update(total=1)", ["Shipment"]),
        ("row = lock_row(Order, 1)\nrow.save()", ["Order"]),
        ("rows = {row.pk: row for row in lock_all(Order.objects.all())}\nrows[3].save()", ["Order"]),
        ("row, new = Order.objects.get_or_create(pk=1)\nrow.save()", ["Order", "Order"]),
        ("rows = []\nrows.append(Order())\ninsert(rows)", ["Order"]),
        ("insert(Order() for number in range(3))", ["Order"]),
        ("lock_shipment(3).save()", ["Shipment"]),
        ("if row := Order.objects.first(): row.save()", ["Order"]),
        ("def f():\n  from marketplace.accounts.models import User\n  User.objects.create()", ["User"]),
        ("def f():\n  from marketplace.accounts.models import User as P\n  P(name='').save()", ["User"]),
        ("def f():\n  from marketplace.accounts import models\n  models.User().save()", ["User"]),
        ("def f():\n  import marketplace.accounts.models as m\n  m.User().save()", ["User"]),
        (
            "def f():\n  import marketplace.accounts.models\n  marketplace.accounts.models.User().save()",
            ["User"],
        ),
        (
            "def f():\n  from marketplace.accounts.models import User\n  def g(one: User): one.save()",
            ["User"],
        ),
        ("def f():\n  from marketplace.accounts.models import User\ndef g(): User().save()", []),
        ("connection.cursor().execute('UPDATE orders_order SET total = 0')", ["Order"]),
        ("{}.update(Order=1)\nOrder.objects.get(pk=1)\nOrder(total=3)", []),
    ],
)
def test_the_reader_follows(code, models):
    source = textwrap.dedent("""
        from django.db import connection
        from marketplace.common.inserting import insert
        from marketplace.common.locking import lock_all, lock_row
        from marketplace.delivery.models import Delivery
        from marketplace.orders.models import Order, Shipment
        from marketplace.orders.services.shipments import lock_shipment
    """)
    module = types.ModuleType("example")
    exec(source, vars(module))

    assert [model.__name__ for _line, model in writes(Reader(source + code, module))] == models


# --- who is asked -----------------------------------------------------------------------------------
# A service that others may call takes `actor` and asks whether they may (`authorize` or a `require_…`),
# or stands here with the reason why not.

STEP = "a step of other services, which have asked; no page calls it"
INTERNAL = {
    "a sweep or its runner's notes: the clock runs it, or an admin through the back office, which asks": [
        *("accounts.forget_old_sessions", "common.forget_old_keys", "common.forget_old_windows"),
        *("common.note_trouble", "common.record_run", "common.troubles_to_tell", "orders.forget_old_carts"),
        *("wallet.expire_top_up", "wallet.postpone_top_up", "payouts.begin_transfer"),
        *("mail.forget_old_mail", "mail.take", "mail.sent", "mail.failed"),
    ],
    STEP: [
        *("mail.post", "notifications.notify_many", "points.award_points"),
        *("products.return_stock", "products.take_stock"),
        *(
            "wallet.capture_hold",
            "wallet.charge",
            "wallet.convert_hold",
            "wallet.lock_wallets",
            "wallet.pay_from_fees",
        ),
        *("wallet.place_holds", "wallet.release_hold"),
        *(
            "wallet.remember_payment",
            "wallet.top_up_wallet",
            "wallet.pay_out_hold",
            "wallet.take_back_payout",
            "wallet.pay_seller",
            "wallet.take_from_reserve",
        ),
    ],
    "a provider's word about a payment, signed or asked for; whoever brings it": [
        *("wallet.decide", "wallet.record_event", "wallet.settle_top_up"),
        *("payouts.refuse_transfer", "payouts.settle_transfer", "payouts.note_matter"),
    ],
    "whoever holds the signed link out of a mail is asked by its signature": ["accounts.undo_address_change"],
    "a cart is whose reference one has: their own, or the cookie's": [
        *("orders.accept_prices", "orders.change_quantity", "orders.remove_line"),
        *("orders.apply_coupon", "orders.take_off_coupon"),
    ],
    "a new SECRET_KEY: at each sign-in for whoever signs in, for all by a command": [
        *("accounts.renew_factors", "payouts.renew_addresses"),
    ],
    "for the store's own doors (the demo, the bench)": ["products.import_figures"],
}
EXCUSED = {name for names in INTERNAL.values() for name in names}


def services() -> Iterator[tuple[str, ast.FunctionDef, types.ModuleType]]:
    """Every function with @service or @limited: its name with the domain's, its code, its module."""
    for path in modules("marketplace"):
        domain = path.relative_to(TOP).parts[1]
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and any(map(_is_service, node.decorator_list)):
                yield f"{domain}.{node.name}", node, import_path(path)


def _is_service(mark: ast.expr) -> bool:
    """@service; or @limited, which also stands above what stores a photo before its transaction begins."""
    name = mark.func if isinstance(mark, ast.Call) else mark
    return isinstance(name, ast.Name) and name.id in ("service", "limited")


def asks(node: ast.FunctionDef, module: types.ModuleType, *, depth: int = 3) -> bool:
    """Whether a function asks if its actor may, itself or in what it hands its actor to."""
    for call in (part for part in ast.walk(node) if isinstance(part, ast.Call)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name == "authorize" or name.startswith("require_"):
            return True
        given = [*call.args, *(word.value for word in call.keywords)]
        if depth and any(isinstance(value, ast.Name) and value.id == "actor" for value in given):
            function = getattr(module, name, None)
            if (inner := _code_of(function)) and asks(*inner, depth=depth - 1):
                return True
    return False


def _code_of(function: object) -> tuple[ast.FunctionDef, types.ModuleType] | None:
    function = inspect.unwrap(function) if callable(function) else None
    if not inspect.isfunction(function) or not function.__module__.startswith("marketplace."):
        return None
    node = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    return node, sys.modules[function.__module__]


def actor_of(node: ast.FunctionDef) -> tuple[ast.arg, ast.expr | None] | None:
    """A service's parameter `actor` and its default."""
    named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    return next((pair for pair in named if pair[0].arg == "actor"), None)


def test_a_public_service_asks_who_calls_it():
    silent = {
        name
        for name, node, module in services()
        if not node.name.startswith("_") and not (actor_of(node) and asks(node, module))
    }

    assert silent - EXCUSED == set()
    assert EXCUSED - silent == set(), "who asks needs no excuse, and who is gone none either"


def test_no_page_calls_a_step_that_asks_nobody():
    steps = {name.partition(".")[2] for name in INTERNAL[STEP]}
    called = {
        (str(path.relative_to(TOP)), call.name)
        for path in modules(*FACES)
        for call in Reader.of(path).calls
        if call.name in steps
    }

    # The sweeps' runner, which is no page, tells the admins what it could not do.
    assert called == {("marketplace/web/clockwork.py", "notify_many")}


def test_no_service_takes_nobody_for_its_actor():
    """The store itself is SYSTEM, and is said to be."""
    vague = set()
    for name, node, _module in services():
        if pair := actor_of(node):
            kind = ast.unparse(pair[0].annotation) if pair[0].annotation else "None"
            if pair[1] is not None or "None" in kind:
                vague.add(name)

    assert vague == set()


# --- how often --------------------------------------------------------------------------------------

# What a face counts itself, with the reason in marketplace/common/limits.py.
COUNTED_IN_FACES = {
    "reading": {
        "search",
        "suggest",
        "tracking",
        "receipt",
        "export",
        "notifications",
        "courier_list",
        "address_search",
    },
    "by address, of visitors who can always take a new cart": {"cart", "coupon"},
}


def counted(paths: Iterable[Path], *names: str) -> set[str]:
    """The limits that are counted there by a call of one of these functions."""
    return {
        call.args[0].value
        for path in paths
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) in names
        if call.args and isinstance(call.args[0], ast.Constant)
    }


def test_a_limit_stands_above_its_service_and_every_limit_somewhere():
    in_services = counted(modules(*(f"marketplace/{domain}" for domain in CORE)), "limited")
    in_faces = counted(modules(*FACES), "hit", "hit_cached", "limited")

    assert in_faces == set.union(*COUNTED_IN_FACES.values())
    assert in_services == set(settings.RATE_LIMITS) - in_faces
