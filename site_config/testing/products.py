"""Fixtures of the products domain."""
