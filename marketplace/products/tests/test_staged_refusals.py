"""What is refused of staged edits, in every state and of everybody; nothing changes then, no file either."""

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied

from marketplace.accounts.models import Role
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Conflicts, Invalid, InvalidTransition, StaleState
from marketplace.common.transactions import service
from marketplace.notifications.models import Notification
from marketplace.products import services
from marketplace.products.edit_states import EDIT_NEXT, STAGED, EditStatus
from marketplace.products.models import (
    Brand,
    ListingEdit,
    Product,
    StagedPicture,
)
from marketplace.products.services import Changes, NewVariant
from marketplace.products.services.edit_steps import advance_edit
from marketplace.products.shown import mark_of_edit, mark_of_listing
from marketplace.products.states import ListingStatus
from marketplace.reviewing.conflicts import ConflictOfInterest
from marketplace.reviewing.models import Submission, SubmissionEvent
from marketplace.reviewing.services.steps import DecidedAlready
from marketplace.reviewing.shown import mark_of_submission
from marketplace.reviewing.states import Decision

pytestmark = pytest.mark.usefixtures("books_balance")


@pytest.fixture
def everything(settings, tmp_path):
    """All rows of the catalogue and of reviewing, what people were told, and all files."""
    settings.MEDIA_ROOT = tmp_path

    def look():
        models = [*apps.get_app_config("products").get_models(), Submission, SubmissionEvent, Notification]
        rows = [list(model.objects.order_by("pk").values()) for model in models]
        return rows, sorted(path.name for path in tmp_path.rglob("*") if path.is_file())

    return look


@pytest.fixture
def begun(shirt, seller):
    return services.begin_edit(product_id=shirt.pk, actor=seller)


@pytest.fixture
def in_state(shirt, begun, seller, admin):
    """`in_state("declined")`: the edit of the shirt, by the services."""

    def reach(status):
        if status == EditStatus.DRAFT:
            return begun
        if status == EditStatus.CANCELLED:
            return services.cancel_edit(edit_id=begun.pk, actor=seller)
        services.change_edit(edit_id=begun.pk, changes=Changes(title="Good shirt"), actor=seller)
        services.submit_edit(edit_id=begun.pk, actor=seller)
        decisions = {
            EditStatus.CONFIRMED: Decision.APPROVE,
            EditStatus.DECLINED: Decision.REJECT,
            EditStatus.CHANGES_REQUESTED: Decision.ASK_FOR_CHANGES,
        }
        if status in decisions:
            services.decide_edit(
                submission_id=Submission.objects.get().pk,
                decision=decisions[status],
                reason="Because",
                actor=admin,
            )
        begun.refresh_from_db()
        assert begun.status == status
        return begun

    return reach


@pytest.mark.parametrize(
    ("before", "to"),
    [(before, to) for before in EditStatus for to in EditStatus if to not in EDIT_NEXT[before]],
)
def test_a_step_that_there_is_not(in_state, everything, before, to, seller):
    edit = in_state(before)
    was = everything()

    with pytest.raises(InvalidTransition):
        service(advance_edit)(edit, to, actor=seller)

    assert everything() == was


SERVICES = {
    "change": lambda edit, seller: services.change_edit(
        edit_id=edit.pk, changes=Changes(title="Other"), actor=seller
    ),
    "describe": lambda edit, seller: services.describe_staged_picture(
        picture_id=edit.pictures.first().pk, alt_text="Other", actor=seller
    ),
    "remove": lambda edit, seller: services.unstage_picture(
        picture_id=edit.pictures.first().pk, actor=seller
    ),
    "sort": lambda edit, seller: services.sort_staged_pictures(
        edit_id=edit.pk, picture_ids=[row.pk for row in edit.pictures.order_by("-pk")], actor=seller
    ),
    "submit": lambda edit, seller: services.submit_edit(edit_id=edit.pk, actor=seller),
    "withdraw": lambda edit, seller: services.withdraw_edit(edit_id=edit.pk, actor=seller),
    "cancel": lambda edit, seller: services.cancel_edit(edit_id=edit.pk, actor=seller),
}
OVER = ("confirmed", "declined", "cancelled")
REFUSED = [
    *((name, state) for name in ("change", "describe", "remove", "sort") for state in ("pending", *OVER)),
    *(("submit", state) for state in OVER),
    *(("withdraw", state) for state in ("changes_requested", *OVER)),
    *(("cancel", state) for state in ("confirmed", "declined")),
]


@pytest.mark.parametrize(("name", "status"), REFUSED)
def test_in_another_state(in_state, everything, seller, name, status):
    edit = in_state(EditStatus(status))
    was = everything()

    with pytest.raises((StaleState, InvalidTransition)):
        SERVICES[name](edit, seller)

    assert everything() == was


@pytest.mark.parametrize("status", ["pending", *OVER])
def test_no_picture_comes_where_nothing_may_change(in_state, everything, seller, picture_file, status):
    edit = in_state(EditStatus(status))
    was = everything()

    with pytest.raises(StaleState):
        services.stage_picture(edit_id=edit.pk, file=picture_file(), alt_text="New", actor=seller)

    assert everything() == was


