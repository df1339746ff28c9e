"""Fixtures of the applications domain."""

from types import ModuleType

import pytest

from site_config.acts import applications


@pytest.fixture
def applying(db) -> ModuleType:
    """What people do when somebody applies: `applying.apply(buyer, applying.shop_wish())` (site_config/acts)."""
    return applications
