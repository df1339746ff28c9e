"""Who is signed in: asked at every page of theirs, so asked as cheaply as it can be."""

from typing import cast

from allauth.account.auth_backends import AuthenticationBackend
from django.db import models

from marketplace.common.prepared import Prepared, Row

from .models import Profile, User

_COLUMNS: dict[type[models.Model], list[str]] = {
    model: [field.attname for field in model._meta.concrete_fields] for model in (User, Profile)
}
_ask = Prepared(
    lambda pk: User.objects.filter(pk=pk).values(
        *_COLUMNS[User], **{f"of_profile_{name}": models.F(f"profile__{name}") for name in _COLUMNS[Profile]}
    ),
    pk=int,
)


class AccountBackend(AuthenticationBackend):
    """allauth's e-mail login; the profile comes with the user, in one query that is written once."""

    def get_user(self, user_id: int) -> User | None:
        """The person with this key, or None if they may not sign in any more."""
        for row in _ask(pk=user_id):
            user = cast(User, _made(User, row))
            if row["of_profile_user_id"] is not None:
                user.profile = cast(Profile, _made(Profile, row, "of_profile_"))
            return user if self.user_can_authenticate(user) else None
        return None


def _made(model: type[models.Model], row: Row, prefix: str = "") -> models.Model:
    columns = _COLUMNS[model]
    return model.from_db(model._default_manager.db, columns, [row[prefix + name] for name in columns])
