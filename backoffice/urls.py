from django.urls import path

from backoffice import views

app_name = "backoffice"

urlpatterns = [
    path("", views.home, name="home"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/<slug:number>/", views.shipment, name="shipment"),
    path("deliveries/<slug:number>/address/", views.read_address, name="shipment_address"),
    path("deliveries/<slug:number>/reassign/", views.reassign, name="shipment_reassign"),
    path("deliveries/<slug:number>/take-back/", views.take_back, name="shipment_take_back"),
    path("deliveries/<slug:number>/bypass/", views.bypass, name="shipment_bypass"),
    path("deliveries/<slug:number>/send-back/", views.send_back, name="shipment_send_back"),
    path("deliveries/<slug:number>/reissue/", views.reissue, name="shipment_reissue"),
    path("deliveries/<slug:number>/complete/", views.complete, name="shipment_complete"),
    path("deliveries/<slug:number>/cancel/", views.cancel, name="shipment_cancel"),
    path("deliveries/<slug:number>/attempts/<int:position>/void/", views.void, name="attempt_void"),
    path("couriers/", views.couriers, name="couriers"),
    path("couriers/lift/", views.lift, name="courier_lift"),
    path("sweeps/", views.sweeps, name="sweeps"),
    path("sweeps/<slug:name>/run/", views.run_now, name="sweep_run"),
]
