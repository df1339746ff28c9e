"""What providers tell: genuine by its signature, and then only a reason to look for ourselves."""

import logging
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketplace.payouts.providers import desk as payout_desk
from marketplace.payouts.providers import payout_provider
from marketplace.wallet.payments import ForgedCallback, UnreadableCallback, provider
from marketplace.wallet.payments import desk as payment_desk
from marketplace.web.bodies import takes

logger = logging.getLogger(__name__)

MOST_MESSAGE = 1024 * 1024  # bytes
Message = TypeVar("Message", covariant=True)


class Reader(Protocol[Message]):
    """A provider, as far as it reads messages."""

    def read_callback(self, body: bytes, headers: Mapping[str, str]) -> Message | None: ...


@takes(MOST_MESSAGE)
@csrf_exempt
@login_not_required
@require_POST
def payment_callback(request: HttpRequest, name: str) -> HttpResponse:
    """A message about a payment into a wallet."""
    if name != settings.PAYMENT_PROVIDER:
        raise Http404
    return _answer(request, name, provider(name), payment_desk.take_callback)


@takes(MOST_MESSAGE)
@csrf_exempt
@login_not_required
@require_POST
def payout_callback(request: HttpRequest, name: str) -> HttpResponse:
    """A message about a payout: of any provider, for what one of before has sent may still come back."""
    try:
        port = payout_provider(name)
    except LookupError as unknown:
        raise Http404 from unknown
    return _answer(request, name, port, payout_desk.take_callback)


def _answer(
    request: HttpRequest, name: str, reader: Reader[Message], act: Callable[[str, Message], object]
) -> HttpResponse:
    try:
        message = reader.read_callback(request.body, request.headers)
    except ForgedCallback:
        return HttpResponseBadRequest()
    except UnreadableCallback as error:
        logger.warning("a genuine message of %s cannot be read: %s", name, error)
        return HttpResponseBadRequest()
    if message:
        act(name, message)
    return HttpResponse(status=204)
