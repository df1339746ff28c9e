"""A ROOT_URLCONF of a store in which many a page that a notification was about is gone."""

from .all_routes import face

urlpatterns = [
    face("", "shop", {"order_detail": "orders/<slug:number>/", "wallet": "wallet/"}),
    face("seller/", "seller_dashboard", {"home": ""}),
    face("courier/", "courier", {"home": ""}),
    face("backoffice/", "backoffice", {"home": ""}),
]
