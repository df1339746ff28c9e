from django.urls import path

from marketplace.seller_dashboard import views

app_name = "seller_dashboard"

urlpatterns = [path("", views.home, name="home")]
