"""Columns for what people write: whatever is saved, updated or asked for has been through the one cleaner.

Forms, services, imports and the shell write through a column, so none of them can leave it out, and a form field
that a model's makes cleans before it judges. To a migration they are the columns that Django has.
"""

from typing import Any

from django import forms
from django.core import validators
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from . import cleaning


def address_is_kept(address: str) -> None:
    """Raise ValidationError for a cleaned e-mail address with letters that look like others."""
    if not cleaning.is_email_kept(address):
        raise ValidationError(
            _("Please type the address in plain letters (a to z), digits and signs."), code="invalid"
        )


class _CleanForm(forms.CharField):
    """A form field that judges what it has cleaned."""

    clean_with = staticmethod(cleaning.clean_line)

    def to_python(self, value: Any) -> Any:
        """Cleaned. A NUL is refused: nobody types or pastes one, so it is no text that somebody wrote."""
        value = super().to_python(value)
        validators.ProhibitNullCharactersValidator()(value)
        return self.clean_with(value) if isinstance(value, str) else value


class LineFormField(_CleanForm):
    pass


class ProseFormField(_CleanForm):
    clean_with = staticmethod(cleaning.clean_text)


class IdentifierFormField(_CleanForm):
    clean_with = staticmethod(cleaning.clean_identifier)


class PhoneFormField(_CleanForm):
    clean_with = staticmethod(cleaning.clean_phone)


class CodeFormField(_CleanForm):
    clean_with = staticmethod(cleaning.clean_code)


class AddressFormField(_CleanForm, forms.EmailField):
    """An e-mail address, with a sentence of its own for one that looks like another."""

    clean_with = staticmethod(cleaning.clean_email)
    default_validators = [*forms.EmailField.default_validators, address_is_kept]


class Cleaned(models.Field):  # type: ignore[type-arg]
    """What the columns below have in common."""

    form_field: type[_CleanForm] = LineFormField

    def to_python(self, value: Any) -> Any:
        """Cleaned, for a form, `full_clean` and every query."""
        value = super().to_python(value)
        return self.form_field.clean_with(value) if isinstance(value, str) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Cleaned, and so the row in hand is what the database has."""
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.to_python(value)
            setattr(model_instance, self.attname, value)
        return value

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": self.form_field, **kwargs})

    def deconstruct(self) -> Any:
        """As the column that it is."""
        name, _path, args, kwargs = super().deconstruct()
        plain = models.TextField if isinstance(self, models.TextField) else models.CharField
        return name, f"django.db.models.{plain.__name__}", args, kwargs


class LineField(Cleaned, models.CharField):  # type: ignore[type-arg]
    """One line: a name, a title."""


class ProseField(Cleaned, models.CharField):  # type: ignore[type-arg]
    """A few lines: an address, a note, a reason."""

    form_field = ProseFormField


class LongProseField(Cleaned, models.TextField):  # type: ignore[type-arg]
    """As many lines as somebody likes: a description."""

    form_field = ProseFormField


class IdentifierField(Cleaned, models.CharField):  # type: ignore[type-arg]
    """A line that names one thing: an article number, a shop."""

    form_field = IdentifierFormField


class PhoneField(Cleaned, models.CharField):  # type: ignore[type-arg]
    """A phone number; which ones are taken, a validator says."""

    form_field = PhoneFormField


class Exact(models.Field):  # type: ignore[type-arg]
    """A column that names one thing: on MariaDB, too, only the same letters are the same (utf8mb4_bin)."""

    def db_parameters(self, connection: Any) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters


class KeyField(Exact, models.CharField):  # type: ignore[type-arg]
    """What a program calls one thing: another letter, or its capital, is another thing. Not cleaned."""


class NameField(Cleaned, Exact, models.CharField):  # type: ignore[type-arg]
    """A line that no two things have alike; what they are compared by is a `KeyField` with its `fold` beside it."""

    def deconstruct(self) -> Any:
        """As itself: a migration gives it its collation."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "marketplace.common.fields.NameField", args, kwargs


class CodeField(Cleaned, Exact, models.CharField):  # type: ignore[type-arg]
    """A code that people type: cleaned into the one way that it is compared in."""

    form_field = CodeFormField

    def deconstruct(self) -> Any:
        """As itself: a migration gives it its collation."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "marketplace.common.fields.CodeField", args, kwargs


class AddressField(Cleaned, Exact, models.EmailField):  # type: ignore[type-arg]
    """An e-mail address as an account keeps it: folded, its domain in ASCII, no look-alike of another."""

    form_field = AddressFormField
    default_validators = [*models.EmailField.default_validators, address_is_kept]

    def deconstruct(self) -> Any:
        """As itself: a migration gives it its collation."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "marketplace.common.fields.AddressField", args, kwargs
