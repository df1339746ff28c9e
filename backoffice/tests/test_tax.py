"""Staff say which tax class a category's goods have, once for each form that they saw."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from marketplace.accounts.models import Role
from marketplace.accounts.shops import set_small_business
from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid
from marketplace.products.models import Category
from marketplace.products.services import set_tax_class
from marketplace.products.shown import mark_of_tax_classes

pytestmark = pytest.mark.django_db
PAGE = reverse("backoffice:tax")


@pytest.fixture
def office(person, as_person, settings):
    settings.TAX_RATES = {"DE": {"standard": 1900, "reduced": 700}}
    return as_person(person(Role.ADMIN))


@pytest.fixture
def food(make_category):
    return make_category("Food")


def send(office, food, to, **other):
    form = {"category": str(food.pk), "tax_class": to, "shown": mark_of_tax_classes()}
    return office.post(PAGE, form | other)


def class_of(category):
    return Category.objects.get(pk=category.pk).tax_class


def test_a_class_is_given_and_what_is_beneath_has_it(office, food, make_category):
    make_category("Bread", parent=food)

    assert send(office, food, "reduced").status_code == 303

    page = office.get(PAGE).content.decode()
    assert class_of(food) == "reduced"
    assert page.count("7%") == 3  # the rate itself, Food and Bread


def test_a_class_is_taken_away_again(office, food):
    send(office, food, "reduced")
    send(office, food, "")

    assert class_of(food) == ""


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"category": "999999"}, "That category does not exist."),
        ({"category": "x"}, "That category does not exist."),
        ({"category": ""}, "Which category?"),
        ({"tax_class": "luxury"}, "There is no such tax class."),
    ],
)
def test_what_there_is_not_is_said_beside_its_field(office, food, sent, sentence):
    answer = send(office, food, "reduced", **sent)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert class_of(food) == ""


def test_a_form_that_was_drawn_before_is_refused(office, food):
    mark = mark_of_tax_classes()
    set_tax_class(category_id=food.pk, tax_class="low", actor=SYSTEM)

    assert send(office, food, "reduced", shown=mark).status_code == 409
    assert class_of(food) == "low"


def test_the_service_refuses_what_no_form_sends(food, seller):
    with pytest.raises(Invalid) as refusal:
        set_tax_class(category_id=food.pk, tax_class="luxury", actor=SYSTEM)
    assert refusal.value.field == "tax_class"
    with pytest.raises(Invalid):
        set_tax_class(category_id=999_999, tax_class="low", actor=SYSTEM)
    with pytest.raises(PermissionDenied):
        set_tax_class(category_id=food.pk, tax_class="low", actor=seller)
    assert class_of(food) == ""


def test_a_store_without_rates_says_so(office, food, settings):
    settings.TAX_RATES = {}

    assert "TAX_RATES" in office.get(PAGE).content.decode()


def test_staff_see_that_a_shop_is_a_small_business(office, seller):
    page = reverse("backoffice:shop", args=[seller.seller_profile.slug])
    assert "Small business, no tax" not in office.get(page).content.decode()

    set_small_business(user_id=seller.pk, is_small_business=True, actor=seller)

    assert "Small business, no tax" in office.get(page).content.decode()
