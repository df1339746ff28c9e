"""The currency that every amount in the database was written in. It is kept there, beside the amounts.

Another STORE_CURRENCY over the same rows changes what all of them mean (¥1,000 for €10.00), and all sums still add up.
"""

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from .models import BookCurrency
from .money import MoneyField

ONLY = 1  # the one row's key


def kept() -> str | None:
    """The code that was written down; None where nobody has yet, or there are no tables."""
    if BookCurrency._meta.db_table not in connection.introspection.table_names():
        return None
    return BookCurrency.objects.filter(pk=ONLY).values_list("code", flat=True).first()


def differs() -> str:
    """What is wrong with STORE_CURRENCY as a sentence; "" if it is the one that the amounts were written in."""
    code = kept()
    if code is None or code == settings.STORE_CURRENCY or not has_amounts():
        return ""
    return f"The amounts in this database are {code}, but STORE_CURRENCY is {settings.STORE_CURRENCY}."


def keep() -> None:
    """Write STORE_CURRENCY down, unless there are amounts in the one that was written down before."""
    with transaction.atomic():
        row, _made = BookCurrency.objects.get_or_create(pk=ONLY, defaults={"code": settings.STORE_CURRENCY})
        if row.code != settings.STORE_CURRENCY and not has_amounts():
            BookCurrency.objects.filter(pk=ONLY).update(code=settings.STORE_CURRENCY)


def has_amounts() -> bool:
    """Whether any column of money, in any domain, holds anything but nothing."""
    return any(
        model._default_manager.filter(**{f"{field.attname}__isnull": False})
        .exclude(**{field.attname: 0})
        .exists()
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, MoneyField)
    )
