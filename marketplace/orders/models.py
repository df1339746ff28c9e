from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.ids import new_public_id
from marketplace.common.models import Step
from marketplace.common.money import BASIS_POINTS, MoneyField, format_money, money_check
from marketplace.common.places import Place
from marketplace.common.texts import MAX_REASON
from marketplace.products.models import Product

from .states import BEFORE_PICK_UP, REFUNDED, TONES, OrderStatus, ShipmentStatus


class Cart(models.Model):
    """What somebody means to buy. A visitor's cart is found by the hash of a random cookie."""

    LOCK_RANK = 3

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="cart")
    token_hash = models.CharField(max_length=64, null=True, unique=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, token_hash__isnull=True)
                | Q(user__isnull=True, token_hash__isnull=False),
                name="orders_cart_person_or_visitor",
            ),
        ]

    def __str__(self) -> str:
        return f"cart {self.pk}"


class CartLine(models.Model):
    """Some pieces of a product, and the price that the shopper last saw and accepted."""

    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    quantity = models.PositiveSmallIntegerField()
    price_seen = MoneyField()
    added_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["cart", "product"], name="orders_cartline_product_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=99), name="orders_cartline_quantity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_id}"


class Order(models.Model):
    """What a buyer paid for in one checkout. Its status is derived from its shipments.

    Where it goes is copied here at checkout; a later change of the profile does not move it.
    """

    LOCK_RANK = 5

    number = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders")
    status = models.CharField(max_length=12, choices=OrderStatus, default=OrderStatus.PLACED)
    part_cancelled = models.BooleanField(default=False)
    has_return = models.BooleanField(default=False)
    # What was ordered, cancelled parts included; what is still to be paid is the shipments' totals.
    total = MoneyField()
    # The newest line of the cart it was: lines are numbered once, so a cart is ordered once (I19).
    last_cart_line = models.BigIntegerField(null=True, unique=True, editable=False)
    ship_name = models.CharField(max_length=120)
    ship_phone = models.CharField(max_length=32)
    ship_address = models.CharField(max_length=300)
    ship_lat = models.DecimalField(max_digits=9, decimal_places=6)
    ship_lng = models.DecimalField(max_digits=9, decimal_places=6)
    ship_notes = models.CharField(max_length=300, blank=True)
    placed_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["buyer", "-id"])]
        constraints = [money_check("total", minimum=1)]

    def __str__(self) -> str:
        return f"order {self.number}"

    @property
    def place(self) -> Place:
        """Where its door is."""
        return Place(self.ship_lat, self.ship_lng)


class Shipment(models.Model):
    """One seller's part of an order: the unit of escrow, claim, proof, cancellation and settlement.

    `total` is the kept pieces at their frozen prices; until settlement it is what the hold holds (I10).
    """

    LOCK_RANK = 6

    number = models.CharField(max_length=12, unique=True, default=new_public_id, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments")
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="shipments_to_send")
    status = models.CharField(max_length=12, choices=ShipmentStatus, default=ShipmentStatus.PLACED)
    total = MoneyField()
    commission_bps = models.PositiveIntegerField(default=0)
    # Who carries it now, or carried it last; NULL before the first claim and after it was given back.
    courier = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="shipments_to_carry"
    )
    # The part of the total that an open return keeps from being paid, in minor units.
    frozen = MoneyField(default=0)
    packed_at = models.DateTimeField(null=True)
    placed_at = models.DateTimeField(default=clock.now)
    claimed_at = models.DateTimeField(null=True)
    picked_up_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    # Set at delivery and never worked out anew: when the clock pays the seller.
    completes_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["seller", "status"]),
            models.Index(fields=["seller", "-id"]),
            models.Index(fields=["status", "placed_at"]),
            models.Index(fields=["status", "completes_at"]),
        ]
        constraints = [
            money_check("total"),
            money_check("frozen"),
            models.CheckConstraint(condition=Q(frozen__lte=F("total")), name="orders_shipment_frozen_fits"),
            models.UniqueConstraint(fields=["order", "seller"], name="orders_shipment_seller_once"),
            models.CheckConstraint(
                condition=Q(status__in=ShipmentStatus.values), name="orders_shipment_status_known"
            ),
            models.CheckConstraint(
                condition=Q(commission_bps__lte=BASIS_POINTS), name="orders_shipment_commission_range"
            ),
        ]

    def __str__(self) -> str:
        return f"shipment {self.number}"

    @property
    def hold_key(self) -> str:
        """The purpose of the hold that is its escrow."""
        return f"shipment:{self.pk}"

    @property
    def tone(self) -> str:
        """The colour of its status (templates/components/status_pill.html)."""
        return TONES[self.status]

    @property
    def since(self) -> datetime:
        """When it came into its state; what has no moment of its own counts from the pick-up."""
        moments: dict[str, datetime | None] = {
            ShipmentStatus.PLACED: self.placed_at,
            ShipmentStatus.PROCESSING: self.claimed_at,
            ShipmentStatus.DELIVERED: self.delivered_at,
            ShipmentStatus.COMPLETED: self.completed_at,
            ShipmentStatus.CANCELLED: self.cancelled_at,
            ShipmentStatus.RETURNED: self.returned_at,
        }
        return moments.get(self.status) or self.picked_up_at or self.placed_at

    @property
    def waits_for_pick_up(self) -> bool:
        return self.status in BEFORE_PICK_UP

    @property
    def is_claimed(self) -> bool:
        """Whether a courier is on the way to its seller."""
        return self.status == ShipmentStatus.PROCESSING

    @property
    def comes_back(self) -> bool:
        return self.status == ShipmentStatus.RETURNING

    @property
    def is_returned(self) -> bool:
        return self.status == ShipmentStatus.RETURNED

    @property
    def is_refunded(self) -> bool:
        """Whether it ended with all of its money back at the buyer's."""
        return self.status in REFUNDED

    @property
    def pays_at(self) -> datetime | None:
        """When the clock pays its seller, while the buyer looks it over."""
        return self.completes_at if self.status == ShipmentStatus.DELIVERED else None


