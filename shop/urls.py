"""The storefront and the buyer's account. Each area has its own module of routes and of views."""

from django.urls import include, path

app_name = "shop"

urlpatterns = [
    path("", include("shop.routes.catalogue")),
    path("", include("shop.routes.account")),
    path("", include("shop.routes.applications")),
    path("", include("shop.routes.wallet")),
    path("", include("shop.routes.notifications")),
    path("", include("shop.routes.orders")),
]
