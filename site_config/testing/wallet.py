"""Fixtures of the wallet domain."""
