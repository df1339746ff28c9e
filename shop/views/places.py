"""Where an address is, asked while it is typed. The server looks, so that no browser tells a third party."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from marketplace.common.limits import limited
from marketplace.common.places import Place
from marketplace.geocoding.answers import Found
from marketplace.geocoding.doubts import doubts_about
from marketplace.geocoding.search import find_places
from marketplace.web.typed import asked


@require_GET
@never_cache
def search(request: HttpRequest) -> JsonResponse:
    """Places that `q` may mean, and what speaks against a pin at `lat`, `lng`."""
    text = asked(request, "q")
    found = _find(text=text, actor=request.user)
    pin = Place.if_any(asked(request, "lat"), asked(request, "lng"))
    best = found[0] if found else None
    return JsonResponse(
        {
            "found": [
                {
                    "label": answer.label,
                    "lat": float(answer.place.lat),
                    "lng": float(answer.place.lng),
                    "exactness": answer.exactness,
                }
                for answer in found
            ],
            "doubts": doubts_about(pin, best) if pin else [],
        }
    )


@limited("address_search", cached=True)
def _find(*, text: str, actor: object) -> list[Found]:
    return find_places(text)
