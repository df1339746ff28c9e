"""Every column for what people write goes through the one cleaner."""

from django.apps import apps
from django.db import models

from marketplace.common import fields

# What programs write: keys, hashes, names of kinds, addresses that the store or a provider made.
BY_PROGRAMS = {
    "accounts.Profile.time_zone",
    "accounts.SellerProfile.banner",
    "accounts.SellerProfile.logo",
    "accounts.SellerProfile.look_key",
    "accounts.SellerProfile.name_key",
    "accounts.User.password",
    "applications.Application.open_key",
    "common.BookCurrency.code",
    "common.FormKey.action",
    "common.FormKey.input_sha256",
    "common.FormKey.nonce",
    "common.FormKey.result",
    "common.KeptEntry.value",
    "common.NumberSeries.name",
    "common.SweepRun.error",
    "common.SweepRun.name",
    "common.SweepTrouble.sweep",
    "common.SweepTrouble.last_error",
    "coupons.CouponUse.order_number",
    "delivery.Consignment.kind",
    "delivery.Delivery.slot_key",
    "delivery.Proof.current_key",
    "delivery.Proof.nonce",
    "importing.ImportLine.handle",
    "importing.ImportPicture.ref",
    "importing.ImportedProduct.digest",
    "importing.ImportedProduct.handle",
    "invoicing.CommissionInvoice.currency",
    "notifications.Notification.event_key",
    "notifications.Notification.kind",
    "orders.Cart.token_hash",
    "payouts.Payout.currency",
    "payouts.PayoutAddress.country",
    "payouts.PayoutAddress.last4",
    "payouts.PayoutAddress.sealed",
    "payouts.PayoutBatch.currency",
    "payouts.PayoutBatch.sealed",
    "points.PointsEntry.cause",
    "points.PointsEntry.reason",
    "payouts.PayoutTransfer.reference",
    "products.Category.icon",
    "products.ListingEdit.open_key",
    "products.Product.cover_name",
    "products.OwnWord.word",
    "products.Product.option_keys",
    "products.SearchEntry.body",
    "products.SearchEntry.keywords",
    "products.SearchEntry.title",
    "products.SearchGram.gram",
    "products.SearchWord.spelling",
    "products.SearchWord.word",
    "products.StockMove.kind",
    "products.TreeState.stamp",
    "products.Variant.option_keys",
    "products.VersionPicture.picture",
    "reviewing.Submission.kind",
    "reviewing.Submission.open_key",
    "reviewing.SubmissionEvent.from_status",
}
MACHINE_APPS = {"mail", "wallet"}
KEYS = ("key", "number", "public_id")


def columns_of_people() -> set[str]:
    """The text columns that are no choice, no key and no slug."""
    found = set()
    for model in apps.get_models():
        if not model.__module__.startswith("marketplace.") or model._meta.app_label in MACHINE_APPS:
            continue
        for column in model._meta.local_concrete_fields:
            is_text = isinstance(column, models.CharField | models.TextField)
            is_key = column.primary_key or isinstance(column, models.SlugField) or column.name in KEYS
            if is_text and not is_key and not column.choices and not isinstance(column, fields.Cleaned):
                found.add(f"{model._meta.label}.{column.name}")
    return found


def test_no_column_of_people_goes_without_the_cleaner():
    assert columns_of_people() == BY_PROGRAMS


def test_a_column_is_to_a_migration_what_django_has():
    column = fields.LineField(max_length=10)

    assert column.deconstruct()[1:] == ("django.db.models.CharField", [], {"max_length": 10})
    assert fields.LongProseField().deconstruct()[1] == "django.db.models.TextField"
