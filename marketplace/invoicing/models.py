from django.conf import settings
from django.db import models
from django.db.models import F, Q

from marketplace.common import clock
from marketplace.common.fields import LineField, NameField, ProseField
from marketplace.common.money import MoneyField, money_check
from marketplace.orders.models import Settlement


class CommissionInvoice(models.Model):
    """What the store took of a seller's sales in a month: its commission, and deliveries that the seller paid.

    Numbered without gaps, written once, never deleted.
    Both names and the address are as they were then: drawn again, it says the same.
    """

    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=20, unique=True)
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="commission_invoices", db_index=False
    )
    month = models.DateField()
    currency = models.CharField(max_length=3)
    gross = MoneyField()
    fee = MoneyField()
    delivery = MoneyField(default=0, db_default=0)
    store_name = LineField(max_length=200)
    seller_name = NameField(max_length=80)
    seller_address = ProseField(max_length=500, blank=True)
    issued_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            money_check("gross", minimum=1),
            money_check("fee"),
            money_check("delivery"),
            models.CheckConstraint(
                condition=Q(gross__gte=F("fee") + F("delivery")) & ~Q(fee=0, delivery=0),
                name="invoicing_fee_is_of_gross",
            ),
            models.UniqueConstraint(fields=["seller", "month"], name="invoicing_once_a_month"),
            models.UniqueConstraint(fields=["year", "serial"], name="invoicing_serial_once_a_year"),
        ]

    def __str__(self) -> str:
        return f"invoice {self.number}: {self.fee}"

    @property
    def total(self) -> int:
        """What the store took of the sales, in minor units."""
        return self.fee + self.delivery


class InvoiceLine(models.Model):
    """A settlement whose fee an invoice counts; each is counted once."""

    invoice = models.ForeignKey(CommissionInvoice, models.PROTECT, related_name="lines")
    settlement = models.OneToOneField(Settlement, models.PROTECT, related_name="invoice_line")

    def __str__(self) -> str:
        return f"settlement {self.settlement_id} on invoice {self.invoice_id}"
