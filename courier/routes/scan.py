"""Scanning, confirming, and what makes the console an app on a phone."""

urlpatterns = []
