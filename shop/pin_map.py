"""What the map of a form is told (templates/components/pin_on_map.html)."""

from django.conf import settings


def pin_map() -> dict[str, object]:
    """Its tiles, and where it opens."""
    lat, lng = settings.STORE_PLACE
    return {
        "url": settings.MAP_TILE_URL,
        "attribution": settings.MAP_TILE_ATTRIBUTION,
        "lat": lat,
        "lng": lng,
        "radius_km": settings.STORE_RADIUS_KM,
        "finds_streets": bool(settings.GEOCODER),
    }
