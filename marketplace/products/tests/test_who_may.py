"""Every service of the catalogue asks who acts; whoever may not changes no row and no file."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied

from marketplace.accounts.address_book import AddressWish, add_address
from marketplace.accounts.saved import AddressKind
from marketplace.common import clock
from marketplace.common.authorisation import SYSTEM
from marketplace.common.idempotency import new_form_key
from marketplace.common.tax import TaxClass
from marketplace.products import services
from marketplace.products.models import ListingEvent
from marketplace.products.shown import mark_of_listing
from marketplace.products.states import BrandStatus, ListingStatus
from marketplace.reviewing.models import Submission
from marketplace.reviewing.states import Decision

pytestmark = pytest.mark.usefixtures("books_balance")

Call = Callable[..., object]


def window() -> dict[str, object]:
    now = clock.now()
    return {"starts_at": now, "ends_at": now + timedelta(days=1)}


@pytest.fixture
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def calls(folder, seller, make_product, make_category, picture_file, variant_of) -> dict[str, Call]:
    """Each service by its name, on a draft of the fixture `seller` or on the catalogue, still without an actor."""
    draft = make_product(
        title="Brass lamp",
        options=[("Size", ["M"])],
        variants=[services.NewVariant(1000, 10, ("M",))],
        description="Bright.",
        status=ListingStatus.DRAFT,
    )
    only = variant_of(draft)
    waiting = make_product(title="Floor lamp", description="Bright.", status=ListingStatus.DRAFT)
    services.add_image(product_id=waiting.pk, file=picture_file(), alt_text="A lamp", actor=seller)
    services.submit(product_id=waiting.pk, actor=seller)
    first, second = (
        services.add_image(product_id=draft.pk, file=picture_file(), alt_text=text, actor=seller)
        for text in ("From the left", "From the right")
    )
    seen = make_product(title="Shelf lamp", description="Bright.")
    services.add_image(product_id=seen.pk, file=picture_file(), alt_text="A lamp", actor=SYSTEM)
    begun = services.begin_edit(product_id=seen.pk, actor=seller)
    staged = services.stage_picture(edit_id=begun.pk, file=picture_file(), alt_text="Near", actor=seller)
    handed_in = services.begin_edit(product_id=make_product(description="Bright.").pk, actor=seller)
    services.stage_picture(edit_id=handed_in.pk, file=picture_file(), alt_text="Near", actor=seller)
    services.submit_edit(edit_id=handed_in.pk, actor=seller)
    discount = services.create_discount(product_id=draft.pk, percent_bps=1000, **window(), actor=seller)
    shelf = make_category("Lamps")
    listing = {"brand_id": None, "title": "Lamp", "description": "", "price": 1000, "stock": 1}
    place = add_address(
        user_id=seller.pk,
        kind=AddressKind.PICK_UP,
        wish=AddressWish("Shop", "Ring 1, Berlin", Decimal("52.5"), Decimal("13.4")),
        form_key=new_form_key(user_id=seller.pk, action="add_address"),
        actor=seller,
    ).public_id

    return {
        "create_product": partial(
            services.create_product, seller_id=seller.pk, category_id=shelf.pk, **listing
        ),
        "change_price": partial(services.change_price, variant_id=only.pk, price=900),
        "change_stock": partial(services.change_stock, variant_id=only.pk, change=-7),
        "count_stock": partial(services.count_stock, variant_id=only.pk, counted=3, expected=only.stock),
        "set_variants": partial(
            services.set_variants,
            product_id=draft.pk,
            options=[("Size", ["S", "M"])],
            variants=[services.NewVariant(900, 2, ("S",)), services.NewVariant(900, 2, ("M",), pk=only.pk)],
        ),
        "submit": partial(services.submit, product_id=draft.pk),
        "begin_edit": partial(services.begin_edit, product_id=make_product().pk),
        "change_edit": partial(
            services.change_edit, edit_id=begun.pk, changes=services.Changes(title="Lamp")
        ),
        "stage_picture": lambda actor: services.stage_picture(
            edit_id=begun.pk, file=picture_file(), alt_text="Close up", actor=actor
        ),
        "describe_staged_picture": partial(
            services.describe_staged_picture, picture_id=staged.pk, alt_text="Far"
        ),
        "unstage_picture": partial(services.unstage_picture, picture_id=staged.pk),
        "sort_staged_pictures": partial(
            services.sort_staged_pictures,
            edit_id=begun.pk,
            picture_ids=[staged.pk, *begun.pictures.exclude(pk=staged.pk).values_list("pk", flat=True)],
        ),
        "submit_edit": partial(services.submit_edit, edit_id=begun.pk),
        "cancel_edit": partial(services.cancel_edit, edit_id=begun.pk),
        "withdraw_edit": partial(services.withdraw_edit, edit_id=handed_in.pk),
        "decide_edit": partial(
            services.decide_edit,
            submission_id=Submission.objects.get(object_id=handed_in.pk, kind="listing_edit").pk,
            decision=Decision.APPROVE,
            reason="",
        ),
        "begin_listing": partial(
            services.begin_listing,
            title="Lamp",
            category_id=shelf.pk,
            price=1000,
            form_key=new_form_key(user_id=seller.pk, action="listing_new"),
        ),
        "edit_listing": partial(
            services.edit_listing, product_id=draft.pk, changes=services.Changes(title="Lamp")
        ),
        "describe_image": partial(services.describe_image, image_id=first.pk, alt_text="From the front"),
        "decide_listing": partial(
            services.decide_listing,
            submission_id=Submission.objects.get(kind="listing").pk,
            decision=Decision.APPROVE,
            reason="",
        ),
        "withdraw": partial(services.withdraw, product_id=waiting.pk),
        "move_listing": partial(services.move_listing, product_id=draft.pk, move=services.Move.ARCHIVE),
        "move_listings": partial(
            services.move_listings,
            marks={draft.pk: mark_of_listing(draft.pk, draft.status)},
            move=services.Move.ARCHIVE,
        ),
        "duplicate_listing": partial(
            services.duplicate_listing,
            product_id=draft.pk,
            form_key=new_form_key(user_id=seller.pk, action="listing_duplicate", subject=draft.pk),
        ),
        "add_image": lambda actor: services.add_image(
            product_id=draft.pk, file=picture_file(), alt_text="Close up", actor=actor
        ),
        "remove_image": partial(services.remove_image, image_id=first.pk),
        "reorder_images": partial(
            services.reorder_images, product_id=draft.pk, image_ids=[second.pk, first.pk]
        ),
        "show_option": partial(services.show_option, image_id=second.pk, values=("Size", "M")),
        "choose_pick_up": partial(services.choose_pick_up, product_id=draft.pk, place=place),
        "create_discount": partial(services.create_discount, product_id=draft.pk, amount=100, **window()),
        "create_discounts": partial(
            services.create_discounts, goods=[(draft.pk, only.pk)], amount=100, **window()
        ),
        "end_discount": partial(services.end_discount, discount_id=discount.pk),
        "publish": partial(services.publish, product_id=draft.pk),
        "create_category": partial(services.create_category, name="Chairs"),
        "move_category": partial(services.move_category, category_id=draft.category_id, parent_id=shelf.pk),
        "set_tax_class": partial(
            services.set_tax_class, category_id=draft.category_id, tax_class=TaxClass.STANDARD
        ),
        "create_brand": partial(services.create_brand, name="Acme", status=BrandStatus.APPROVED),
        "create_sale_event": partial(
            services.create_sale_event, name="May", percent_bps=500, product_ids=[draft.pk], **window()
        ),
    }


OWNERS = (
    *("create_product", "change_price", "change_stock", "count_stock", "set_variants", "submit"),
    *("add_image", "remove_image", "reorder_images", "show_option", "choose_pick_up"),
    *("create_discount", "create_discounts", "end_discount"),
    *("edit_listing", "describe_image", "withdraw", "move_listing", "move_listings", "duplicate_listing"),
    *("begin_edit", "change_edit", "submit_edit", "cancel_edit", "withdraw_edit"),
    *("stage_picture", "describe_staged_picture", "unstage_picture", "sort_staged_pictures"),
)
STAFFS = (
    "publish",
    "decide_listing",
    "decide_edit",
    "create_category",
    "move_category",
    "set_tax_class",
    "create_brand",
    "create_sale_event",
)


@pytest.fixture
def everything(folder):
    """All rows of the catalogue, and all its files."""

    def look() -> tuple[object, ...]:
        models = apps.get_app_config("products").get_models()
        rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
        return rows, sorted(path.name for path in folder.rglob("*") if path.is_file())

    return look


def close(person):
    person.is_active = False
    person.save(update_fields=["is_active"])


@pytest.mark.parametrize("name", OWNERS)
def test_a_listing_is_its_sellers_alone(name, calls, everything, seller, other_seller, buyer, courier, admin):
    before = everything()
    for person in (other_seller, buyer, courier, admin):
        with pytest.raises(PermissionDenied):
            calls[name](actor=person)
    close(seller)
    with pytest.raises(PermissionDenied):
        calls[name](actor=seller)
    assert everything() == before

    seller.is_active = True
    calls[name](actor=seller)
    assert everything() != before


@pytest.mark.parametrize("name", STAFFS)
def test_the_shop_window_and_the_shelves_are_the_staffs(
    name, calls, everything, seller, other_seller, buyer, courier, admin, superadmin
):
    before = everything()
    for person in (seller, other_seller, buyer, courier):
        with pytest.raises(PermissionDenied):
            calls[name](actor=person)
    close(admin)
    with pytest.raises(PermissionDenied):
        calls[name](actor=admin)
    assert everything() == before

    calls[name](actor=superadmin)
    assert everything() != before


@pytest.mark.parametrize("status", [status for status in ListingStatus if status != ListingStatus.DRAFT])
def test_a_seller_begins_with_a_draft(status, seller, category, everything):
    before = everything()

    with pytest.raises(PermissionDenied):
        services.create_product(
            seller_id=seller.pk,
            category_id=category.pk,
            brand_id=None,
            title="Lamp",
            description="",
            price=1000,
            stock=1,
            status=status,
            actor=seller,
        )

    assert everything() == before


def test_a_listing_is_begun_by_a_seller_for_themselves(calls, everything, buyer, courier, admin, seller):
    before = everything()
    for person in (buyer, courier, admin):
        with pytest.raises(PermissionDenied):
            calls["begin_listing"](actor=person)
    assert everything() == before

    assert calls["begin_listing"](actor=seller).seller == seller


def test_whoever_has_another_role_now_has_no_more_say(calls, everything, seller):
    """A seller who has become a courier keeps their listings, and changes none."""
    seller.role = "delivery"
    seller.save(update_fields=["role"])
    before = everything()

    for name in OWNERS:
        with pytest.raises(PermissionDenied):
            calls[name](actor=seller)

    assert everything() == before


def test_every_service_is_asked_about(calls):
    inner = {"import_figures", "import_products", "return_stock", "take_stock"}
    inner |= {"call_shop_anew", "lock_products", "lock_variants"}
    events = {"end_sale_event", "open_sale_event", "run_own_event", "take_part"}  # test_sale_events.py
    inner |= {name for name in services.__all__ if name.startswith("require_")}
    sweeps = {"refresh_popularity", "refresh_prices"}
    words = {
        "Figures",
        "NewProduct",
        "NewVariant",
        "Options",
        "Move",
        "Moved",
        "MOST_AT_ONCE",
        "MAX_IMAGES",
        "MAX_OPTIONS",
        "MAX_VARIANTS",
        "COLUMNS",
        "EDITABLE",
        "Changes",
    }

    left = {*services.__all__} - inner - events - sweeps - words
    assert {*OWNERS, *STAFFS} | {"begin_listing"} == {*calls} == left


def test_the_history_says_who_and_nobody_for_the_store_itself(make_product, seller, admin):
    drafted, made = make_product(status=ListingStatus.DRAFT), make_product()

    services.publish(product_id=drafted.pk, actor=admin)

    actors = ListingEvent.objects.values_list("to_status", "actor_id")
    assert list(actors.filter(product=made)) == [("live", None)]
    assert list(actors.filter(product=drafted)) == [
        ("draft", seller.pk),
        ("pending", admin.pk),
        ("live", admin.pk),
    ]
