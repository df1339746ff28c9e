"""allauth's pages, open to people who are not signed in where they must be."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.urls"))]
