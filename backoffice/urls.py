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
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/<slug:public_id>/", views.review, name="review"),
    path("reviews/<slug:public_id>/decide/", views.review_decide, name="review_decide"),
    path("reviews/<slug:public_id>/assign/", views.review_assign, name="review_assign"),
    path("shops/", views.shops, name="shops"),
    path("shops/<slug:slug>/", views.shop, name="shop"),
    path("shops/<slug:slug>/suspend/", views.shop_suspend, name="shop_suspend"),
    path("shops/<slug:slug>/reserve/", views.shop_reserve, name="shop_reserve"),
    path("shops/<slug:slug>/lift/", views.shop_lift, name="shop_lift"),
    path("payouts/", views.payouts, name="payouts"),
    path("payout-batches/", views.payout_batches, name="payout_batches"),
    path("payout-batches/<slug:public_id>/", views.payout_batch, name="payout_batch"),
    path("payout-batches/<slug:public_id>/file/", views.payout_batch_file, name="payout_batch_file"),
    path("payout-batches/<slug:public_id>/sent/", views.payout_batch_sent, name="payout_batch_sent"),
    path(
        "payout-batches/<slug:public_id>/withdraw/", views.payout_batch_withdraw, name="payout_batch_withdraw"
    ),
    path("payouts/<slug:public_id>/", views.payout, name="payout"),
    path("payouts/<slug:public_id>/approve/", views.payout_approve, name="payout_approve"),
    path("payouts/<slug:public_id>/decline/", views.payout_decline, name="payout_decline"),
    path("payouts/<slug:public_id>/sent/", views.payout_sent, name="payout_sent"),
    path("payouts/<slug:public_id>/returned/", views.payout_returned, name="payout_returned"),
    path("invoices/", views.invoices, name="invoices"),
    path("invoices/<slug:number>/", views.invoice_pdf, name="invoice_pdf"),
    path("couriers/", views.couriers, name="couriers"),
    path("couriers/lift/", views.lift, name="courier_lift"),
    path("events/", views.events, name="events"),
    path("events/<slug:slug>/end/", views.end_event, name="event_end"),
    path("rates/", views.rates, name="rates"),
    path("tax/", views.tax, name="tax"),
    path("sweeps/", views.sweeps, name="sweeps"),
    path("sweeps/<slug:name>/run/", views.run_now, name="sweep_run"),
]
