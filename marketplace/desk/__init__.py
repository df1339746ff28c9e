"""Reads over several domains, for pages that show them side by side.

Nothing here writes, and nothing is here that one domain could say alone (site_config/tests/test_guards.py).
"""
