"""The store suspends a shop and opens it again; a vacation ends by itself; a shop shows pictures."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from PIL import Image

from marketplace.accounts.models import SellerProfile
from marketplace.accounts.shops import go_away
from marketplace.accounts.shown import mark_of_suspension
from marketplace.applications.pictures import SIZES, folder_of, forget_orphan_shop_pictures
from marketplace.applications.services import (
    lift_shop_suspension,
    remove_shop_picture,
    save_shop_picture,
    suspend_shop,
)
from marketplace.applications.vacations import tell_who_is_back
from marketplace.common import clock
from marketplace.common.errors import Invalid, StaleState
from marketplace.notifications.models import Notification

pytestmark = [pytest.mark.django_db, pytest.mark.every_database, pytest.mark.usefixtures("books_balance")]

DAY = timedelta(days=1)


def shop_of(seller) -> SellerProfile:
    return SellerProfile.objects.get(pk=seller.pk)


def everything() -> list[list[dict]]:
    return [list(model.objects.order_by("pk").values()) for model in (SellerProfile, Notification)]


def told(person) -> list[str]:
    return list(Notification.objects.filter(recipient=person).order_by("pk").values_list("kind", flat=True))


def picture(size=(900, 300), kind="PNG") -> BytesIO:
    file = BytesIO()
    Image.new("RGB", size, (10, 120, 90)).save(file, kind)
    file.seek(0)
    return file


class TestSuspending:
    def test_its_seller_reads_why_and_that_it_is_over(self, seller, admin):
        shop = suspend_shop(user_id=seller.pk, reason=" Fakes ", actor=admin)
        assert (shop.is_suspended, shop.suspended_reason) == (True, "Fakes")
        assert not shop_of(seller).is_open(clock.now())

        lift_shop_suspension(user_id=seller.pk, actor=admin)

        assert (shop_of(seller).suspended_at, shop_of(seller).suspended_reason) == (None, "")
        assert shop_of(seller).is_open(clock.now())
        assert told(seller) == ["shop_suspended", "shop_reopened"]
        assert Notification.objects.filter(recipient=seller).earliest("pk").extra_data == {"reason": "Fakes"}

    def test_with_a_reason_by_staff_once(self, seller, other_seller, buyer, courier, admin):
        before = everything()

        for actor in (seller, other_seller, buyer, courier):
            with pytest.raises(PermissionDenied):
                suspend_shop(user_id=seller.pk, reason="Envy", actor=actor)
            with pytest.raises(PermissionDenied):
                lift_shop_suspension(user_id=seller.pk, actor=actor)
        with pytest.raises(Invalid):
            suspend_shop(user_id=seller.pk, reason=" ", actor=admin)
        with pytest.raises(StaleState):
            lift_shop_suspension(user_id=seller.pk, actor=admin)
        assert everything() == before

        suspend_shop(user_id=seller.pk, reason="Fakes", actor=admin)
        before = everything()
        with pytest.raises(StaleState):
            suspend_shop(user_id=seller.pk, reason="Fakes", actor=admin)
        assert everything() == before

    def test_another_suspension_than_the_one_shown_is_not_lifted(self, seller, admin):
        mark = mark_of_suspension(suspend_shop(user_id=seller.pk, reason="Fakes", actor=admin))
        lift_shop_suspension(user_id=seller.pk, actor=admin, expected=mark)
        with clock.moved(timedelta(minutes=1)):
            suspend_shop(user_id=seller.pk, reason="Again", actor=admin)
        before = everything()

        with pytest.raises(StaleState):
            lift_shop_suspension(user_id=seller.pk, actor=admin, expected=mark)
        assert everything() == before

    def test_open_orders_go_on(self, seller, buyer, courier, admin, on_its_way, confirm):
        job = on_its_way()
        suspend_shop(user_id=seller.pk, reason="Fakes", actor=admin)

        confirm(job)

        job.shipment.refresh_from_db()
        assert job.shipment.status == "delivered"


class TestComingBack:
    def test_a_seller_is_told_once_when_it_is_over(self, seller, other_seller):
        now = clock.now()
        go_away(user_id=seller.pk, away_from=now - DAY, away_until=now + DAY, note="Sea", actor=seller)
        go_away(user_id=other_seller.pk, away_from=now + DAY, away_until=now + 9 * DAY, actor=other_seller)

        assert tell_who_is_back(now).done == 0
        assert shop_of(seller).is_away(now)
        later = now + 2 * DAY
        assert shop_of(seller).is_open(later), "by the clock alone, whether or not the sweep ran"
        assert [tell_who_is_back(later).done for _again in range(2)] == [1, 0]

        assert told(seller) == ["shop_is_back"]
        assert told(other_seller) == []
        assert (shop_of(seller).away_from, shop_of(seller).away_note) == (None, "")
        assert shop_of(other_seller).away_from is not None

    @pytest.mark.django_db(transaction=True)
    def test_many_sweeps_at_once_tell_it_once(self, seller, race):
        now = clock.now()
        go_away(user_id=seller.pk, away_from=now - DAY, away_until=now + DAY, actor=seller)

        results = race(lambda _n: tell_who_is_back(now + 2 * DAY), range(4))

        assert sum(result.done for result in results) == 1
        assert told(seller) == ["shop_is_back"]


class TestPictures:
    @pytest.mark.parametrize("place", SIZES)
    def test_one_is_shown_instead_of_the_other_and_drawn_anew(self, seller, place):
        first = getattr(
            save_shop_picture(user_id=seller.pk, place=place, file=picture(), actor=seller), place
        )

        shop = save_shop_picture(
            user_id=seller.pk, place=place, file=picture((90, 400), "JPEG"), actor=seller
        )

        name = getattr(shop, place)
        assert name != first
        assert name.startswith(folder_of(place))
        with default_storage.open(name) as file, Image.open(file) as drawn:
            assert (drawn.format, drawn.size) == ("WEBP", SIZES[place])
        assert not default_storage.exists(first)
        assert getattr(shop_of(seller), f"{place}_url").endswith(name)

        remove_shop_picture(user_id=seller.pk, place=place, actor=seller)
        assert getattr(shop_of(seller), place) == ""
        assert not default_storage.exists(name)

    def test_what_is_no_picture_or_somebody_elses_shop_leaves_nothing(self, seller, other_seller, admin):
        before = everything()

        with pytest.raises(Invalid):
            save_shop_picture(user_id=seller.pk, place="logo", file=BytesIO(b"GIF89a"), actor=seller)
        for actor in (other_seller, admin):
            with pytest.raises(PermissionDenied):
                save_shop_picture(user_id=seller.pk, place="logo", file=picture(), actor=actor)
            with pytest.raises(PermissionDenied):
                remove_shop_picture(user_id=seller.pk, place="logo", actor=actor)

        assert everything() == before

    def test_the_sweep_takes_away_what_no_shop_shows(self, seller, monkeypatch):
        kept = save_shop_picture(user_id=seller.pk, place="logo", file=picture(), actor=seller).logo
        forget_orphan_shop_pictures(clock.now() + 2 * DAY)  # what tests whose rows are undone have left
        default_storage.save(f"{folder_of('logo')}/lost.webp", BytesIO(b"x"))

        assert forget_orphan_shop_pictures(clock.now()) == 0, "its row may follow"
        assert forget_orphan_shop_pictures(clock.now() + 2 * DAY) == 1

        assert default_storage.exists(kept)
