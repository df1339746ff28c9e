"""What a listing says that shoppers have seen is changed beside it: begun, written, handed in, confirmed."""

import pytest

from marketplace.common.authorisation import SYSTEM
from marketplace.notifications.models import Notification
from marketplace.products import services
from marketplace.products.content import content_of
from marketplace.products.models import (
    EditEvent,
    ListingEdit,
    ListingVersion,
    PriceChange,
    Product,
    ProductImage,
    SearchEntry,
    StagedPicture,
    StockMove,
    Variant,
    VersionPicture,
)
from marketplace.products.selectors import (
    compared,
    edits_by_id,
    edits_of,
    last_edit,
    open_edit,
    open_edits,
    version_of,
)
from marketplace.products.services import Changes, Move, NewVariant
from marketplace.products.shown import mark_of_listing
from marketplace.products.states import ListingStatus
from marketplace.reviewing.models import Submission
from marketplace.reviewing.states import Decision

pytestmark = pytest.mark.usefixtures("books_balance")


def said(product):
    return content_of(Product.objects.get(pk=product.pk))


@pytest.fixture
def edit(shirt, seller):
    return services.begin_edit(product_id=shirt.pk, actor=seller)


def test_begun_it_says_what_the_listing_says_and_begun_again_it_is_the_same(shirt, edit, seller):
    assert open_edit(seller, shirt.slug) == edit
    before, after = compared(edit)
    assert before == after == said(shirt)

    assert services.begin_edit(product_id=shirt.pk, actor=seller) == edit
    assert (ListingEdit.objects.count(), StagedPicture.objects.count()) == (1, 2)


def test_the_live_listing_stays_as_it_is_until_an_admin_confirms(
    shirt, edit, seller, variant_of, picture_file, decide_edit
):
    before = said(shirt)
    s, m = variant_of(shirt, "S"), variant_of(shirt, "M")
    services.change_edit(
        edit_id=edit.pk,
        changes=Changes(
            title="Linen shirt",
            description="Of linen.",
            options=[("Size", ["M", "L"])],
            variants=[
                NewVariant(1, 999, ("M",), sku="M-1", pk=m.pk),
                NewVariant(1500, 4, ("L",), sku="L-1"),
            ],
        ),
        actor=seller,
    )
    front, back = StagedPicture.objects.order_by("pk")
    new = services.stage_picture(edit_id=edit.pk, file=picture_file(), alt_text="The collar", actor=seller)
    services.unstage_picture(picture_id=front.pk, actor=seller)
    services.sort_staged_pictures(edit_id=edit.pk, picture_ids=[new.pk, back.pk], actor=seller)
    services.submit_edit(edit_id=edit.pk, actor=seller)
    assert said(shirt) == before
    services.change_price(variant_id=m.pk, price=1300, actor=seller)
    services.change_stock(variant_id=m.pk, change=4, actor=seller)

    decide_edit(Submission.objects.get())

    now = said(shirt)
    assert (now.title, now.description) == ("Linen shirt", "Of linen.")
    sizes = [(row.values, row.price, row.stock) for row in now.variants]
    assert sizes == [(("M",), 1300, 7), (("L",), 1500, 4)]
    assert [row.alt for row in now.pictures] == ["The collar", "The back"]
    assert version_of(shirt.pk, 1) == before
    slug = shirt.slug
    shirt.refresh_from_db()
    assert (shirt.content_number, shirt.status, shirt.slug) == (2, "live", slug)
    assert (shirt.cover_alt, shirt.price_to) == ("The collar", 1500)
    dropped = Variant.objects.get(pk=s.pk)
    assert (dropped.is_offered, dropped.stock) == (False, 5)
    new_size = variant_of(shirt, "L")
    assert StockMove.objects.get(variant=new_size).delta == 4
    assert PriceChange.objects.get(variant=new_size).price == 1500
    assert "linen" in SearchEntry.objects.get(product=shirt).title
    assert Notification.objects.get(recipient=seller).kind == "edit_confirmed"
    assert last_edit(seller, shirt.slug).status == "confirmed"
    assert open_edits([shirt.pk]) == {}
    was, became = compared(edits_by_id([edit.pk])[edit.pk])
    assert (was, became.title) == (before, "Linen shirt")
    steps = EditEvent.objects.values_list("from_status", "to_status")
    assert list(steps) == [("", "draft"), ("draft", "pending"), ("pending", "confirmed")]


