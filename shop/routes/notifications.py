from django.urls import path

from shop.views import notifications

urlpatterns = [
    path("notifications/", notifications.inbox, name="notifications"),
    path("notifications/read-all/", notifications.read_all, name="notifications_read_all"),
    path("notifications/<slug:public_id>/", notifications.open_one, name="notification_open"),
]
