"""A listing's way through review: handed in, taken back, decided, mended, handed in again."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied

from marketplace.common.errors import Conflicts, Invalid, InvalidTransition, StaleState
from marketplace.notifications.models import Notification
from marketplace.products import services
from marketplace.products.models import ListingEvent, PriceChange, Product, SearchEntry, Variant
from marketplace.products.services import Changes, Move, NewVariant
from marketplace.products.shown import mark_of_listing
from marketplace.products.states import ListingStatus
from marketplace.reviewing.conflicts import ConflictOfInterest
from marketplace.reviewing.models import Submission, SubmissionEvent
from marketplace.reviewing.services.steps import DecidedAlready
from marketplace.reviewing.shown import mark_of_submission
from marketplace.reviewing.states import Decision, SubmissionStatus

pytestmark = pytest.mark.usefixtures("books_balance")


def rows() -> list[object]:
    models = (Product, Variant, ListingEvent, Submission, SubmissionEvent, Notification, PriceChange)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.fixture
def draft(make_product, settings, tmp_path, picture_file, seller) -> Product:
    """A draft that can be handed in."""
    settings.MEDIA_ROOT = tmp_path
    product = make_product(title="Lamp", description="Bright.", status=ListingStatus.DRAFT)
    services.add_image(product_id=product.pk, file=picture_file(), alt_text="A lamp", actor=seller)
    product.refresh_from_db()
    return product


@pytest.fixture
def handed_in(draft, seller) -> Submission:
    services.submit(product_id=draft.pk, actor=seller)
    return Submission.objects.get()


@pytest.fixture
def decide(admin) -> Callable[..., Product]:
    def run(submission: Submission, decision: str, reason: str = "", **given: object) -> Product:
        submission.refresh_from_db()
        given = {"actor": admin, "expected": mark_of_submission(submission), **given}
        return services.decide_listing(submission_id=submission.pk, decision=decision, reason=reason, **given)

    return run


def test_it_is_refused_changed_and_at_last_in_the_shop(draft, handed_in, decide, seller):
    assert Product.objects.get().status == "pending"

    decide(handed_in, Decision.ASK_FOR_CHANGES, "Say more")
    assert Product.objects.get().status == "changes_requested"
    assert ListingEvent.objects.latest("pk").reason == "Say more"

    services.edit_listing(product_id=draft.pk, changes=Changes(description="Very bright."), actor=seller)
    services.submit(product_id=draft.pk, actor=seller)
    handed_in.refresh_from_db()
    assert (handed_in.status, handed_in.round) == ("submitted", 2)

    live = decide(handed_in, Decision.APPROVE)
    assert (live.status, live.published_at is None) == ("live", False)
    assert SearchEntry.objects.filter(product=draft).exists()
    assert PriceChange.objects.filter(variant__product=draft).count() == 1
    told = Notification.objects.filter(recipient=seller).order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["listing_changes", "listing_approved"]


def test_a_refused_one_stays_refused(draft, handed_in, decide, seller):
    decide(handed_in, Decision.REJECT, "Not sold here")

    assert Product.objects.get().status == "rejected"
    with pytest.raises(InvalidTransition):
        services.submit(product_id=draft.pk, actor=seller)
    with pytest.raises(StaleState):
        services.edit_listing(product_id=draft.pk, changes=Changes(title="New"), actor=seller)


def test_the_second_decision_hears_of_the_first(handed_in, decide, person):
    mark = mark_of_submission(handed_in)
    decide(handed_in, Decision.REJECT, "Not sold here")
    before = rows()

    with pytest.raises(DecidedAlready, match="Not sold here"):
        decide(handed_in, Decision.APPROVE, actor=person("admin"), expected=mark)
    assert rows() == before

    decide(handed_in, Decision.REJECT, "Not sold here", expected=mark)  # the same admin's second click
    assert rows() == before


def test_a_form_of_an_earlier_round_decides_nothing(draft, handed_in, decide, seller, person):
    mark = mark_of_submission(handed_in)
    decide(handed_in, Decision.ASK_FOR_CHANGES, "Say more")
    services.submit(product_id=draft.pk, actor=seller)
    before = rows()

    with pytest.raises(StaleState):
        decide(handed_in, Decision.APPROVE, actor=person("admin"), expected=mark)
    assert rows() == before


@pytest.mark.parametrize("decision", [Decision.REJECT, Decision.ASK_FOR_CHANGES])
def test_a_refusal_has_a_reason(handed_in, decide, decision):
    before = rows()

    with pytest.raises(Invalid) as refused:
        decide(handed_in, decision)
    assert refused.value.field == "reason"
    assert rows() == before


@pytest.mark.parametrize("who", ["seller", "other_seller", "buyer", "courier"])
def test_only_staff_decide(request, handed_in, decide, who):
    actor = request.getfixturevalue(who)
    before = rows()

    with pytest.raises(PermissionDenied):
        decide(handed_in, Decision.APPROVE, actor=actor)
    assert rows() == before


def test_nobody_decides_about_a_seller_with_whom_they_have_an_order(
    handed_in, decide, person, seller, make_product, fund, fill_cart, check_out
):
    friend = person()
    fund(friend, 5_000)
    fill_cart(friend, {make_product(title="Chair"): 1})
    check_out(friend)
    friend.role = "admin"
    friend.save(update_fields=["role"])
    before = rows()

    with pytest.raises(ConflictOfInterest):
        decide(handed_in, Decision.APPROVE, actor=friend)
    assert rows() == before


def test_taken_back_it_is_no_case_any_more(draft, handed_in, decide, seller):
    mark = mark_of_submission(handed_in)
    services.withdraw(product_id=draft.pk, actor=seller)

    with pytest.raises(DecidedAlready):
        decide(handed_in, Decision.APPROVE, expected=mark)
    assert Product.objects.get().status == "draft"
    services.submit(product_id=draft.pk, actor=seller)
    assert Submission.objects.filter(open_key__isnull=False).count() == 1


@pytest.mark.parametrize("many", [False, True])
def test_archived_it_is_no_case_any_more(draft, handed_in, seller, many):
    if many:
        services.move_listings(
            marks={draft.pk: mark_of_listing(draft.pk, "pending")}, move=Move.ARCHIVE, actor=seller
        )
    else:
        services.move_listing(product_id=draft.pk, move=Move.ARCHIVE, actor=seller)

    handed_in.refresh_from_db()
    assert handed_in.status == "withdrawn"


def test_what_waits_is_not_published_past_its_case(draft, handed_in, admin):
    before = rows()

    with pytest.raises(StaleState):
        services.publish(product_id=draft.pk, actor=admin)
    assert rows() == before


def test_what_is_missing_is_said_all_at_once(make_product, seller, picture_file, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    product = make_product(status=ListingStatus.DRAFT)
    before = rows()

    with pytest.raises(Conflicts) as refused:
        services.submit(product_id=product.pk, actor=seller)
    assert len(refused.value.problems) == 2
    assert rows() == before

    image = services.add_image(product_id=product.pk, file=picture_file(), alt_text="", actor=seller)
    services.edit_listing(product_id=product.pk, changes=Changes(description="Soft."), actor=seller)
    with pytest.raises(Conflicts, match="missing") as refused:
        services.submit(product_id=product.pk, actor=seller)
    assert "shows" in refused.value.problems[0]
    services.describe_image(image_id=image.pk, alt_text="A lamp", actor=seller)
    assert services.submit(product_id=product.pk, actor=seller).status == "pending"


@pytest.mark.parametrize("status", sorted(set(ListingStatus) - {"draft", "changes_requested"}))
def test_what_shoppers_have_seen_or_admins_read_is_not_changed(
    status, make_product, seller, picture_file, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    product = make_product(status=status)
    before = rows()

    with pytest.raises(StaleState):
        services.edit_listing(product_id=product.pk, changes=Changes(title="New"), actor=seller)
    with pytest.raises(StaleState):
        services.add_image(product_id=product.pk, file=picture_file(), alt_text="A", actor=seller)
    assert rows() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (Changes(title=" "), "title"),
        (Changes(description="x" * 8001), "description"),
        (Changes(category_id=404), "category"),
        (Changes(brand_id=404), "brand"),
        (Changes(variants=[]), "variants"),
        (Changes(options=[("Size", ["S"])], variants=[NewVariant(5, values=("M",))]), "variants"),
        (Changes(variants=[NewVariant(0)]), "price"),
        (Changes(title="New", variants=[NewVariant(5, -1)]), "stock"),
    ],
)
def test_what_cannot_be_said_changes_nothing(draft, seller, changes, field):
    before = rows()

    with pytest.raises(Invalid) as refused:
        services.edit_listing(product_id=draft.pk, changes=changes, actor=seller)
    assert refused.value.field == field
    assert rows() == before


def test_a_draft_gets_options_and_keeps_its_variants_by_their_values(draft, seller):
    options = [("Size", ["S", "M"])]
    sizes = [NewVariant(500, 3, ("S",), sku="A"), NewVariant(600, 4, ("M",), sku="B")]

    for _ in range(2):  # what is saved by itself, and then by hand
        services.edit_listing(
            product_id=draft.pk, changes=Changes(options=options, variants=sizes), actor=seller
        )
    services.edit_listing(
        product_id=draft.pk,
        changes=Changes(
            brand_id=None,
            options=options,
            variants=[NewVariant(500, 1, ("S",), sku="B"), NewVariant(700, 9, ("M",), sku="A")],
        ),
        actor=seller,
    )

    offered = Variant.objects.filter(product=draft, is_offered=True).order_by("position")
    assert [(row.option1, row.sku, row.price, row.stock) for row in offered] == [
        ("S", "B", 500, 1),
        ("M", "A", 700, 9),
    ]


def test_several_that_wait_for_review_are_archived_together(make_product, seller):
    waiting = [make_product(title=f"Lamp {number}", status=ListingStatus.DRAFT) for number in range(3)]
    for product in waiting:
        services.submit(product_id=product.pk, actor=seller, as_it_is=True)
    marks = {product.pk: mark_of_listing(product.pk, ListingStatus.PENDING) for product in waiting}

    moved = services.move_listings(marks=marks, move=Move.ARCHIVE, actor=seller)

    assert (len(moved.done), moved.refused) == (3, [])
    assert set(Submission.objects.values_list("status", flat=True)) == {SubmissionStatus.WITHDRAWN}


@pytest.mark.every_database
def test_a_value_whose_letters_case_is_mended_is_the_same_variant(make_product, seller):
    draft = make_product(
        status=ListingStatus.DRAFT,
        options=[("Colour", ["red"])],
        variants=[NewVariant(1000, 3, ("red",), sku="RED")],
    )
    was = draft.variants.get().pk

    changes = Changes(options=[("Colour", ["Red"])], variants=[NewVariant(1000, 3, ("Red",), sku="Red")])
    services.edit_listing(product_id=draft.pk, changes=changes, actor=seller)

    row = draft.variants.get()
    assert (row.pk, row.values, row.sku, row.stock) == (was, ("Red",), "Red", 3)