def test_changes_are_asked_for_made_and_at_last_confirmed(shirt, hand_in_edit, decide_edit, seller):
    submission = hand_in_edit(shirt, title="Best shirt")
    edit = ListingEdit.objects.get()
    decide_edit(submission, Decision.ASK_FOR_CHANGES, "Which is best?")
    told = last_edit(seller, shirt.slug)
    assert (told.status, told.asked_for, told.can_be_changed) == ("changes_requested", "Which is best?", True)

    services.change_edit(edit_id=edit.pk, changes=Changes(title="Good shirt"), actor=seller)
    services.submit_edit(edit_id=edit.pk, actor=seller)
    submission.refresh_from_db()
    assert (submission.status, submission.round) == ("submitted", 2)
    decide_edit(submission)

    assert said(shirt).title == "Good shirt"
    told = Notification.objects.filter(recipient=seller).order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["edit_changes", "edit_confirmed"]


def test_declined_it_stays_as_it_is_and_another_edit_may_follow(shirt, hand_in_edit, decide_edit, seller):
    before = said(shirt)
    decide_edit(hand_in_edit(shirt, title="Best shirt"), Decision.REJECT, "No")

    assert said(shirt) == before
    assert not ListingVersion.objects.exists()
    assert last_edit(seller, shirt.slug).asked_for == "No"
    assert Notification.objects.get(recipient=seller).kind == "edit_declined"
    decide_edit(hand_in_edit(shirt, title="Good shirt"))
    assert said(shirt).title == "Good shirt"


def test_taken_back_it_is_written_on_and_handed_in_anew(shirt, hand_in_edit, decide_edit, seller):
    first = hand_in_edit(shirt, title="Best shirt")
    edit = ListingEdit.objects.get()

    for _ in range(2):
        assert services.withdraw_edit(edit_id=edit.pk, actor=seller).status == "draft"
    first.refresh_from_db()
    assert first.status == "withdrawn"
    services.change_edit(edit_id=edit.pk, changes=Changes(title="Good shirt"), actor=seller)
    for _ in range(2):
        services.submit_edit(edit_id=edit.pk, actor=seller)
    decide_edit(Submission.objects.latest("pk"))

    assert said(shirt).title == "Good shirt"


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("status", ["draft", "pending", "changes_requested"])
def test_archived_its_edit_is_cancelled_and_decided_no_more(
    shirt, hand_in_edit, decide_edit, seller, many, status
):
    if status == "draft":
        services.begin_edit(product_id=shirt.pk, actor=seller)
    else:
        submission = hand_in_edit(shirt, title="Good shirt", shows="The collar")
        if status == "changes_requested":
            decide_edit(submission, Decision.ASK_FOR_CHANGES, "Why?")
    if many:
        marks = {shirt.pk: mark_of_listing(shirt.pk, shirt.status)}
        assert services.move_listings(marks=marks, move=Move.ARCHIVE, actor=seller).refused == []
    else:
        services.move_listing(product_id=shirt.pk, move=Move.ARCHIVE, actor=seller)

    assert Product.objects.get().status == "archived"
    assert ListingEdit.objects.get().status == "cancelled"
    assert set(Submission.objects.values_list("status", flat=True)) <= {"withdrawn"}


def test_paused_it_is_changed_too_and_its_new_sizes_are_priced_when_it_is_back(
    shirt, hand_in_edit, decide_edit, seller, variant_of
):
    services.move_listing(product_id=shirt.pk, move=Move.PAUSE, actor=seller)
    sizes = [("Size", ["S", "XL"])]
    decide_edit(
        hand_in_edit(shirt, options=sizes, variants=[NewVariant(1, 0, ("S",)), NewVariant(900, 1, ("XL",))])
    )

    assert not SearchEntry.objects.filter(product=shirt).exists()
    services.move_listing(product_id=shirt.pk, move=Move.RESUME, actor=seller)
    assert PriceChange.objects.get(variant=variant_of(shirt, "XL")).price == 900


def test_a_size_that_is_called_otherwise_is_the_same_thing(shirt, hand_in_edit, decide_edit, variant_of):
    small = variant_of(shirt, "S")

    decide_edit(
        hand_in_edit(
            shirt,
            options=[("Size", ["Small", "M"])],
            variants=[NewVariant(1, 0, ("Small",), sku="S-1"), NewVariant(1, 0, ("M",), sku="M-1")],
        )
    )

    renamed = variant_of(shirt, "Small")
    assert (renamed.pk, renamed.price, renamed.stock) == (small.pk, 1000, 5)


