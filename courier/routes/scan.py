"""Scanning, confirming, and what makes the console an app on a phone."""

from django.urls import path

from courier.views import app, confirm

urlpatterns = [
    path("scan/", confirm.scan, name="scan"),
    path("jobs/<slug:number>/confirm/", confirm.job, name="confirm"),
    path("manifest.webmanifest", app.manifest, name="manifest"),
    path("sw.js", app.service_worker, name="service_worker"),
    path("offline/", app.offline, name="offline"),
]
