"""Fixtures of the orders domain."""
