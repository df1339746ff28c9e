from django.urls import path

from shop.views import catalogue

urlpatterns = [path("", catalogue.home, name="home")]
