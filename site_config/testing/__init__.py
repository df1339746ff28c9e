"""Fixtures that every test may use, a module a domain (`-p site_config.testing` in pyproject.toml)."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Load the modules once Django is set up: they import models."""
    for name in ("owners", "people", "races", "wallet", "products", "orders", "delivery"):
        config.pluginmanager.import_plugin(f"site_config.testing.{name}")


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """No test sees what another one cached."""
    from django.core.cache import cache

    cache.clear()
