"""Pages and their parts: one template serves the whole page and the piece that HTMX swaps."""

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers


def wants_part(request: HttpRequest) -> bool:
    """Whether HTMX asked for a swap (a boosted or history-restore request gets the whole page)."""
    htmx = request.htmx
    return bool(htmx and not htmx.boosted and not htmx.history_restore_request)


def render_part(request: HttpRequest, page: str, part: str, context: dict, **kwargs) -> HttpResponse:
    """Render `page`, or only its partial `part` when HTMX asked for a swap.

    Messages that wait for the person come with the part, out of band.
    """
    swap = wants_part(request)
    response = render(request, f"{page}#{part}" if swap else page, context, **kwargs)
    if swap and len(waiting := get_messages(request)):
        response.write(render_to_string("components/messages_oob.html", {"messages": waiting}, request))
    patch_vary_headers(response, ["HX-Request"])
    return response
