"""The settings of the test runs: as the store is run for real, with fast passwords and its own files."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from site_config.secret_files import SECRETS

# Whatever this machine's .env or shell says about the store is not meant for the tests; only the
# database is asked for: DATABASE_URL in the shell (not the one in .env).
os.environ |= {
    "DEBUG": "false",
    "SECRET_KEY": "tests-only-not-a-secret-0123456789-0123456789-0123456789",
    "SECURE_SSL_REDIRECT": "false",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "SITE_URL": "http://localhost:8000",
    "EMAIL_URL": "memorymail://",
    "MAIL_AT_ONCE": "true",
    "REDIS_URL": "",
    "MEDIA_BUCKET": "",
    "MAP_TILE_URL": "",
    "STORE_CURRENCY": "EUR",
    "TIME_ZONE": "UTC",
    "TRUSTED_PROXIES": "0",
    **{f"{name}_FILE": "" for name in SECRETS},
}
os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(__file__).parent.parent / 'var' / 'store.sqlite3'}")

from .settings import *  # noqa: F403
from .settings import DATABASES, STORAGES

# No test asks what a machine that loses its power keeps (a process that is killed loses nothing by this). A hundred
# rivals on a slow machine may take longer than a lock is waited for, and that is not tried again.
_OPTIONS = DATABASES["default"]["OPTIONS"]
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    _OPTIONS["init_command"] += ";PRAGMA synchronous=OFF"
elif "postgresql" in DATABASES["default"]["ENGINE"]:
    _OPTIONS["options"] += " -c synchronous_commit=off -c lock_timeout=10000"
else:
    _OPTIONS["init_command"] += ", innodb_lock_wait_timeout=10"
FOLLOW_DATABASE_CLOCK = False  # tests move the clock; those about the database's turn it on
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STAFF_NEED_SECOND_FACTOR = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False  # live_server speaks plain HTTP
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "sessionid", "csrftoken"
SECURE_HSTS_SECONDS = 0
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
# Pictures go where nothing else is. The first process makes the folder and removes it at its end; its
# workers (which end without ceremony) have their own inside.
if "TEST_MEDIA" not in os.environ:
    os.environ["TEST_MEDIA"] = tempfile.mkdtemp(prefix="ecs-media-")
    atexit.register(shutil.rmtree, os.environ["TEST_MEDIA"], ignore_errors=True)
MEDIA_ROOT = Path(os.environ["TEST_MEDIA"]) / os.environ.get("PYTEST_XDIST_WORKER", "main")
SEATS_DIR = Path(f"{MEDIA_ROOT}-seats")
LOCK_WAITERS = 1
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "private": STORAGES["private"]
    | {"OPTIONS": STORAGES["private"]["OPTIONS"] | {"location": f"{MEDIA_ROOT}-private"}},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
# Generous, so that only the tests that are about limits meet one.
RATE_LIMITS = {scope: (10_000, seconds) for scope, (_count, seconds) in RATE_LIMITS.items()}  # noqa: F405
ACCOUNT_RATE_LIMITS = False
