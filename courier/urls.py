from django.urls import path

from courier import views

app_name = "courier"

urlpatterns = [path("", views.home, name="home")]
