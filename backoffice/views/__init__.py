"""The back office, one module an area."""

from .couriers import couriers, lift
from .deliveries import (
    bypass,
    cancel,
    complete,
    deliveries,
    read_address,
    reassign,
    reissue,
    send_back,
    shipment,
    take_back,
    void,
)
from .home import home
from .sweeps import run_now, sweeps

__all__ = [
    "bypass",
    "cancel",
    "complete",
    "couriers",
    "deliveries",
    "home",
    "lift",
    "read_address",
    "reassign",
    "reissue",
    "run_now",
    "send_back",
    "shipment",
    "sweeps",
    "take_back",
    "void",
]
