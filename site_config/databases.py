"""DATABASE_URL → Django's DATABASES entry, with what each database needs to keep money safe."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

_SCHEMES = ("postgres", "postgresql", "pgsql", "psql", "mysql", "mysql2", "sqlite")
# Measured: docs/reliability.md M2, M10, §3.1.
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL;PRAGMA synchronous={synchronous};PRAGMA foreign_keys=ON;"
    "PRAGMA mmap_size=134217728;PRAGMA journal_size_limit=27103364;PRAGMA cache_size=-8000"
)
LOCK_WAIT = 3  # seconds; a request's patience ends by itself (marketplace/common/patience.py)
_POSTGRES_TIMEOUTS = (
    f"-c lock_timeout={LOCK_WAIT}000 -c statement_timeout=15000 -c idle_in_transaction_session_timeout=20000"
)
_MARIADB_INIT = (
    f"SET innodb_lock_wait_timeout={LOCK_WAIT},"
    " sql_mode='STRICT_TRANS_TABLES,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'"
)


def from_url(
    url: str,
    *,
    debug: bool,
    test_folder: Path,
    test_name: str = "test",
    keep_for: int = 60,
    keeps_plans: bool = True,
) -> dict:
    """The DATABASES entry for `url`; the test database of SQLite is a file, threads need it.

    `keep_for`: seconds that a thread keeps its connection. 0 under ASGI, where threads come and go.
    `keeps_plans`: whether PostgreSQL is asked to keep the plans of our largest queries (marketplace/common/plans.py).
    """
    try:
        config = environ.Env.db_url_config(url) if url.partition("://")[0] in _SCHEMES else {}
    except ValueError:  # a port that is none
        config = {}
    if not config:
        raise ImproperlyConfigured(
            "DATABASE_URL must be postgres://…, mysql://… or sqlite:////absolute/path."
        )
    engine = config["ENGINE"]
    options = config.setdefault("OPTIONS", {})
    if engine.endswith("sqlite3"):
        config["ENGINE"] = "site_config.sqlite3"
        Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": _SQLITE_PRAGMAS.format(synchronous="NORMAL" if debug else "FULL"),
        }
        config["TEST"] = {"NAME": test_folder / f"{test_name}.sqlite3"}
    elif "postgresql" in engine:
        options.setdefault("options", _POSTGRES_TIMEOUTS)
        if keeps_plans:
            options.setdefault("prepare_threshold", 0)
        config["CONN_MAX_AGE"] = keep_for
        config["CONN_HEALTH_CHECKS"] = True
    elif engine.endswith("mysql"):
        import pymysql

        pymysql.install_as_MySQLdb()
        options |= {"isolation_level": "read committed", "charset": "utf8mb4", "init_command": _MARIADB_INIT}
        config["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_unicode_ci"}
        config["CONN_MAX_AGE"] = keep_for
        config["CONN_HEALTH_CHECKS"] = True
    return config
