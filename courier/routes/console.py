from django.urls import path

from courier.views import available, job, jobs, me

urlpatterns = [
    path("", available.home, name="home"),
    path("here/", available.here, name="here"),
    path("claim/<slug:number>/", available.claim, name="claim"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/sort/", jobs.sort, name="sort"),
    path("jobs/<slug:number>/", job.job, name="job"),
    path("jobs/<slug:number>/pick-up/", job.picked_up, name="pick_up"),
    path("jobs/<slug:number>/give-back/", job.given_back, name="give_back"),
    path("jobs/<slug:number>/arrive/", job.arrived, name="arrive"),
    path("jobs/<slug:number>/fail/", job.fail, name="fail"),
    path("me/", me.me, name="me"),
]
