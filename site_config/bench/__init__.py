"""What the store's speed is, set against the least that Django and PostgreSQL need: `make bench`."""