def test_a_size_that_was_here_before_comes_back_at_its_new_price(
    shirt, hand_in_edit, decide_edit, variant_of
):
    small = variant_of(shirt, "S")
    decide_edit(
        hand_in_edit(shirt, options=[("Size", ["M"])], variants=[NewVariant(1, 0, ("M",), sku="M-1")])
    )

    decide_edit(
        hand_in_edit(
            shirt,
            options=[("Size", ["M", "S"])],
            variants=[NewVariant(1, 0, ("M",), sku="M-1"), NewVariant(1100, 9, ("S",), sku="S-1")],
        )
    )

    back = variant_of(shirt, "S")
    assert (back.pk, back.is_offered, back.price, back.stock) == (small.pk, True, 1100, 5)
    assert PriceChange.objects.filter(variant=back).latest("pk").price == 1100


def test_each_content_of_many_is_kept_with_its_pictures(shirt, hand_in_edit, decide_edit, seller):
    contents = [said(shirt)]
    for number in range(3):
        submission = hand_in_edit(shirt, title=f"Shirt {number}", shows=f"Picture {number}")
        edit = ListingEdit.objects.latest("pk")
        services.withdraw_edit(edit_id=edit.pk, actor=seller)
        services.unstage_picture(picture_id=edit.pictures.first().pk, actor=seller)
        services.submit_edit(edit_id=edit.pk, actor=seller)
        decide_edit(Submission.objects.exclude(pk=submission.pk).latest("pk"))
        contents.append(said(shirt))

    assert [version_of(shirt.pk, number) for number in (1, 2, 3, 4)] == [*contents[:3], None]
    storage = ProductImage._meta.get_field("picture").storage
    names = VersionPicture.objects.values_list("picture", flat=True)
    assert len(set(names)) == 4
    assert all(storage.exists(name) for name in names)


def test_a_variant_keeps_its_own_picture_and_loses_one_that_is_gone(
    shirt, seller, variant_of, hand_in_edit, decide_edit
):
    front, back = shirt.images.order_by("position")
    for image, size in ((front, "S"), (back, "M")):
        services.show_option(image_id=image.pk, values=("Size", size), actor=SYSTEM)
    edit = services.begin_edit(product_id=shirt.pk, actor=seller)
    services.unstage_picture(picture_id=edit.pictures.get(image=front).pk, actor=seller)
    decide_edit(hand_in_edit(shirt))

    assert variant_of(shirt, "S").image is None
    assert variant_of(shirt, "M").image == back
    assert version_of(shirt.pk, 1).variants[0].picture == front.picture.name


def test_a_new_picture_becomes_the_own_one_of_just_the_sizes_that_it_shows(
    shirt, edit, seller, variant_of, picture_file, decide_edit
):
    """Whatever place a size has in the table, and also where one before it is new."""
    small, middle = variant_of(shirt, "S"), variant_of(shirt, "M")
    options = [("Size", ["XS", "S", "M"])]
    wanted = [NewVariant(900, 1, (size,)) for size in ("XS", "S", "M")]
    services.change_edit(edit_id=edit.pk, changes=Changes(options=options, variants=wanted), actor=seller)
    picture = services.stage_picture(
        edit_id=edit.pk, file=picture_file(), alt_text="In M", actor=seller, shows=[middle.pk]
    )
    services.submit_edit(edit_id=edit.pk, actor=seller)

    decide_edit(Submission.objects.get())

    image = shirt.images.get(picture=picture.picture.name)
    assert variant_of(shirt, "M").image == image
    assert [variant_of(shirt, size).image for size in ("XS", "S")] == [None, None]
    assert (variant_of(shirt, "M").pk, variant_of(shirt, "S").pk) == (middle.pk, small.pk)
    assert {row.values: row.picture for row in said(shirt).variants} == {
        ("XS",): "",
        ("S",): "",
        ("M",): image.picture.name,
    }


def test_before_it_was_seen_it_is_changed_directly(make_product, seller):
    draft = make_product(status=ListingStatus.DRAFT)

    variants = [NewVariant(700, pk=draft.variants.get().pk)]
    services.set_variants(product_id=draft.pk, options=[], variants=variants, actor=seller)

    assert draft.variants.get().price == 700


def test_a_strangers_is_not_found(edit, shirt, other_seller, seller):
    assert open_edit(seller, shirt.slug) == edit
    assert open_edit(other_seller, shirt.slug) is None
    assert last_edit(other_seller, shirt.slug) is None
    assert not edits_of(other_seller).exists()


def test_whatever_else_is_sent_along_is_no_change():
    """Mass assignment: what is not said by `Changes` cannot be said at all."""
    for name in ("status", "seller_id", "price", "current_price", "rating_sum", "slug", "content_number"):
        with pytest.raises(TypeError):
            Changes(**{name: 1})
    assert {*Changes.__dataclass_fields__} == {
        *("title", "description", "category_id", "brand_id", "options", "variants")
    }
