"""Addresses that leave the page: in mails, in what search engines and other machines read."""

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings


def absolute(path: str) -> str:
    """The address of a path of ours at `SITE_URL`: a visitor chooses the Host header, and its port.

    What is an address already (a picture in a bucket) stays as it is.
    """
    return path if urlsplit(path).scheme else settings.SITE_URL + path


def at_home(address: str) -> str:
    """An address that was made from a request's Host header, at `SITE_URL`."""
    parts = urlsplit(address)
    return absolute(urlunsplit(("", "", parts.path, parts.query, parts.fragment)))
