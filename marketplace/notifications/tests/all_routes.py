"""A ROOT_URLCONF with every page that a notification may lead to, whether or not it is built yet."""

from django.urls import include, path


def page(request):
    raise NotImplementedError


def face(prefix: str, name: str, routes: dict[str, str]):
    patterns = [path(route, page, name=route_name) for route_name, route in routes.items()]
    return path(prefix, include((patterns, name)))


urlpatterns = [
    face("", "shop", {"order_detail": "orders/<slug:number>/", "wallet": "wallet/"}),
    face("seller/", "seller_dashboard", {"home": "", "parcel": "parcels/<slug:number>/"}),
    face("courier/", "courier", {"home": "", "jobs": "jobs/", "job": "jobs/<slug:number>/"}),
    face("backoffice/", "backoffice", {"home": "", "couriers": "couriers/", "sweeps": "sweeps/"}),
]
