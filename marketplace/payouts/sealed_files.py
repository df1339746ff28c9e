"""A bank's file holds whole IBANs and names: it is kept sealed, as the accounts themselves are."""

from marketplace.common.sealing import seal, unseal

PURPOSE = "payout batch"


def seal_file(content: bytes) -> str:
    """What the database keeps of it."""
    return seal(PURPOSE, content.decode())


def unseal_file(sealed: str) -> bytes | None:
    """The same bytes again; None where no key reads them any more."""
    text = unseal(PURPOSE, sealed)
    return None if text is None else text.encode()
