from django.urls import path

from marketplace.seller_dashboard import views

app_name = "seller_dashboard"

urlpatterns = [
    path("", views.home, name="home"),
    path("parcels/<slug:number>/", views.parcel, name="parcel"),
    path("parcels/<slug:number>/packed/", views.parcel_pack, name="parcel_pack"),
    path("parcels/<slug:number>/pin/", views.parcel_reissue, name="parcel_reissue"),
]
