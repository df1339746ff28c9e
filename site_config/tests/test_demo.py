"""The demo store. Building it takes a while, so it is built once and then looked at from all sides."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import F, Sum
from django.urls import reverse
from PIL import Image

from marketplace.accounts.models import Role, SavedAddress, SellerProfile, User
from marketplace.accounts.saved import AddressKind
from marketplace.applications.models import Application
from marketplace.applications.states import ApplicationStatus
from marketplace.common import clock
from marketplace.coupons.models import Coupon
from marketplace.coupons.states import CouponState
from marketplace.delivery.areas import area_of
from marketplace.delivery.models import Attempt, Delivery, Proof, ProofTry
from marketplace.delivery.proofs import pin_of
from marketplace.delivery.selectors.couriers import courier_summary
from marketplace.delivery.services import cancel_overdue
from marketplace.delivery.states import ACTIVE, DeliveryStatus, ProofStatus, Purpose
from marketplace.notifications.kinds import kinds
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, Settlement, Shipment, ShipmentLine
from marketplace.orders.services import complete_due
from marketplace.orders.states import OrderStatus, ShipmentStatus
from marketplace.payouts.models import Payout, PayoutBatch
from marketplace.payouts.services import ask_by_plan
from marketplace.payouts.states import PayoutStatus
from marketplace.points.models import PointsEntry
from marketplace.products.edit_states import EditStatus
from marketplace.products.models import (
    Brand,
    Category,
    Discount,
    ListingEdit,
    PriceChange,
    Product,
    ProductImage,
    SaleEvent,
    SearchEntry,
    StockMove,
)
from marketplace.products.states import ListingStatus
from marketplace.wallet.models import StoreWallet, Transaction, Wallet
from site_config.acts import delivery
from site_config.demo import edits, payouts, second_hand, studio, world
from site_config.demo.applicants import AWAY
from site_config.demo.kinds import KINDS
from site_config.demo.people import COURIER, FRESH, PASSWORD, PEOPLE, SHOPPER, SHOPS, accounts_to_show
from site_config.demo.shelves import BRANDS, SHELVES
from site_config.demo.stories import STORIES

EVERYTHING = [
    *(Shipment, Delivery, Attempt, Proof, ProofTry, Settlement, PointsEntry),
    *(User, Category, Brand, Product, ProductImage, Discount, SaleEvent, PriceChange, StockMove),
    *(Order, ShipmentLine, Transaction, Notification, ListingEdit, Payout),
]


@pytest.fixture
def small_pictures(monkeypatch):
    """Large enough for the smallest size that pages use, and second pictures of a few: drawing is most of the work."""
    everything = world.items()
    fewer = [
        (shop, palette, item if number < 12 else replace(item, shots=()))
        for number, (shop, palette, item) in enumerate(everything)
    ]
    monkeypatch.setattr(world, "items", lambda: fewer)
    monkeypatch.setattr(studio, "SIZE", 320)
    studio._backdrop.cache_clear()
    yield
    studio._backdrop.cache_clear()


@pytest.mark.every_database  # the one long way through all of the core
@pytest.mark.costly("draws a whole store and lives through its weeks", seconds=60)
def test_the_demo_is_a_whole_store_and_a_second_run_changes_nothing(
    db, small_pictures, books_balance, client, capsys
):
    call_command("demo", "--really", "--really", "--processes", "1", verbosity=0)

    everybody_is_here_and_can_sign_in(client)
    shelves_and_brands_are_full()
    every_product_has_pictures_that_exist_and_say_what_they_show()
    clothes_come_in_sizes_and_colours(client)
    some_are_reduced_and_tell_their_lowest_price_truly()
    orders_are_in_several_states_and_their_people_were_told()
    shipments_are_everywhere_on_their_way(client)
    every_one_of_them_is_found_by_the_search()
    a_seller_has_listings_and_changes_in_every_state()
    a_shop_has_three_hundred_listings_and_no_picture_of_its_own()
    payouts_are_in_every_state()
    a_seller_has_two_coupons_of_which_one_was_used()

    before = {model: model.objects.count() for model in EVERYTHING}
    call_command("demo", "--really", "--really", "--processes", "1", verbosity=0)
    assert {model: model.objects.count() for model in EVERYTHING} == before
    assert "nothing was changed" in capsys.readouterr().out

    a_hundred_more_share_their_pictures(books=before)


def a_seller_has_two_coupons_of_which_one_was_used():
    coupons = Coupon.objects.filter(seller__email=SHOPS[0].owner.email)
    assert dict(coupons.values_list("code", "uses")) == {"WELCOME10": 1, "SPRING5": 0}
    assert all(coupon.state(clock.now()) == CouponState.RUNNING for coupon in coupons)


def everybody_is_here_and_can_sign_in(client):
    assert set(User.objects.values_list("role", flat=True)) == set(Role.values)
    assert User.objects.filter(role=Role.SELLER).count() >= 6
    for line in accounts_to_show()[1:]:
        assert client.login(email=line.split()[0], password=PASSWORD), line
    shopper = User.objects.select_related("profile").get(email=SHOPPER.email)
    assert shopper.profile.has_location
    assert shopper.emailaddress_set.get().verified
    assert Order.objects.filter(buyer=shopper).count() >= 3
    places = SavedAddress.objects.filter(owner__email=SHOPS[0].owner.email, kind=AddressKind.PICK_UP)
    assert [place.label for place in places.order_by("pk")] == ["Ferry house", "Market stall"]
    fresh = User.objects.get(email=FRESH.email)
    assert not Order.objects.filter(buyer=fresh).exists()
    assert Wallet.objects.get(owner=fresh).balance == world.minor(sum(FRESH.money))


def shelves_and_brands_are_full():
    assert Category.objects.count() >= 40
    assert Category.objects.filter(depth=3).count() >= 10
    assert not Category.objects.filter(icon="").exists()
    assert Brand.objects.count() >= 40
    assert not Brand.objects.filter(products=None).exists()
    assert not Category.objects.filter(children=None, products=None).exists()
    live = Product.objects.filter(status=ListingStatus.LIVE)
    assert live.count() == len(world.items()) + second_hand.LISTINGS >= 420
    assert live.filter(variants__stock=0).exists()
    assert live.filter(variants__stock__range=(1, 5)).exists()
    assert not live.filter(published_at__gt=clock.now()).exists()
    assert live.filter(rating_count__gt=0).count() > 100
    assert not live.filter(rating_sum__gt=F("rating_count") * 5).exists()


def every_product_has_pictures_that_exist_and_say_what_they_show():
    assert not Product.objects.filter(images=None).exists()
    assert not ProductImage.objects.filter(alt_text="").exists()
    assert not Product.objects.filter(cover_name="").exists()
    for name in ProductImage.objects.values_list("picture", flat=True)[::20]:
        assert default_storage.exists(name), name


def clothes_come_in_sizes_and_colours(client):
    """Lists say "from" and are filtered; a colour has its own picture; some sizes are sold out or not made."""
    chosen = Product.objects.exclude(options=[])
    assert chosen.count() >= 15
    assert chosen.filter(price_to__gt=F("current_price")).exists()
    assert chosen.filter(in_stock=True, variants__stock=0).exists()
    bikini = chosen.get(title="Polka-Dot Bikini")
    assert bikini.variants.count() < len(KINDS[bikini.title].sizes) * len(KINDS[bikini.title].colours)
    assert bikini.variants.values("image").distinct().count() == 2
    assert not chosen.filter(variants__weight_grams=0).exists()
    page = client.get("/c/clothing/").content.decode()
    assert page.count('data-testid="filter-option"') == 3
    assert "price-from" in client.get("/c/shoes/").content.decode()


def some_are_reduced_and_tell_their_lowest_price_truly():
    now = clock.now()
    assert Discount.objects.filter(starts_at__gt=now).exists()
    assert Discount.objects.filter(ends_at__lt=now).exists()
    assert SaleEvent.objects.filter(starts_at__lte=now, ends_at__gt=now).count() >= 2
    assert SaleEvent.objects.filter(starts_at__gt=now).exists()
    assert SaleEvent.objects.get(is_open=True).targets.count() == 1
    assert SaleEvent.objects.filter(seller__isnull=False, starts_at__gt=now).exists()
    reduced = Product.objects.filter(on_sale=True)
    assert reduced.count() >= 20
    assert not reduced.filter(lowest_price_30d=None).exists()
    # 179 until 21 days ago, 169 until nine days ago, 189 since; then 30 % off that.
    headphones = Product.objects.get(title="Over-Ear Headphones, Pearl")
    assert [headphones.lowest_price_30d, headphones.price, headphones.current_price] == [16900, 18900, 13230]


def orders_are_in_several_states_and_their_people_were_told():
    assert set(Order.objects.values_list("status", flat=True)) == set(OrderStatus)
    assert Order.objects.filter(part_cancelled=True).count() >= 3
    assert set(Shipment.objects.values_list("status", flat=True)) == set(ShipmentStatus)
    told = set(Notification.objects.filter(recipient__email=SHOPPER.email).values_list("kind", flat=True))
    assert told >= {
        "order_created",
        "order_shipped",
        "order_delivered",
        "delivery_failed",
    }
    unread = Notification.objects.filter(recipient__email=SHOPPER.email, read_at=None)
    assert 1 <= unread.count() <= 12
    never = {
        "wallet_topped_up",
        "claims_suspended",
        "claims_open",
        "sweep_trouble",
    }
    never |= {
        "job_assigned",
        "job_taken",
        "job_cancelled",
        "address_changed",
        "courier_at_door",
    }
    never |= {"shop_suspended", "shop_reopened", "shop_is_back", "reserve_changed", "payout_matter"}
    assert set(Application.objects.values_list("status", flat=True)) == set(ApplicationStatus)
    assert SellerProfile.objects.get(shop_name=AWAY).is_away(clock.now())
    assert set(Notification.objects.values_list("kind", flat=True)) == set(kinds()) - never


def shipments_are_everywhere_on_their_way(client):
    """A dozen wait all over the city; the demo's courier carries some and was paid for others."""
    waiting = Shipment.objects.filter(status=ShipmentStatus.PLACED).select_related("order", "seller__profile")
    from_areas = {area_of(row.seller.profile.place) for row in waiting}
    to_areas = {area_of(row.order.place) for row in waiting}
    assert len(waiting) >= 12
    assert len(from_areas) >= 8
    assert len(to_areas) >= 6
    assert 3 <= waiting.exclude(packed_at=None).count() < len(waiting)

    jobs = Delivery.objects.filter(courier__email=COURIER.email)
    assert jobs.filter(status__in=ACTIVE).count() == 3
    assert jobs.filter(status=DeliveryStatus.DELIVERED).count() >= 6
    earned = jobs.filter(ended_at__isnull=False).aggregate(sum=Sum("fee"))["sum"]
    wallet = Wallet.objects.get(owner__email=COURIER.email)
    assert wallet.balance + wallet.held_balance == earned
    assert wallet.balance > 0, "what the store paid by the parcel"
    assert wallet.held_balance == courier_summary(wallet.owner).pending > 0, "of what buyers paid an hour ago"
    fees = Transaction.objects.filter(wallet__code=StoreWallet.FEES).aggregate(sum=Sum("balance_delta"))
    assert fees["sum"] > 0, "couriers were paid out of what the store had earned"

    to_the_shopper = Shipment.objects.get(
        order__buyer__email=SHOPPER.email,
        courier__email=COURIER.email,
        consignments__attempts=None,
        picked_up_at__gt=days_ago(1),
    )
    proof = Proof.objects.get(consignment__shipment=to_the_shopper)
    assert (proof.status, proof.tries) == (ProofStatus.ISSUED, 0)
    client.login(email=SHOPPER.email, password=PASSWORD)
    page = client.get(reverse("shop:order_detail", args=[to_the_shopper.order.number])).content.decode()
    assert f"{pin_of(proof)[:3]} {pin_of(proof)[3:]}" in page
    client.login(email=COURIER.email, password=PASSWORD)
    just_now = jobs.filter(status=DeliveryStatus.DELIVERED, ended_at__gt=days_ago(0.04))
    assert [job.fee > 0 for job in just_now] == [True, True], "what their page shows as earned today"
    page = client.get(reverse("courier:home")).content.decode()
    assert all(shipment.number in page for shipment in waiting)
    assert Proof.objects.filter(status=ProofStatus.LOCKED, current_key__isnull=False).exists()
    assert Proof.objects.filter(status=ProofStatus.BYPASSED).exists()
    assert Proof.objects.filter(purpose=Purpose.RETURN, status=ProofStatus.ISSUED).exists()
    assert Proof.objects.filter(purpose=Purpose.RETURN, status=ProofStatus.CONFIRMED).exists()
    photos = [*Attempt.objects.exclude(photo=""), *Proof.objects.exclude(photo="")]
    assert len(photos) >= 3
    assert all(row.photo.storage.exists(row.photo.name) for row in photos)
    assert not complete_due(clock.now()).done, "the clock has nothing to catch up with"
    assert not cancel_overdue(clock.now()).done


