from django.urls import path

from backoffice import views
from backoffice.actions import ACTIONS

app_name = "backoffice"

urlpatterns = [
    path("", views.home, name="home"),
    path("deliveries/", views.deliveries, name="deliveries"),
    path("deliveries/<slug:number>/", views.shipment, name="shipment"),
    path("deliveries/<slug:number>/address/", views.read_address, name="shipment_address"),
    *(
        path(f"deliveries/<slug:number>/{action.path}", views.act, {"name": action.name}, name=action.route)
        for action in ACTIONS.values()
    ),
    path("couriers/", views.couriers, name="couriers"),
    path("couriers/lift/", views.lift, name="courier_lift"),
    path("sweeps/", views.sweeps, name="sweeps"),
    path("sweeps/<slug:name>/run/", views.run_now, name="sweep_run"),
]
