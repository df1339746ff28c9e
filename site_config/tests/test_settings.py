"""What the settings promise, asked of a process that was started as in production."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from site_config import databases

# The first of these to run sets a store up as in production, which compresses every static file.
pytestmark = pytest.mark.costly("sets a whole store up", seconds=60)
TOP = Path(settings.BASE_DIR)
PRODUCTION = {
    "PATH": os.environ["PATH"],
    "SECRET_KEY": "0123456789abcdef-Zz-0123456789abcdef-Yy-0123456789abcdef",
    "DEBUG": "false",
    "ALLOWED_HOSTS": "shop.example.org",
    "SITE_URL": "https://shop.example.org",
    "DATABASE_URL": "sqlite://:memory:",
    "TRUSTED_PROXIES": "1",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "DEFAULT_FROM_EMAIL": "Shop <store@shop.example.org>",
    "DEMO_MONEY": "true",
}


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments], cwd=TOP, env=environ, capture_output=True, text=True, timeout=180
    )


def test_the_deployment_check_has_nothing_to_say():
    checked = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"EMAIL_URL": ""}, "Mails go nowhere"),
        ({"DEFAULT_FROM_EMAIL": ""}, "Mails are from this machine"),
        ({"SITE_URL": ""}, "SITE_URL is not set"),
        ({"SITE_URL": "https://other.example.org"}, "SITE_URL names a host that ALLOWED_HOSTS does not"),
        ({"TRUSTED_PROXIES": "0"}, "TRUSTED_PROXIES is 0"),
        ({"STORE_CURRENCY": "XYZ"}, "STORE_CURRENCY is not to be used"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}, "Nobody looked what currency"),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing", "DEMO_MONEY": "false"}, "demo accounts"),
    ],
)
def test_the_deployment_check_says_what_is_wrong_and_nobody_would_notice(environ, said):
    checked = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **{**PRODUCTION, **environ})

    assert checked.returncode == 1
    assert said in checked.stderr
    assert "Traceback" not in checked.stderr


def test_the_store_does_not_start_without_a_secret():
    checked = run("manage.py", "check", **{**PRODUCTION, "SECRET_KEY": ""})

    assert checked.returncode != 0
    assert "SECRET_KEY is not set" in checked.stderr


ASK = """
from django.core.wsgi import get_wsgi_application
from django.test import Client
get_wsgi_application()
answer = Client(headers={"host": "shop.example.org"}).get(PATH, secure=SECURE, headers=HEADERS)
print(answer.status_code, dict(answer.headers), answer.content.decode())
"""
ASK_HOME = """
from django.core.wsgi import get_wsgi_application
from django.test import Client
get_wsgi_application()
print(Client(headers={"host": "shop.example.org"}).get("/accounts/login/", secure=True).status_code)
"""
AS_STORE = {"DJANGO_SETTINGS_MODULE": "site_config.settings"}


@pytest.fixture(scope="module")
def production(tmp_path_factory, migrated) -> dict[str, str]:
    """The environment of a store that was set up as docs/production.md says."""
    folder = tmp_path_factory.mktemp("production")
    environ = {
        **PRODUCTION,
        **AS_STORE,
        "STATIC_ROOT": str(folder / "static"),
        "DATABASE_URL": f"sqlite:///{folder / 'store.sqlite3'}",
    }
    shutil.copyfile(migrated, folder / "store.sqlite3")
    done = run("manage.py", "collectstatic", "--noinput", "-v0", **environ)
    assert done.returncode == 0, done.stderr
    return environ


def ask(path: str, environ: dict[str, str], *, secure: bool = True, **headers: str) -> str:
    """What a production process answers: status, headers and text."""
    script = ASK.replace("PATH", repr(path)).replace("SECURE", repr(secure)).replace("HEADERS", repr(headers))
    done = run("-c", script, **environ)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_debug_is_off_and_a_missing_page_tells_nothing_of_the_inside(production):
    answer = ask("/there-is-nothing-here", production)

    assert answer.startswith("404 ")
    assert "urlpatterns" not in answer
    assert "DEBUG" not in answer


def test_pages_name_their_files_by_their_contents(production):
    answer = ask("/accounts/login/", production)

    assert answer.startswith("200 ")
    assert re.search(r'href="/static/css/store\.[0-9a-f]{12}\.css"', answer)
    assert "'Strict-Transport-Security': 'max-age=31536000'" in answer


def test_a_broken_database_is_told_by_the_health_page_over_plain_http(production):
    nowhere = {**production, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"}

    assert ask("/healthz", production, secure=False).startswith("200 ")
    assert ask("/healthz", nowhere, secure=False).startswith("503 ")


def test_plain_http_is_sent_to_https_and_the_proxy_is_believed_only_where_there_is_one(production):
    through_tls = {"secure": False, "X-Forwarded-Proto": "https"}
    unproxied = {**production, "TRUSTED_PROXIES": "0"}

    assert ask("/accounts/login/", production, **through_tls).startswith("200 ")
    assert ask("/accounts/login/", production, secure=False).startswith("301 ")
    assert ask("/accounts/login/", unproxied, **through_tls).startswith("301 ")


def test_pages_are_compressed_where_that_is_asked_for(production):
    script = """
