"""A word to systemd: we have started, we are alive. Where nobody listens nothing is said."""

import os
import socket


def tell(words: str) -> None:
    """Send `words` ("READY=1", "WATCHDOG=1") to who started us, as sd_notify(3) does."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket of Linux
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.settimeout(1)
        line.connect(address)
        line.sendall(words.encode())


def seconds() -> float:
    """After how much silence we are killed and started anew (`WatchdogSec=`); 0.0 where nobody does."""
    return int(os.environ.get("WATCHDOG_USEC", "0")) / 1_000_000


def alive() -> None:
    """Say that we are; a listener that is gone is no reason to stop."""
    try:
        tell("WATCHDOG=1")
    except OSError:
        return