def days_ago(number: float):
    return clock.now() - timedelta(days=number)


def every_one_of_them_is_found_by_the_search():
    assert SearchEntry.objects.count() == Product.objects.filter(status=ListingStatus.LIVE).count()


def a_seller_has_listings_and_changes_in_every_state():
    theirs = Product.objects.filter(seller__email="seller@demo.ecs")
    assert set(theirs.values_list("status", flat=True)) == set(ListingStatus)
    changes = ListingEdit.objects.filter(product__seller__email="seller@demo.ecs")
    assert set(changes.values_list("status", flat=True)) == set(EditStatus)
    told = set(Notification.objects.filter(recipient__email="seller@demo.ecs").values_list("kind", flat=True))
    assert told >= {"edit_confirmed", "edit_changes", "edit_declined", "listing_approved", "listing_rejected"}
    cup = theirs.get(title="Morning Cup with Saucer")
    assert "180 ml up to the brim" in cup.description
    assert "fork" not in theirs.get(title="Blue Breakfast Bowl and Spoon").description


def a_shop_has_three_hundred_listings_and_no_picture_of_its_own():
    """Its files are those of the goods that were bought new."""
    theirs = Product.objects.filter(seller__seller_profile__shop_name=second_hand.SHOP)
    assert theirs.count() == second_hand.LISTINGS == 300
    assert len(set(theirs.values_list("title", flat=True))) == 300
    assert theirs.filter(status=ListingStatus.LIVE, in_stock=True).count() > 200
    files = set(ProductImage.objects.filter(product__in=theirs).values_list("picture", flat=True))
    others = ProductImage.objects.exclude(product__in=theirs)
    assert files <= set(others.values_list("picture", flat=True))


