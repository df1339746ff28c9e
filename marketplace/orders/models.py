from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from marketplace.common import clock
from marketplace.common.fields import IdentifierField, LineField, PhoneField, ProseField
from marketplace.common.ids import new_public_id
from marketplace.common.models import Step
from marketplace.common.money import BASIS_POINTS, MoneyField, format_money, money_check
from marketplace.common.places import Place
from marketplace.common.texts import MAX_REASON
from marketplace.coupons.models import Coupon
from marketplace.products.models import MAX_OPTIONS_TEXT, Variant, full_title
from marketplace.rates.models import RateTable
from marketplace.rates.pricing import Terms

from .cart_models import Cart, CartCoupon, CartLine
from .states import BEFORE_PICK_UP, REFUNDED, TONES, OrderStatus, ShipmentStatus

__all__ = [
    "Cart",
    "CartCoupon",
    "CartLine",
    "Order",
    "Settlement",
    "Shipment",
    "ShipmentEvent",
    "ShipmentLine",
]


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
    # What was ordered, its delivery and cancelled parts included; what is still to be paid is the shipments' totals.
    total = MoneyField()
    # The newest line of the cart it was: lines are numbered once, so a cart is ordered once (I19).
    last_cart_line = models.BigIntegerField(null=True, unique=True, editable=False)
    ship_name = LineField(max_length=120)
    ship_phone = PhoneField(max_length=32)
    ship_address = ProseField(max_length=300)
    ship_lat = models.DecimalField(max_digits=9, decimal_places=6)
    ship_lng = models.DecimalField(max_digits=9, decimal_places=6)
    ship_notes = ProseField(max_length=300, blank=True)
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

    `total` is what its buyer pays for it: the kept pieces at their frozen prices less a coupon (`goods_total`),
    `delivery_price`, `delivery_extra` for further tries and waiting and, of a parcel that came back, `delivery_back`.
    Until the delivery it is what the hold holds, from then on until settlement the goods are (I10): the delivery is
    paid by the proof. What the delivery costs is frozen at checkout with the table that it was worked out by
    (`rates`, NULL in a store without one: then all of it is 0).
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
    # Where couriers fetch it, as its seller had said at the order; NULL where they had named no pick-up place: then it
    # is where they are (orders/pick_ups.py). `pick_up_name` and `pick_up_phone` are empty where it is the seller.
    pick_up_label = LineField(max_length=40, blank=True, default="", db_default="")
    pick_up_name = LineField(max_length=120, blank=True, default="", db_default="")
    pick_up_phone = PhoneField(max_length=32, blank=True, default="", db_default="")
    pick_up_address = ProseField(max_length=300, blank=True, default="", db_default="")
    pick_up_notes = ProseField(max_length=300, blank=True, default="", db_default="")
    pick_up_lat = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    pick_up_lng = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    # The part of the total that an open return keeps from being paid, in minor units.
    frozen = MoneyField(default=0, db_default=0)
    # What the buyer agreed to at checkout, and what they pay of it now: never more.
    delivery_agreed = MoneyField(default=0, db_default=0)
    delivery_price = MoneyField(default=0, db_default=0)
    # What the seller pays by an offer of their own, out of the goods' settlement.
    delivery_by_seller = MoneyField(default=0, db_default=0)
    # The price before anybody's offer, and what its courier earns of it (and of the store, where it is more).
    delivery_full = MoneyField(default=0, db_default=0)
    courier_share = MoneyField(default=0, db_default=0)
    # What the buyer paid for the way back of a parcel that they did not take, and what its seller paid of it.
    delivery_back = MoneyField(default=0, db_default=0)
    back_by_seller = MoneyField(default=0, db_default=0)
    # What the buyer paid besides: for further tries at the door and for waiting there. Of a delivered parcel it came
    # out of their balance, not out of the hold.
    delivery_extra = MoneyField(default=0, db_default=0)
    delivery_metres = models.PositiveIntegerField(default=0, db_default=0)
    rates = models.ForeignKey(RateTable, models.PROTECT, null=True, related_name="+")
    # What its buyer had of its seller, and what it took off is on the lines; NULL without one.
    coupon = models.ForeignKey(Coupon, models.PROTECT, null=True, related_name="+")
    # Whether its seller was a small business, which charges no tax; what rate the delivery has, in 1/100 percent.
    is_small_business = models.BooleanField(default=False, db_default=False)
    delivery_tax_rate = models.PositiveIntegerField(null=True)
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
            models.Index(fields=["seller", "completed_at"]),
        ]
        constraints = [
            money_check("total"),
            money_check("frozen"),
            models.CheckConstraint(condition=Q(frozen__lte=F("total")), name="orders_shipment_frozen_fits"),
            models.CheckConstraint(
                condition=Q(
                    delivery_price__gte=0,
                    delivery_price__lte=F("delivery_agreed"),
                    delivery_by_seller__gte=0,
                    delivery_back__gte=0,
                    back_by_seller__gte=0,
                    delivery_extra__gte=0,
                    courier_share__gte=0,
                    total__gte=F("delivery_price") + F("delivery_back") + F("delivery_extra"),
                ),
                name="orders_shipment_delivery_fits",
            ),
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
    def goods_total(self) -> int:
        """What the kept pieces cost, in minor units: what commission and settlement are worked out of."""
        return self.total - self.delivery_price - self.delivery_back - self.delivery_extra

    @property
    def terms(self) -> Terms:
        """What its delivery costs now, and whom."""
        return Terms(self.delivery_full, self.delivery_price, self.delivery_by_seller, self.courier_share)

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
    """Pieces of one variant at the price frozen at checkout. ordered = cancelled + returned + kept.

    `coupon_agreed` is what a coupon took off all of them, frozen with the order, and `coupon_off` what of it the kept
    ones have: `total` is what they really cost.
    """

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    title = LineField(max_length=140)
    # Which variant, as the buyer chose it: "Size: M · Colour: Red"; empty where there was nothing to choose.
    options = LineField(max_length=MAX_OPTIONS_TEXT, blank=True, db_default="")
    sku = IdentifierField("SKU", max_length=40)
    # The content number of the listing that its buyer saw (`products.ListingVersion`).
    listing_number = models.PositiveIntegerField(default=1, db_default=1)
    unit_price = MoneyField()
    list_price = MoneyField()
    coupon_agreed = MoneyField(default=0, db_default=0)
    coupon_off = MoneyField(default=0, db_default=0)
    quantity = models.PositiveSmallIntegerField()
    cancelled_quantity = models.PositiveSmallIntegerField(default=0)
    returned_quantity = models.PositiveSmallIntegerField(default=0)
    # Its rate in 1/100 percent, and what of `total` is tax; NULL and 0 where none is known (taxes.py).
    tax_rate = models.PositiveIntegerField(null=True)
    tax = MoneyField(default=0, db_default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            money_check("unit_price", minimum=1),
            models.CheckConstraint(
                condition=Q(tax__gte=0) & (Q(tax_rate__isnull=False) | Q(tax=0)),
                name="orders_shipmentline_tax_has_a_rate",
            ),
            models.UniqueConstraint(fields=["shipment", "variant"], name="orders_shipmentline_variant_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, quantity__lte=99), name="orders_shipmentline_quantity"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=F("cancelled_quantity") + F("returned_quantity")),
                name="orders_shipmentline_parts_fit",
            ),
            models.CheckConstraint(
                condition=Q(
                    coupon_off__gte=0,
                    coupon_off__lte=F("coupon_agreed"),
                    coupon_agreed__lt=F("unit_price") * F("quantity"),
                ),
                name="orders_shipmentline_coupon_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.full_title}"

    @property
    def full_title(self) -> str:
        """What it is, with what was chosen of it."""
        return full_title(self.title, self.options)

    @property
    def kept_quantity(self) -> int:
        """Pieces neither cancelled nor returned."""
        return self.quantity - self.cancelled_quantity - self.returned_quantity

    @property
    def full_total(self) -> int:
        """What the kept pieces cost without a coupon, in minor units."""
        return self.unit_price * self.kept_quantity

    @property
    def total(self) -> int:
        """What the kept pieces really cost, less what a coupon takes off them, in minor units."""
        return self.full_total - self.coupon_off

    @property
    def ordered_total(self) -> int:
        """The same of all that was ordered."""
        return self.unit_price * self.quantity - self.coupon_agreed


class ShipmentEvent(Step):
    """One step of a shipment: who, from, to, why, when. `actor` is NULL when the clock did it.

    A row without a change of status tells of `pieces` that were cancelled, worth `amount`, or, without
    pieces, of what `reason` says (another courier took over).
    """

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="events")
    from_status = models.CharField(max_length=12, choices=ShipmentStatus, blank=True)
    to_status = models.CharField(max_length=12, choices=ShipmentStatus)
    pieces = models.PositiveSmallIntegerField(default=0, db_default=0)
    amount = MoneyField(default=0, db_default=0)

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
    """How a completed shipment's goods were paid out, in minor units.

    What was held for them = the store's fee + the delivery that the seller pays + the seller's net.
    """

    shipment = models.OneToOneField(Shipment, models.PROTECT, related_name="settlement")
    gross = MoneyField()
    fee = MoneyField()
    net = MoneyField()
    delivery = MoneyField(default=0, db_default=0)
    points = models.IntegerField(default=0)
    # True until an invoice counts it, then NULL, as where the store took nothing: what waits is found by an index.
    waits_for_invoice = models.BooleanField(null=True, default=True, db_default=True, editable=False)
    # NULL when the clock did it.
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = ProseField(max_length=MAX_REASON, blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["waits_for_invoice", "at"])]
        constraints = [
            money_check("gross", minimum=1),
            money_check("fee"),
            money_check("net"),
            money_check("delivery"),
            models.CheckConstraint(
                condition=Q(gross=F("fee") + F("net") + F("delivery")), name="orders_settlement_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"settlement of {self.shipment_id}: {self.net} + {self.fee}"
