"""Django's SQLite with one thing more: what is on a full disk can be read (base.py)."""