def payouts_are_in_every_state():
    assert set(Payout.objects.values_list("status", flat=True)) == set(PayoutStatus)
    assert Payout.objects.filter(by_plan=True, status=PayoutStatus.SENT).exists()
    assert PayoutBatch.objects.get().sent_at is not None
    assert not ask_by_plan(clock.now()).done, "the clock has nothing to catch up with"


def a_hundred_more_share_their_pictures(books):
    """`--products` goes on from where it was, and the same number again adds nothing."""
    live = Product.objects.filter(status=ListingStatus.LIVE)
    goal = live.count() + 100
    for _ in range(2):
        call_command("demo", "--really", "--really", "--products", str(goal), verbosity=0)
        assert live.count() == goal
    imported = Product.objects.filter(variants__sku__startswith="CROWD-")
    assert not imported.filter(images=None).exists()
    assert not imported.filter(search_entry=None).exists()
    moved = dict(StockMove.objects.values_list("variant_id").annotate(Sum("delta")))
    assert all(moved.get(pk, 0) == stock for pk, stock in imported.values_list("variants", "variants__stock"))


@pytest.mark.every_database
def test_an_interrupted_demo_is_finished_by_the_next_run(db, monkeypatch, small_pictures, books_balance):
    """Stopped in the middle of the diary: nothing is there twice in the end."""
    few = [pair for pair in world.items() if pair[2].title in world.NEEDED_EARLY]
    monkeypatch.setattr(world, "items", lambda: few)
    monkeypatch.setattr(world, "draw_all", lambda jobs, processes: iter(()))
    real, calls = delivery.claim, []

    def interrupted(*claim):
        calls.append(claim)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*claim)

    monkeypatch.setattr(delivery, "claim", interrupted)
    with pytest.raises(KeyboardInterrupt):
        call_command("demo", "--really", "--really", verbosity=0)
    assert world.has_begun()
    assert not world.is_complete()
    # The clock went on in between: what nobody had carried by then is cancelled, and stays so.
    cancelled = cancel_overdue(clock.now()).done
    assert cancelled == 1

    call_command("demo", "--really", "--really", verbosity=0)

    assert world.is_complete()
    assert Order.objects.count() == len(STORIES)
    carried = sum(bool(way.courier) for story in STORIES for way in story.ways.values())
    assert Delivery.objects.count() == carried - cancelled
    assert Product.objects.filter(status=ListingStatus.LIVE).count() == len(few) + second_hand.LISTINGS
    assert set(ListingEdit.objects.values_list("status", flat=True)) == set(EditStatus)
    assert ListingEdit.objects.count() == len(edits.WANTED)
    assert len(payouts.WANTED) - cancelled <= Payout.objects.count() <= len(payouts.WANTED)
    assert User.objects.count() == len(world.everybody())
    assert not SaleEvent.objects.values("name").annotate(n=Sum(1)).filter(n__gt=1).exists()


