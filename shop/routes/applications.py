from django.urls import path

from marketplace.applications.models import Wanted
from shop.views import applications

urlpatterns = [
    path("account/sell/", applications.apply, {"role": Wanted.SELLER}, name="apply_to_sell"),
    path("account/deliver/", applications.apply, {"role": Wanted.COURIER}, name="apply_to_deliver"),
    path("account/application/", applications.application, name="application"),
    path("account/application/withdraw/", applications.withdraw, name="application_withdraw"),
]
