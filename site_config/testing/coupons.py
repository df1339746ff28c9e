"""Fixtures of the coupons domain."""

from types import ModuleType

import pytest

from site_config.acts import coupons


@pytest.fixture(name="coupons")
def coupons_() -> ModuleType:
    """What people do with coupons (site_config/acts/coupons.py): `coupons.apply(buyer, coupons.make(seller))`."""
    return coupons
