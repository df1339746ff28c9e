"""The store's production settings, without its limits and without TLS, which a proxy does elsewhere."""

import os

from site_config.bench.databases import LOCAL

os.environ.setdefault("DATABASE_URL", LOCAL)

from site_config.settings import *  # noqa: F403
from site_config.settings import RATE_LIMITS, VAR_DIR

SECURE_SSL_REDIRECT = False
ACCOUNT_RATE_LIMITS = False
# Counted as ever, but never reached: eight clients of one address would be refused at once.
RATE_LIMITS = {scope: (1_000_000_000, seconds) for scope, (_count, seconds) in RATE_LIMITS.items()}
STATIC_ROOT = VAR_DIR / "bench-static"  # collected by the bench itself
# No connection ends while its processor time is being measured.
DATABASES["default"]["CONN_MAX_AGE"] = None  # noqa: F405
# The demo's mails go nowhere: what the bench's own programs print is read as their answer.
MAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
