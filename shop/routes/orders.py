from django.urls import path

from shop.views import cart

urlpatterns = [
    path("cart/", cart.cart, name="cart"),
    path("cart/add/", cart.cart_add, name="cart_add"),
    path("cart/change/", cart.cart_change, name="cart_change"),
    path("cart/remove/", cart.cart_remove, name="cart_remove"),
    path("cart/accept/", cart.cart_accept, name="cart_accept"),
]
