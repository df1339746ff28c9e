"""The faces and where they live. A face has its own urls.py and namespace."""

from django.conf import settings
from django.conf.urls.static import static
from django.urls import include, path

from marketplace.web import frame, media, photos, styleguide
from site_config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("favicon.ico", frame.favicon),
    path("photo/<slug:public_id>/", photos.photo, name="photo"),
    path("accounts/", include("marketplace.web.urls_accounts")),
    path("seller/", include("marketplace.seller_dashboard.urls")),
    path("courier/", include("courier.urls")),
    path("backoffice/", include("backoffice.urls")),
    path("", include("shop.urls")),
]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide.page, name="styleguide"))
    urlpatterns += static(settings.MEDIA_URL, media.media, document_root=settings.MEDIA_ROOT)

handler400 = "marketplace.web.errors.bad_request"
handler403 = "marketplace.web.errors.forbidden"
handler404 = "marketplace.web.errors.not_found"
handler429 = "marketplace.web.errors.too_many"  # asked for by allauth
handler500 = "marketplace.web.errors.broken"
