"""What a password must be, beside what Django's own validators ask (settings.AUTH_PASSWORD_VALIDATORS)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

LONGEST = 128  # characters: a hash costs the same for all of them, reading and comparing them does not
FEWEST_DIFFERENT = 4

RULES = gettext_lazy(
    "10 to 128 characters, at least four of them different; not only digits, no well-known password, nothing like"
    " your e-mail address."
)
"""All validators of the settings in one line, for the page that asks for a password."""


class LongestValidator:
    """No password of more than `LONGEST` characters."""

    def validate(self, password: str, user: object = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return ngettext(
            "A password has %(most)d character at most.",
            "A password has %(most)d characters at most.",
            LONGEST,
        ) % {"most": LONGEST}


class VarietyValidator:
    """No password of spaces only, of one letter over and over, or of two or three by turns."""

    def validate(self, password: str, user: object = None) -> None:
        if len({sign for sign in password.casefold() if not sign.isspace()}) < FEWEST_DIFFERENT:
            raise ValidationError(self.get_help_text(), code="password_too_uniform")

    def get_help_text(self) -> str:
        return _("A password has at least four different characters; spaces do not count.")
