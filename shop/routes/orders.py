from django.urls import path

from shop.views import cart, checkout, coupons, lines, order_address, orders, shipments, tracking

urlpatterns = [
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.cart_add, name="cart_add"),
    path("cart/change/", cart.cart_change, name="cart_change"),
    path("cart/remove/", cart.cart_remove, name="cart_remove"),
    path("cart/accept/", cart.cart_accept, name="cart_accept"),
    path("cart/coupon/", coupons.cart_coupon, name="cart_coupon"),
    path("cart/coupon/off/", coupons.cart_coupon_off, name="cart_coupon_off"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<slug:number>/", orders.order_detail, name="order_detail"),
    path("orders/<slug:number>/live/", shipments.order_live, name="order_live"),
    path("orders/<slug:number>/address/", order_address.order_address, name="order_address"),
    path("orders/<slug:number>/receipt.pdf", orders.order_receipt, name="order_receipt"),
    path("orders/<slug:number>/again/", orders.order_again, name="order_again"),
    path(
        "orders/<slug:number>/shipments/<slug:shipment>/complete/",
        shipments.shipment_complete,
        name="shipment_complete",
    ),
    path(
        "orders/<slug:number>/shipments/<slug:shipment>/pin/", shipments.proof_reissue, name="proof_reissue"
    ),
    path(
        "orders/<slug:number>/shipments/<slug:shipment>/cancel/",
        orders.cancel_shipment,
        name="shipment_cancel",
    ),
    path(
        "orders/<slug:number>/shipments/<slug:shipment>/lines/<int:position>/",
        lines.line_listing,
        name="line_listing",
    ),
    path(
        "orders/<slug:number>/shipments/<slug:shipment>/lines/<int:position>/cancel/",
        orders.cancel_line,
        name="line_cancel",
    ),
    path("track/<str:token>/", tracking.track, name="track"),
]
