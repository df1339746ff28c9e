"""Every service of the catalogue asks who acts; whoever may not changes no row and no file."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied

from marketplace.common import clock
from marketplace.products import services
from marketplace.products.models import ListingEvent
from marketplace.products.states import BrandStatus, ListingStatus

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
def calls(folder, seller, make_product, make_category, picture_file) -> dict[str, Call]:
    """Each service by its name, on a draft of the fixture `seller` or on the catalogue, still without an actor."""
    draft = make_product(title="Brass lamp", price=1000, stock=10, status=ListingStatus.DRAFT)
    first, second = (
        services.add_image(product_id=draft.pk, file=picture_file(), alt_text=text, actor=seller)
        for text in ("From the left", "From the right")
    )
    discount = services.create_discount(product_id=draft.pk, percent_bps=1000, **window(), actor=seller)
    shelf = make_category("Lamps")
    listing = {"brand_id": None, "title": "Lamp", "description": "", "price": 1000, "stock": 1}

    return {
        "create_product": partial(
            services.create_product, seller_id=seller.pk, category_id=shelf.pk, **listing
        ),
        "change_price": partial(services.change_price, product_id=draft.pk, price=900),
        "change_stock": partial(services.change_stock, product_id=draft.pk, stock=3),
        "submit": partial(services.submit, product_id=draft.pk),
        "add_image": lambda actor: services.add_image(
            product_id=draft.pk, file=picture_file(), alt_text="Close up", actor=actor
        ),
        "remove_image": partial(services.remove_image, image_id=first.pk),
        "reorder_images": partial(
            services.reorder_images, product_id=draft.pk, image_ids=[second.pk, first.pk]
        ),
        "create_discount": partial(services.create_discount, product_id=draft.pk, amount=100, **window()),
        "end_discount": partial(services.end_discount, discount_id=discount.pk),
        "publish": partial(services.publish, product_id=draft.pk),
        "create_category": partial(services.create_category, name="Chairs"),
        "move_category": partial(services.move_category, category_id=draft.category_id, parent_id=shelf.pk),
        "create_brand": partial(services.create_brand, name="Acme", status=BrandStatus.APPROVED),
        "create_sale_event": partial(
            services.create_sale_event, name="May", percent_bps=500, product_ids=[draft.pk], **window()
        ),
    }


OWNERS = (
    *("create_product", "change_price", "change_stock", "submit", "add_image", "remove_image"),
    *("reorder_images", "create_discount", "end_discount"),
)
STAFFS = ("publish", "create_category", "move_category", "create_brand", "create_sale_event")


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
    inner = {"import_figures", "import_products", "lock_products", "return_stock", "take_stock"}
    sweeps = {"refresh_popularity", "refresh_prices"}
    words = {"Figures", "NewProduct"}

    assert {*OWNERS, *STAFFS} == {*calls} == {*services.__all__} - inner - sweeps - words


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
