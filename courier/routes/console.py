from django.urls import path

from courier.views import available, jobs, me

urlpatterns = [
    path("", available.home, name="home"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("me/", me.me, name="me"),
]