@pytest.mark.parametrize("status", [status for status in ListingStatus if status not in STAGED])
def test_what_no_shopper_has_seen_has_no_edit(make_product, everything, seller, status):
    product = make_product(status=status)
    was = everything()

    with pytest.raises(StaleState):
        services.begin_edit(product_id=product.pk, actor=seller)

    assert everything() == was


@pytest.mark.parametrize("status", STAGED)
def test_what_shoppers_have_seen_is_changed_by_an_edit_alone(
    make_product, everything, seller, picture_file, status
):
    product = make_product(status=status, options=[("Size", ["M"])], variants=[NewVariant(900, 1, ("M",))])
    image = services.add_image(product_id=product.pk, file=picture_file(), alt_text="It", actor=SYSTEM)
    was = everything()

    for change in (
        lambda: services.edit_listing(product_id=product.pk, changes=Changes(title="Other"), actor=seller),
        lambda: services.set_variants(
            product_id=product.pk, options=[], variants=[NewVariant(900)], actor=seller
        ),
        lambda: services.show_option(image_id=image.pk, values=("Size", "M"), actor=seller),
        lambda: services.add_image(product_id=product.pk, file=picture_file(), alt_text="X", actor=seller),
        lambda: services.describe_image(image_id=image.pk, alt_text="X", actor=seller),
        lambda: services.remove_image(image_id=image.pk, actor=seller),
        lambda: services.reorder_images(product_id=product.pk, image_ids=[image.pk], actor=seller),
    ):
        with pytest.raises(StaleState):
            change()

    assert everything() == was


def test_a_picture_of_another_edit_is_not_sorted_in(begun, everything, seller, make_product, picture_file):
    other = services.begin_edit(product_id=make_product().pk, actor=seller)
    services.stage_picture(edit_id=other.pk, file=picture_file(), alt_text="It", actor=seller)
    was = everything()

    with pytest.raises(Invalid):
        services.sort_staged_pictures(
            edit_id=begun.pk, picture_ids=[row.pk for row in StagedPicture.objects.all()], actor=seller
        )

    assert everything() == was


def test_a_ninth_picture(begun, everything, seller, picture_file):
    for _ in range(6):
        services.stage_picture(edit_id=begun.pk, file=picture_file(), alt_text="It", actor=seller)
    was = everything()

    with pytest.raises(Invalid) as refused:
        services.stage_picture(edit_id=begun.pk, file=picture_file(), alt_text="It", actor=seller)

    assert refused.value.field == "file"
    assert everything() == was


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": " "}),
        ("title", {"title": "x" * 141}),
        ("description", {"description": "x" * 8001}),
        ("category", {"category_id": 0}),
        ("brand", {"brand_id": 0x7FFFFFFF}),
        ("options", {"options": [("Size", [])], "variants": [NewVariant(1)]}),
        ("variants", {"options": [("Size", ["S"])], "variants": [NewVariant(1, 0, ("XXL",))]}),
        ("variants", {"variants": []}),
        ("price", {"options": [("Size", ["XL"])], "variants": [NewVariant(0, 1, ("XL",))]}),
        ("stock", {"options": [("Size", ["XL"])], "variants": [NewVariant(1, -1, ("XL",))]}),
        ("barcode", {"options": [("Size", ["S"])], "variants": [NewVariant(1, 1, ("S",), barcode="12")]}),
        ("sku", {"options": [("Size", ["XL"])], "variants": [NewVariant(1, 1, ("XL",), sku="ANOTHERS")]}),
    ],
)
def test_what_does_not_fit_is_named_by_its_field(begun, everything, seller, make_product, field, changes):
    make_product(sku="ANOTHERS")
    was = everything()

    with pytest.raises(Invalid) as refused:
        services.change_edit(edit_id=begun.pk, changes=Changes(**changes), actor=seller)

    assert refused.value.field == field
    assert everything() == was


def test_a_variant_of_another_listing(begun, everything, seller, make_product):
    theirs = make_product().variants.get()
    was = everything()

    with pytest.raises(Invalid):
        changes = Changes(options=[], variants=[NewVariant(1, pk=theirs.pk)])
        services.change_edit(edit_id=begun.pk, changes=changes, actor=seller)

    assert everything() == was


def test_what_is_missing_and_what_does_not_differ_is_not_handed_in(begun, everything, seller):
    with pytest.raises(Conflicts, match="Nothing differs"):
        services.submit_edit(edit_id=begun.pk, actor=seller)
    services.change_edit(edit_id=begun.pk, changes=Changes(description=" "), actor=seller)
    for picture in begun.pictures.all():
        services.unstage_picture(picture_id=picture.pk, actor=seller)
    was = everything()

    with pytest.raises(Conflicts) as refused:
        services.submit_edit(edit_id=begun.pk, actor=seller)

    assert len(refused.value.problems) == 2
    assert everything() == was


