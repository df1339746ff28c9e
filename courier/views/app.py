"""What makes the console an app on a phone: its manifest, its service worker, and the page without a network.

All three are for everybody and say nothing of anybody: a browser fetches them without cookies, keeps
them, and shows them to whoever holds the phone.
"""

import hashlib
import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

# What the page without a network needs. Other files are kept once a page has asked for them.
KEPT_FILES = (
    "css/store.css",
    "css/courier.css",
    "js/app.js",
    "js/courier-app.js",
    "fonts/bricolage-700.woff2",
    "img/icons.svg",
    "img/icon.svg",
    "img/courier-192.png",
)


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to put the console on its home screen."""
    home = reverse("courier:home")
    icons = [
        ("img/courier-192.png", "192x192", "any"),
        ("img/courier-512.png", "512x512", "any"),
        ("img/courier-512-maskable.png", "512x512", "maskable"),
    ]
    said = {
        "id": home,
        "name": _("%(store)s courier") % {"store": settings.SITE_NAME},
        "short_name": _("Courier"),
        "description": _("Take parcels, find the way, and prove that they arrived."),
        "lang": get_language(),
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#faf8f4",
        "theme_color": "#0b5d51",
        "icons": [
            {"src": static(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in icons
        ],
        "shortcuts": [
            {"name": _("Scan"), "url": reverse("courier:scan")},
            {"name": _("My deliveries"), "url": reverse("courier:jobs")},
        ],
    }
    return HttpResponse(json.dumps(said), content_type="application/manifest+json")


@login_not_required
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, which reigns over the folder that it is served from: /courier/.

    It is told the files of this version of the store, so that a new version is a new worker.
    """
    files = [static(name) for name in KEPT_FILES]
    worker = static("js/courier-worker.js")
    told = {
        "version": hashlib.sha256("\n".join([worker, *files]).encode()).hexdigest()[:12],
        "files": files,
        "offline": reverse("courier:offline"),
        "base": settings.STATIC_URL,
    }
    script = f"self.STORE = {json.dumps(told)};\nimportScripts({json.dumps(worker)});\n"
    return HttpResponse(script, content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@login_not_required
@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows instead of a page that cannot be had."""
    return render(request, "courier/offline.html")
