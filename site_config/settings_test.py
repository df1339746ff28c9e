"""The settings of the test runs: as the store is run for real, with fast passwords and its own files."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DEBUG", "false")
os.environ.setdefault("SECRET_KEY", "tests-only-not-a-secret-0123456789-0123456789-0123456789")
os.environ.setdefault("SECURE_SSL_REDIRECT", "false")
os.environ["ALLOWED_HOSTS"] = "localhost,127.0.0.1,testserver"
os.environ["EMAIL_URL"] = "memorymail://"
os.environ["REDIS_URL"] = ""

from .settings import *  # noqa: F403
from .settings import STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STAFF_NEED_SECOND_FACTOR = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False  # live_server speaks plain HTTP
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "sessionid", "csrftoken"
SECURE_HSTS_SECONDS = 0
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
MEDIA_ROOT = Path(tempfile.mkdtemp(prefix="ecs-media-"))
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
# Generous, so that only the tests that are about limits meet one.
RATE_LIMITS = {scope: (10_000, seconds) for scope, (_count, seconds) in RATE_LIMITS.items()}  # noqa: F405
ACCOUNT_RATE_LIMITS = False
