from django.urls import path

from shop.views import account, addresses, places

urlpatterns = [
    path("account/", account.overview, name="account"),
    path("account/profile/", account.profile, name="profile"),
    path("account/location/", account.location, name="location"),
    path("account/addresses/", addresses.overview, name="addresses"),
    path("account/pick-ups/", addresses.pick_ups, name="pick_ups"),
    path("account/pick-ups/add/", addresses.add_pick_up, name="pick_up_add"),
    path("account/addresses/add/", addresses.add, name="address_add"),
    path("account/addresses/<slug:public_id>/", addresses.edit, name="address"),
    path("account/addresses/<slug:public_id>/remove/", addresses.remove, name="address_remove"),
    path("account/addresses/<slug:public_id>/default/", addresses.make_default, name="address_default"),
    path("places/", places.search, name="places"),
]
