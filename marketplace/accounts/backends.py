from allauth.account.auth_backends import AuthenticationBackend

from .models import User


class AccountBackend(AuthenticationBackend):
    """allauth's e-mail login; the profile comes with the user, in one query."""

    def get_user(self, user_id):
        user = User.objects.select_related("profile").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
