"""A seller pauses, resumes, archives, takes back and duplicates: what moves, what stays, what is refused."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage

from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import InvalidTransition, KeyReused, StaleState
from marketplace.common.idempotency import new_form_key
from marketplace.delivery.services import cancel_shipment
from marketplace.products import services
from marketplace.products.models import ListingEvent, PriceChange, Product, SearchEntry, Variant
from marketplace.products.services import Changes, Move, NewVariant
from marketplace.products.shown import mark_of_listing
from marketplace.products.states import ListingStatus

pytestmark = pytest.mark.usefixtures("books_balance")

ALLOWED = {
    Move.PAUSE: {ListingStatus.LIVE},
    Move.RESUME: {ListingStatus.PAUSED},
    Move.ARCHIVE: set(ListingStatus) - {ListingStatus.ARCHIVED},
}


def rows() -> list[object]:
    """Everything that a refusal leaves as it was."""
    return [
        *Product.objects.order_by("pk").values(),
        *Variant.objects.order_by("pk").values(),
        *ListingEvent.objects.order_by("pk").values(),
        *SearchEntry.objects.order_by("pk").values(),
        *PriceChange.objects.order_by("pk").values(),
    ]


@pytest.fixture
def move(seller) -> Callable[..., Product]:
    def run(product: Product, step: Move, **given: object) -> Product:
        return services.move_listing(product_id=product.pk, move=step, **{"actor": seller, **given})

    return run


def test_a_paused_listing_leaves_the_search_and_comes_back_with_its_price_history(product, move, variant_of):
    assert SearchEntry.objects.filter(product=product).exists()

    paused = move(product, Move.PAUSE)
    assert paused.status == ListingStatus.PAUSED
    assert not SearchEntry.objects.filter(product=product).exists()

    services.change_price(variant_id=variant_of(product).pk, price=1500, actor=product.seller)
    assert PriceChange.objects.filter(variant__product=product).count() == 1  # nobody was offered that

    resumed = move(product, Move.RESUME)
    assert resumed.status == ListingStatus.LIVE
    assert resumed.published_at == product.published_at
    assert SearchEntry.objects.filter(product=product).exists()
    prices = PriceChange.objects.filter(variant__product=product).order_by("pk")
    assert [change.price for change in prices] == [1999, 1500]


@pytest.mark.parametrize("step", Move)
def test_doing_it_again_changes_nothing(step, make_product, move):
    product = make_product(status=min(ALLOWED[step]))
    move(product, step)
    before = rows()

    assert move(product, step).status == step.leads_to
    assert rows() == before


@pytest.mark.parametrize(
    ("step", "status"),
    [
        (step, status)
        for step in Move
        for status in ListingStatus
        if status not in ALLOWED[step] and status != step.leads_to
    ],
)
def test_a_move_that_the_table_does_not_know_is_refused(step, status, make_product, move):
    product = make_product(status=status)
    before = rows()

    with pytest.raises(InvalidTransition):
        move(product, step)
    assert rows() == before


@pytest.mark.parametrize("step", Move)
def test_what_was_drawn_for_another_state_does_nothing(step, make_product, move):
    product = make_product(status=min(ALLOWED[step]))
    before = rows()

    with pytest.raises(StaleState):
        move(product, step, expected=mark_of_listing(product.pk, ListingStatus.REJECTED))
    assert rows() == before

    move(product, step, expected=mark_of_listing(product.pk, product.status))
    assert rows() != before


@pytest.mark.parametrize("who", ["other_seller", "buyer", "courier", "admin"])
def test_nobody_else_moves_it(request, who, product, move):
    actor = request.getfixturevalue(who)
    before = rows()

    for step in Move:
        with pytest.raises(PermissionDenied):
            move(product, step, actor=actor)
        with pytest.raises(PermissionDenied):
            services.move_listings(marks={product.pk: ""}, move=step, actor=actor)
    with pytest.raises(PermissionDenied):
        services.withdraw(product_id=product.pk, actor=actor)
    with pytest.raises(PermissionDenied):
        services.duplicate_listing(product_id=product.pk, actor=actor, form_key="")

    assert rows() == before


def test_it_is_not_archived_while_an_order_is_open(product, move, buyer, fund, fill_cart, check_out):
    fund(buyer, 10_000)
    fill_cart(buyer, {product: 1})
    order = check_out(buyer)
    before = rows()

    with pytest.raises(StaleState, match="open orders"):
        move(product, Move.ARCHIVE)
    assert rows() == before
    move(product, Move.PAUSE)

    cancel_shipment(shipment_id=order.shipments.get().pk, reason="Not needed", actor=buyer)
    assert move(product, Move.ARCHIVE).status == ListingStatus.ARCHIVED


def test_archived_it_is_changed_no_more(product, move, seller, variant_of, picture_file):
    move(product, Move.ARCHIVE)
    variant = variant_of(product)
    before = rows()

    for change in (
        lambda: services.change_price(variant_id=variant.pk, price=5, actor=seller),
        lambda: services.change_stock(variant_id=variant.pk, change=5, actor=seller),
        lambda: services.count_stock(variant_id=variant.pk, counted=5, expected=10, actor=seller),
        lambda: services.set_variants(
            product_id=product.pk, options=[], variants=[NewVariant(price=5)], actor=seller
        ),
    ):
        with pytest.raises(StaleState):
            change()
    assert rows() == before


def test_of_many_those_that_can_be_moved_are(make_product, seller):
    live, draft, paused, changed = (
        make_product(status=status)
        for status in (ListingStatus.LIVE, ListingStatus.DRAFT, ListingStatus.PAUSED, ListingStatus.LIVE)
    )
    marks = {row.pk: mark_of_listing(row.pk, row.status) for row in (live, draft, paused)}
    marks[changed.pk] = mark_of_listing(changed.pk, ListingStatus.PENDING)

    moved = services.move_listings(marks=marks, move=Move.PAUSE, actor=seller)

    assert {row.pk for row in moved.done} == {live.pk, paused.pk}
    assert {row.pk: type(error) for row, error in moved.refused} == {
        draft.pk: InvalidTransition,
        changed.pk: StaleState,
    }
    assert list(Product.objects.order_by("pk").values_list("status", flat=True)) == [
        "paused",
        "draft",
        "paused",
        "live",
    ]
    assert not SearchEntry.objects.filter(product=live).exists()
    assert SearchEntry.objects.filter(product=changed).exists()


@pytest.mark.parametrize("number", [2, 20])
def test_many_cost_two_statements_each(make_product, seller, number, django_assert_max_num_queries):
    marks = {}
    for _ in range(number):
        row = make_product()
        marks[row.pk] = mark_of_listing(row.pk, row.status)

    with django_assert_max_num_queries(12 + 2 * number):
        services.move_listings(marks=marks, move=Move.ARCHIVE, actor=seller)


def test_out_of_review_it_is_a_draft_again(make_product, seller, settings, tmp_path, picture_file):
    settings.MEDIA_ROOT = tmp_path
    product = make_product(status=ListingStatus.DRAFT)
    services.add_image(product_id=product.pk, file=picture_file(), alt_text="A lamp", actor=seller)
    services.edit_listing(product_id=product.pk, changes=Changes(description="Bright."), actor=seller)
    services.submit(product_id=product.pk, actor=seller)

    for _ in range(2):
        assert services.withdraw(product_id=product.pk, actor=seller).status == ListingStatus.DRAFT

    steps = ListingEvent.objects.filter(product=product).values_list("from_status", "to_status")
    assert list(steps) == [("", "draft"), ("draft", "pending"), ("pending", "draft")]


@pytest.mark.parametrize("status", sorted(set(ListingStatus) - {ListingStatus.PENDING, ListingStatus.DRAFT}))
def test_only_what_waits_is_taken_back(status, make_product, seller):
    product = make_product(status=status)
    before = rows()

    with pytest.raises(InvalidTransition):
        services.withdraw(product_id=product.pk, actor=seller)
    assert rows() == before


def copy(product: Product, key: str = "") -> Product:
    user = product.seller
    key = key or new_form_key(user_id=user.pk, action="listing_duplicate", subject=product.pk)
    return services.duplicate_listing(product_id=product.pk, actor=user, form_key=key)


def test_a_copy_says_the_same_and_has_nothing_to_sell(
    make_product, make_brand, picture_file, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    shirt = make_product(
        title="Shirt",
        brand=make_brand("Acme"),
        description="Soft.",
        options=[("Size", ["S", "M"])],
        variants=[
            NewVariant(1500, 3, ("S",), sku="S-1", barcode="4006381333931", weight_grams=120),
            NewVariant(1700, 4, ("M",), sku="S-2"),
        ],
    )
    image = services.add_image(product_id=shirt.pk, file=picture_file(), alt_text="Blue", actor=SYSTEM)

    made = copy(shirt)

    assert (made.title, made.status, made.description) == ("Shirt (copy)", "draft", "Soft.")
    assert (made.brand, made.category, made.options) == (shirt.brand, shirt.category, [["Size", ["S", "M"]]])
    variants = list(made.variants.all())
    assert [(row.values, row.price, row.stock, row.barcode) for row in variants] == [
        (("S",), 1500, 0, ""),
        (("M",), 1700, 0, ""),
    ]
    assert variants[0].weight_grams == 120
    assert not {row.sku for row in variants} & {"S-1", "S-2"}
    made.refresh_from_db()
    assert made.cover_name == image.picture.name
    # The file is both listings' until nobody shows it.
    services.remove_image(image_id=made.images.get().pk, actor=made.seller)
    assert default_storage.exists(image.picture.name)


def test_the_same_form_makes_one_copy(product):
    key = new_form_key(user_id=product.seller_id, action="listing_duplicate", subject=product.pk)

    assert copy(product, key) == copy(product, key)
    assert Product.objects.count() == 2
    with pytest.raises(KeyReused):
        services.duplicate_listing(product_id=product.pk, actor=product.seller, form_key="made up")


def test_the_same_form_adds_once(product, variant_of, stock_of):
    variant = variant_of(product)
    key = new_form_key(user_id=product.seller_id, action="stock", subject=variant.pk)

    for _ in range(2):
        services.change_stock(variant_id=variant.pk, change=5, actor=product.seller, form_key=key)

    assert stock_of(product) == 15


def test_the_same_form_counts_once(product, variant_of, stock_of):
    variant = variant_of(product)
    key = new_form_key(user_id=product.seller_id, action="stock", subject=variant.pk)

    for _ in range(2):
        services.count_stock(
            variant_id=variant.pk, counted=12, expected=10, actor=product.seller, form_key=key
        )

    assert stock_of(product) == 12
