"""Where a form that was carried out leads: to a page (RELIABILITY.md, "Answers": POST, redirect, GET)."""

from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url


class SeeOther(HttpResponseRedirect):
    """303: "done, now GET that page". A 302 leaves it to the browser whether to send the form again."""

    status_code = 303


def see_other(to: object, *args: object, **kwargs: object) -> SeeOther:
    """As `django.shortcuts.redirect`, for the success of a POST."""
    return SeeOther(resolve_url(to, *args, **kwargs))
