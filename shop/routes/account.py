from django.urls import path

from shop.views import account

urlpatterns = [
    path("account/", account.overview, name="account"),
    path("account/profile/", account.profile, name="profile"),
    path("account/location/", account.location, name="location"),
]
