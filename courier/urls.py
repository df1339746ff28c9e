from django.urls import path

app_name = "courier"

urlpatterns: list[path] = []
