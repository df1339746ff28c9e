"""Fixtures that every test may use, a module a domain (`-p site_config.testing` in pyproject.toml)."""

import pytest

MODULES = (
    *("databases", "selection", "statements", "thinning", "cost", "cutting", "storage", "pdf"),
    *(
        "owners",
        "people",
        "races",
        "wallet",
        "products",
        "orders",
        "delivery",
        "applications",
        "payouts",
        "coupons",
    ),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """What `selection` does, which says why; it imports Django, and an option must be known before."""
    group = parser.getgroup("store")
    group.addoption(
        "--where-databases-differ", action="store_true", help="leave out what every database answers alike"
    )
    group.addoption(
        "--compare-statements", action="store_true", help="fail where SQLite alone would be asked a statement"
    )
    group.addoption(
        "--write-left-out", action="store_true", help="choose anew which tests the servers need not be asked"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Load the modules once Django is set up: they import models."""
    for name in MODULES:
        config.pluginmanager.import_plugin(f"site_config.testing.{name}")


@pytest.fixture(scope="session", autouse=True)
def mail_leaves_by_the_outbox(django_test_environment: None) -> None:
    """Django puts its own backend for tests in front; here it stands behind the outbox, as a mail server would."""
    from django.conf import settings

    settings.MAIL_BACKEND, settings.EMAIL_BACKEND = (
        settings.EMAIL_BACKEND,
        "marketplace.mail.backend.OutboxBackend",
    )


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """No test sees what another one cached."""
    from django.core.cache import cache

    cache.clear()
