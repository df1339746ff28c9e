"""allauth's pages, open to people who are not signed in where they must be."""

from django.urls import include, path

from .account_views import (
    ConfirmAddressView,
    SignupView,
    download_recovery_codes,
    sessions,
    set_password,
    undo_email,
    view_recovery_codes,
)

urlpatterns = [
    path("signup/", SignupView.as_view(), name="account_signup"),
    path("confirm-email/", ConfirmAddressView.as_view(), name="account_email_verification_sent"),
    path("2fa/recovery-codes/", view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/download/", download_recovery_codes, name="mfa_download_recovery_codes"),
    path("email/undo/<str:token>/", undo_email, name="account_undo_email"),
    path("password/set/", set_password, name="account_set_password"),
    path("sessions/", sessions, name="usersessions_list"),
    path("", include("allauth.urls")),
]
