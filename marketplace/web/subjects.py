"""What money and notifications are about: what it is called and where its page is, for whoever looks.

A new subject is registered here with what it is called, its page and how it is fetched; the statement, the
holds and the notifications then know it.
"""

from functools import singledispatch
from typing import TypeVar

from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from marketplace.accounts.models import SellerProfile, User
from marketplace.applications.models import Application
from marketplace.common.models import SweepRun, SweepTrouble
from marketplace.delivery.models import Courier, Delivery
from marketplace.delivery.states import DeliveryStatus
from marketplace.invoicing.models import CommissionInvoice
from marketplace.orders.models import Order, Shipment
from marketplace.payouts.models import Payout, PayoutAddress
from marketplace.products.models import Product
from marketplace.wallet.models import TopUp, Wallet

Row = TypeVar("Row", bound=Model)


def with_subjects(rows: QuerySet[Row], field: str = "subject") -> QuerySet[Row]:
    """`rows` with what their generic `field` is about: one query a kind of thing, however many rows."""
    shipments = Shipment.objects.select_related("order", "seller__seller_profile")
    jobs = Delivery.objects.select_related("consignment__shipment")
    top_ups = TopUp.objects.select_related("wallet")
    return rows.prefetch_related(GenericPrefetch(field, [shipments, jobs, top_ups]))


@singledispatch
def name_of(subject: Model | None, viewer: User) -> str:
    """What `viewer` knows `subject` by, in a few words; "" if there is nothing to say."""
    return ""


@singledispatch
def page_of(subject: Model | None, viewer: User) -> str:
    """The address of the page about `subject` that `viewer` may open; "" if there is none for them."""
    return ""


@page_of.register
def _order_page(order: Order, viewer: User) -> str:
    return reverse("shop:order_detail", args=[order.number]) if order.buyer_id == viewer.pk else ""


@name_of.register
def _shipment_name(shipment: Shipment, viewer: User) -> str:
    """Everybody but its buyer sees the shipment, not the order."""
    if shipment.order.buyer_id != viewer.pk:
        return _("Shipment %(number)s") % {"number": shipment.number}
    shop = shipment.seller.seller_profile.shop_name
    return _("Order %(number)s from %(shop)s") % {"number": shipment.order.number, "shop": shop}


@page_of.register
def _shipment_page(shipment: Shipment, viewer: User) -> str:
    if shipment.order.buyer_id == viewer.pk:
        return reverse("shop:order_detail", args=[shipment.order.number])
    if shipment.seller_id == viewer.pk:
        return reverse("seller_dashboard:parcel", args=[shipment.number])
    return ""


@name_of.register
def _job_name(job: Delivery, viewer: User) -> str:
    return _("Shipment %(number)s") % {"number": job.shipment.number}


@page_of.register
def _job_page(job: Delivery, viewer: User) -> str:
    """The courier's page of it; of one that was taken from them, their list."""
    if job.courier_id != viewer.pk:
        return ""
    if job.status in (DeliveryStatus.TAKEN_AWAY, DeliveryStatus.CANCELLED):
        return reverse("courier:jobs")
    return reverse("courier:job", args=[job.number])


@page_of.register
def _courier_page(courier: Courier, viewer: User) -> str:
    """What a courier may do at the moment; for staff, the page of all couriers."""
    if courier.pk == viewer.pk:
        return reverse("courier:home")
    return reverse("backoffice:couriers") if viewer.is_store_staff else ""


@page_of.register
def _wallet_page(wallet: Wallet, viewer: User) -> str:
    return reverse("shop:wallet") if wallet.owner_id == viewer.pk else ""


@name_of.register
def _top_up_name(top_up: TopUp, viewer: User) -> str:
    return _("Payment %(number)s") % {"number": top_up.public_id}


@page_of.register
def _top_up_page(top_up: TopUp, viewer: User) -> str:
    return reverse("shop:payment", args=[top_up.public_id]) if top_up.wallet.owner_id == viewer.pk else ""


@name_of.register
def _payout_name(payout: Payout, viewer: User) -> str:
    return _("Payout %(number)s") % {"number": payout.public_id}


@page_of.register
def _payout_page(payout: Payout, viewer: User) -> str:
    if payout.owner_id == viewer.pk:
        return reverse("shop:payout", args=[payout.public_id])
    return reverse("backoffice:payout", args=[payout.public_id]) if viewer.is_store_staff else ""


@page_of.register
def _payout_address_page(address: PayoutAddress, viewer: User) -> str:
    return reverse("shop:earnings") if address.owner_id == viewer.pk else ""


@name_of.register
def _invoice_name(invoice: CommissionInvoice, viewer: User) -> str:
    return _("Invoice %(number)s") % {"number": invoice.number}


@page_of.register
def _invoice_page(invoice: CommissionInvoice, viewer: User) -> str:
    return reverse("shop:invoices") if invoice.seller_id == viewer.pk else ""


@page_of.register
def _application_page(application: Application, viewer: User) -> str:
    return reverse("shop:application") if application.applicant_id == viewer.pk else ""


@page_of.register
def _shop_page(shop: SellerProfile, viewer: User) -> str:
    return reverse("seller_dashboard:home") if shop.pk == viewer.pk else ""


@page_of.register
def _listing_page(product: Product, viewer: User) -> str:
    return reverse("seller_dashboard:listing", args=[product.slug]) if product.seller_id == viewer.pk else ""


@page_of.register(SweepRun)
@page_of.register(SweepTrouble)
def _sweeps_page(sweep: SweepRun | SweepTrouble, viewer: User) -> str:
    return reverse("backoffice:sweeps") if viewer.is_store_staff else ""