class ShipmentLine(models.Model):
    """Pieces of one product at the price frozen at checkout. ordered = cancelled + returned + kept."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    title = models.CharField(max_length=140)
    sku = models.CharField("SKU", max_length=40)
    unit_price = MoneyField()
    list_price = MoneyField()
    quantity = models.PositiveSmallIntegerField()
    cancelled_quantity = models.PositiveSmallIntegerField(default=0)
    returned_quantity = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            money_check("unit_price", minimum=1),
            models.UniqueConstraint(fields=["shipment", "product"], name="orders_shipmentline_product_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=99), name="orders_shipmentline_quantity"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("cancelled_quantity") + F("returned_quantity")),
                name="orders_shipmentline_parts_fit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.title}"

    @property
    def kept_quantity(self) -> int:
        """Pieces neither cancelled nor returned."""
        return self.quantity - self.cancelled_quantity - self.returned_quantity

    @property
    def total(self) -> int:
        """What the kept pieces cost, in minor units."""
        return self.unit_price * self.kept_quantity


class ShipmentEvent(Step):
    """One step of a shipment: who, from, to, why, when. `actor` is NULL when the clock did it.

    A row without a change of status tells of `pieces` that were cancelled, worth `amount`, or, without
    pieces, of what `reason` says (another courier took over).
    """

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="events")
    from_status = models.CharField(max_length=12, choices=ShipmentStatus, blank=True)
    to_status = models.CharField(max_length=12, choices=ShipmentStatus)
    pieces = models.PositiveSmallIntegerField(default=0)
    amount = MoneyField(default=0)

    @property
    def note(self) -> str:
        """What a row without a step tells, in the language of whoever reads it now."""
        if not self.pieces:
            return ""
        return _("%(pieces)d cancelled: %(amount)s") % {
            "pieces": self.pieces,
            "amount": format_money(self.amount),
        }


class Settlement(models.Model):
    """How a completed shipment was paid out, in minor units: what was held = the store's fee + the seller's net."""

    shipment = models.OneToOneField(Shipment, models.PROTECT, related_name="settlement")
    gross = MoneyField()
    fee = MoneyField()
    net = MoneyField()
    points = models.IntegerField(default=0)
    # NULL when the clock did it.
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=MAX_REASON, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            money_check("gross", minimum=1),
            money_check("fee"),
            money_check("net"),
            models.CheckConstraint(condition=Q(gross=F("fee") + F("net")), name="orders_settlement_adds_up"),
        ]

    def __str__(self) -> str:
        return f"settlement of {self.shipment_id}: {self.net} + {self.fee}"
