"""Names for things that people see: random, never the primary key."""

import secrets

# Crockford's base 32 without the letters that are misread (i, l, o, u), lower case: 12 of them
# are 60 bits, and a database that folds case cannot confuse two of them.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_public_id() -> str:
    """A random public identifier of 12 characters (60 bits)."""
    return "".join(ALPHABET[byte % 32] for byte in secrets.token_bytes(12))
