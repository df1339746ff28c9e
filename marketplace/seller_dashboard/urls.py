from django.urls import path

from marketplace.seller_dashboard import views

app_name = "seller_dashboard"

urlpatterns = [
    path("", views.home, name="home"),
    path("parcels/<slug:number>/", views.shipment, name="parcel"),
    path("parcels/<slug:number>/packed/", views.pack, name="parcel_pack"),
    path("parcels/<slug:number>/pin/", views.reissue, name="parcel_reissue"),
]