from django.core.wsgi import get_wsgi_application
from django.test import Client
get_wsgi_application()
answer = Client(headers={"host": "shop.example.org"}).get(
    "/accounts/login/", secure=True, headers={"Accept-Encoding": "gzip"})
print(answer.get("Content-Encoding"))
"""
    for wanted, encoding in (("true", "gzip"), ("false", "None")):
        assert run("-c", script, **production, COMPRESS_PAGES=wanted).stdout.strip() == encoding


def test_pictures_may_live_in_a_bucket_and_the_browser_may_fetch_them_there():
    asked = run(
        "-c",
        "from django.conf import settings as s; print(s.STORAGES['default']['OPTIONS']['bucket_name'],"
        " s.MEDIA_URL, s.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'])",
        **PRODUCTION,
        **AS_STORE,
        MEDIA_BUCKET="pictures",
        MEDIA_HOST="pictures.example.org",
        PRIVATE_MEDIA_BUCKET="doors",
    )

    assert asked.stdout.startswith("pictures https://pictures.example.org/ "), asked.stderr
    assert "'https://pictures.example.org'" in asked.stdout


BUCKETS = {"MEDIA_BUCKET": "pictures", "MEDIA_HOST": "pictures.example.org", "PRIVATE_MEDIA_BUCKET": "doors"}


def test_a_picture_in_a_bucket_has_its_address_there(production):
    """The packages of the s3 group are all that the documented settings need."""
    asked = run(
        "-c",
        "import django; django.setup()\n"
        "from django.core.files.storage import default_storage as pictures, storages\n"
        "print(pictures.url('products/a.webp'), storages['private'].bucket_name)",
        **production,
        **BUCKETS,
    )

    assert asked.stdout.split() == ["https://pictures.example.org/products/a.webp", "doors"], asked.stderr


def test_the_store_runs_without_what_only_some_stores_need(production):
    script = (
        "import sys; sys.modules.update(celery=None, kombu=None, storages=None, boto3=None, redis=None)\n"
    )

    assert run("-c", script + ASK_HOME, **production).stdout.strip() == "200"


def test_buckets_without_their_packages_say_what_is_missing():
    script = "import importlib.util as u; u.find_spec = lambda name: None\nimport site_config.settings"
    asked = run("-c", script, **PRODUCTION, **BUCKETS)

    assert "`make install WITH=s3`" in asked.stderr


def test_a_secret_may_come_from_a_file(tmp_path):
    path = tmp_path / "key"
    path.write_text("from-a-file-0123456789-0123456789-0123456789-0123456789\n")
    environ = {**PRODUCTION, "SECRET_KEY": "", "SECRET_KEY_FILE": str(path)}
    asked = run("-c", "from site_config import settings; print(settings.SECRET_KEY)", **environ)

    assert asked.stdout == path.read_text(), asked.stderr


def test_a_redis_that_stalls_holds_up_a_page_for_a_moment_only(production):
    with socket.create_server(("127.0.0.1", 0)) as stalled:
        address = f"redis://127.0.0.1:{stalled.getsockname()[1]}/0"
        script = """
import time, django; django.setup()
from django.core.cache import cache
from marketplace.common.caching import is_away
began = time.monotonic()
print(cache.get("anything"), is_away(), time.monotonic() - began)
"""
        found, away, seconds = run("-c", script, **production, REDIS_URL=address).stdout.split()

    assert (found, away) == ("None", "True")
    assert 0.4 < float(seconds) < 5


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://tiles.example.org/{z}/{x}/{y}.png", "https://tiles.example.org"),
        ("https://{s}.tiles.example.org/v1/{z}/{x}/{y}.png?key=k", "https://*.tiles.example.org"),
        ("/tiles/{z}/{x}/{y}.png", None),
        ("", None),
    ],
)
def test_the_browser_may_fetch_the_map_from_the_host_that_is_named(url, host):
    asked = run(
        "-c",
        "from site_config.settings import CONTENT_SECURITY_POLICY as p; print(p['DIRECTIVES']['img-src'])",
        **{**PRODUCTION, "MAP_TILE_URL": url},
    )

    assert asked.stdout.strip() == str(["'self'", "data:", *([host] if host else [])])


def test_every_variable_that_the_settings_read_is_explained_in_the_example():
    readers = ("settings.py", "gunicorn_conf.py", "environment.py")
    source = "".join((TOP / "site_config" / reader).read_text() for reader in readers)
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    example = (TOP / ".env.example").read_text()
    explained = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", example, flags=re.MULTILINE))

    assert read - {"TEST_DATABASE_NAME"} == explained - {"HOST", "PORT"}


@pytest.mark.parametrize(
    ("url", "engine", "option", "value"),
    [
        ("sqlite:///:memory:", "sqlite3", "transaction_mode", "IMMEDIATE"),
        ("mysql://root@127.0.0.1/ecs", "mysql", "isolation_level", "read committed"),
    ],
)
def test_a_database_is_opened_in_the_mode_that_keeps_money_safe(tmp_path, url, engine, option, value):
    config = databases.from_url(url, debug=False, test_folder=tmp_path)

    assert config["ENGINE"].endswith(engine)
    assert config["OPTIONS"][option] == value


def test_under_asgi_no_thread_keeps_its_connection(tmp_path):
    config = databases.from_url("postgres://x@y/z", debug=False, test_folder=tmp_path, keep_for=0)

    assert config["CONN_MAX_AGE"] == 0