def test_the_data_fits_together():
    """Every item stands on a shelf, has a brand, a cut-out and words of its own."""
    items = [item for _shop, _palette, item in world.items()]
    names = {shelf.name for top in SHELVES for shelf in _walk(top)}
    assert {item.shelf for item in items} <= names
    assert {item.brand for item in items} == set(BRANDS)
    assert len({item.title for item in items}) == len({item.text for item in items}) == len(items)
    cutouts = {path.stem for path in studio.CUTOUTS.glob("*.webp")}
    assert cutouts == {item.cutout for item in items}
    assert sum(path.stat().st_size for path in studio.CUTOUTS.iterdir()) < 4_000_000


def _walk(shelf):
    yield shelf
    for below in shelf.below:
        yield from _walk(below)


@pytest.mark.parametrize("shot", [studio.FRONT, studio.TILTED, studio.CLOSE, studio.TOGETHER])
def test_a_picture_is_square_opaque_and_the_same_every_time(shot):
    first, second = (
        studio.photograph("1fad6", product="Teapot", palette="sand", shot=shot) for _ in range(2)
    )

    assert first == second
    with Image.open(io.BytesIO(first)) as picture:
        assert (picture.format, picture.size, picture.mode) == ("JPEG", (studio.SIZE, studio.SIZE), "RGB")
        assert len(set(picture.resize((8, 8)).tobytes())) > 20


@pytest.mark.parametrize("said", [0, 1])
@pytest.mark.parametrize(
    ("debug", "staff", "reason"), [(False, False, "DEBUG is off"), (True, True, "admins of its own")]
)
def test_a_store_that_may_be_somebodys_own_gets_no_demo_unless_it_is_said_twice(
    db, person, settings, monkeypatch, debug, staff, reason, said
):
    settings.DEBUG = debug
    if staff:
        person(Role.SUPERADMIN)
    before = User.objects.count()

    with pytest.raises(CommandError, match=reason):
        call_command("demo", *["--really"] * said, products=5, verbosity=0)
    assert User.objects.count() == before

    built = []
    monkeypatch.setattr(world, "build", lambda **_: built.append(True))
    call_command("demo", "--really", "--really", verbosity=0)
    assert built


def test_the_demos_own_admins_are_no_reason_against_it(db, person, settings):
    settings.DEBUG = True
    person(Role.SUPERADMIN, email="superadmin@demo.ecs")

    assert world.reasons_against() == []


def test_everybody_in_the_demo_has_an_address_that_says_so():
    people = [*PEOPLE, *(shop.owner for shop in SHOPS)]

    assert all(User(email=person.email).is_demo for person in people)
