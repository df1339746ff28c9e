"""The back office, one module an area."""

from .couriers import couriers, lift
from .deliveries import act, deliveries, read_address, shipment
from .home import home
from .sweeps import run_now, sweeps

__all__ = [
    "act",
    "couriers",
    "deliveries",
    "home",
    "lift",
    "read_address",
    "run_now",
    "shipment",
    "sweeps",
]
