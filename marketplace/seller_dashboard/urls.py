from django.urls import path

app_name = "seller_dashboard"

urlpatterns: list[path] = []
