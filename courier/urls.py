"""The courier's console. Each area has its own module of routes and of views."""

from django.urls import include, path

app_name = "courier"

urlpatterns = [
    path("", include("courier.routes.console")),
    path("", include("courier.routes.scan")),
]