def test_a_form_that_was_drawn_for_another_state(in_state, shirt, seller, everything):
    stale = mark_of_edit(in_state(EditStatus.DRAFT))
    edit = in_state(EditStatus.CHANGES_REQUESTED)
    was = everything()

    for change in (
        lambda: services.change_edit(
            edit_id=edit.pk, changes=Changes(title="X"), actor=seller, expected=stale
        ),
        lambda: services.submit_edit(edit_id=edit.pk, actor=seller, expected=stale),
        lambda: services.cancel_edit(edit_id=edit.pk, actor=seller, expected=stale),
    ):
        with pytest.raises(StaleState):
            change()
    assert everything() == was


def test_an_edit_that_a_page_of_another_state_begins(shirt, seller, everything):
    services.move_listing(product_id=shirt.pk, move=services.Move.PAUSE, actor=seller)
    was = everything()

    with pytest.raises(StaleState):
        mark = mark_of_listing(shirt.pk, ListingStatus.LIVE)
        services.begin_edit(product_id=shirt.pk, actor=seller, expected=mark)

    assert everything() == was


class TestTheDecision:
    @pytest.fixture
    def submission(self, shirt, hand_in_edit):
        return hand_in_edit(shirt, title="Good shirt", shows="The collar")

    def test_the_second_admin_reads_the_first_ones_and_the_same_one_has_done_it(
        self, submission, decide_edit, everything, person
    ):
        decide_edit(submission)
        was = everything()

        services.decide_edit(
            submission_id=submission.pk, decision="approved", reason="", actor=submission_admin(submission)
        )
        with pytest.raises(DecidedAlready):
            services.decide_edit(
                submission_id=submission.pk, decision="rejected", reason="No", actor=person(Role.ADMIN)
            )
        assert everything() == was
        assert Product.objects.get().content_number == 2

    def test_of_a_seller_with_whom_one_has_an_order(
        self, submission, everything, superadmin, person, make_product, fund, fill_cart, check_out
    ):
        friend = fund(person(), 5_000)
        fill_cart(friend, {make_product(title="Chair"): 1})
        check_out(friend)
        friend.role = Role.ADMIN
        friend.save(update_fields=["role"])
        was = everything()

        with pytest.raises(ConflictOfInterest):
            services.decide_edit(submission_id=submission.pk, decision="approved", reason="", actor=friend)

        assert everything() == was

    def test_without_a_reason(self, submission, everything, admin):
        was = everything()

        with pytest.raises(Invalid):
            services.decide_edit(submission_id=submission.pk, decision="rejected", reason=" ", actor=admin)

        assert everything() == was

    def test_of_an_earlier_round(self, submission, everything, decide_edit, admin, seller):
        stale = mark_of_submission(submission)
        decide_edit(submission, Decision.ASK_FOR_CHANGES, "Why?")
        services.submit_edit(edit_id=submission.object_id, actor=seller)
        was = everything()

        with pytest.raises(StaleState):
            services.decide_edit(
                submission_id=submission.pk, decision="approved", reason="", actor=admin, expected=stale
            )

        assert everything() == was

    def test_of_what_was_taken_back(self, submission, everything, seller, admin):
        services.withdraw_edit(edit_id=submission.object_id, actor=seller)
        was = everything()

        with pytest.raises(DecidedAlready):
            services.decide_edit(submission_id=submission.pk, decision="approved", reason="", actor=admin)

        assert everything() == was

    @pytest.mark.parametrize("gone", ["brand", "sku", "variant"])
    def test_of_what_no_longer_fits_the_store(
        self, shirt, hand_in_edit, decide_edit, everything, make_brand, make_product, gone
    ):
        brand = make_brand("Acme")
        new = [NewVariant(900, 1, ("S",), sku="S-1"), NewVariant(900, 1, ("L",), sku="L-1")]
        submission = hand_in_edit(
            shirt, title="Acme shirt", brand_id=brand.pk, options=[("Size", ["S", "L"])], variants=new
        )
        if gone == "brand":
            Brand.objects.update(status="suspended")
        elif gone == "sku":
            make_product(sku="L-1")
        else:
            edit = ListingEdit.objects.get()
            edit.variants[0]["pk"] = 0x7FFFFFFF
            edit.save()
        was = everything()

        with pytest.raises(Conflicts) as refused:
            decide_edit(submission)

        assert refused.value.problems
        assert everything() == was
        assert decide_edit(submission, Decision.REJECT, "It does not fit").status == "declined"


def submission_admin(submission):
    submission.refresh_from_db()
    return submission.decided_by


@pytest.mark.parametrize("role", [Role.USER, Role.SELLER, Role.DELIVERY])
def test_nobody_but_an_admin_decides(shirt, hand_in_edit, everything, person, role):
    submission = hand_in_edit(shirt, title="Good shirt")
    someone = person(role)
    was = everything()

    with pytest.raises(PermissionDenied):
        services.decide_edit(submission_id=submission.pk, decision="approved", reason="", actor=someone)

    assert everything() == was
