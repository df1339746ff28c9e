"""The store's production settings, without its limits and without TLS, which a proxy does elsewhere."""

from site_config.settings import *  # noqa: F403
from site_config.settings import RATE_LIMITS, STORAGES

SECURE_SSL_REDIRECT = False
ACCOUNT_RATE_LIMITS = False
# Counted as ever, but never reached: all clients have one address.
RATE_LIMITS = {scope: (1_000_000_000, seconds) for scope, (_count, seconds) in RATE_LIMITS.items()}
# Nobody fetches pictures or styles here, so none are collected.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
