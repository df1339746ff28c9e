"""Fills one database for the bench: `python -m site_config.bench.prepare PRODUCTS BUYERS`, DATABASE_URL says which.

Prints, as JSON, the addresses and people that the bench asks with. Pictures are named but not drawn: a
page writes their addresses, and nobody fetches them here.
"""

import json
import sys
from datetime import timedelta

import django

django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Count, Q  # noqa: E402
from django.urls import reverse  # noqa: E402

from marketplace.accounts.models import User  # noqa: E402
from marketplace.common import clock  # noqa: E402
from marketplace.common.authorisation import SYSTEM  # noqa: E402
from marketplace.products.models import Category, Product, ProductImage, Variant  # noqa: E402
from marketplace.products.services import change_stock  # noqa: E402
from marketplace.products.states import ListingStatus  # noqa: E402
from site_config.acts import people, wallet  # noqa: E402
from site_config.demo import crowd, world  # noqa: E402

WORDS = ["lamp", "classic teapot", "red", "wooden", "guitar coral", "sunglasses", "bread", "blue book"]
IN_CARTS = 300
PLENTY = 900_000
MONEY = 10**11


def name_pictures() -> None:
    """As if every demo item had one picture of 900 pixels."""
    products = list(Product.objects.filter(cover_name=""))
    for product in products:
        product.cover_name, product.cover_alt = f"products/bench-{product.pk}.webp", product.title
        product.cover_width = product.cover_height = 900
    Product.objects.bulk_update(
        products, ["cover_name", "cover_alt", "cover_width", "cover_height"], batch_size=200
    )
    ProductImage.objects.bulk_create(
        ProductImage(
            product=product, picture=product.cover_name, width=900, height=900, alt_text=product.title
        )
        for product in products
    )


def newcomer(email: str) -> User:
    """Somebody with a place, and without a password that can be typed."""
    user = people.join(email=email, password=None, name="Bench")
    people.settle(user)
    return user


def invite(number: int) -> list[dict]:
    """Buyers with a place, money and a session."""
    emails = [f"bench-{index:05d}@bench.ecs" for index in range(number)]
    known = {user.email: user for user in User.objects.filter(email__in=emails)}
    users = [known.get(email) or newcomer(email) for email in emails]
    sessions = []
    for user in users:
        wallet.top_up(user, MONEY, key=f"bench:{user.pk}")
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "marketplace.accounts.backends.AccountBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.set_expiry(clock.now() + timedelta(days=1))
        session.save()
        sessions.append({"user": user.pk, "session": session.session_key})
    return sessions


def main(products: int, buyers: int) -> None:
    call_command("migrate", verbosity=0)
    if not world.is_complete():
        world.draw_all = lambda jobs, processes: iter(())
        call_command("demo", really=2, verbosity=0, stdout=sys.stderr)
        name_pictures()
    if missing := crowd.missing(products):
        crowd.fill(missing, progress=world._Silent())
    live = Product.objects.filter(status=ListingStatus.LIVE)
    for_carts = list(
        Variant.objects.filter(product__status=ListingStatus.LIVE, is_offered=True, current_price__lt=50_000)
        .order_by("pk")
        .values_list("pk", "seller_id", "stock")[:IN_CARTS]
    )
    for pk, _seller, stock in for_carts:
        if stock < PLENTY // 2:
            change_stock(variant_id=pk, change=PLENTY - stock, actor=SYSTEM)
    guests = invite(buyers)
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    categories = list(
        Category.objects.annotate(number=Count("products", filter=Q(products__status=ListingStatus.LIVE)))
        .filter(number__gte=25, children=None)
        .order_by("pk")
        .values_list("slug", flat=True)[:8]
    )
    facts = {
        "products": live.count(),
        "home": [reverse("shop:home")],
        "category": [reverse("shop:category", args=[slug]) for slug in categories],
        "category_slugs": categories,
        "search": [reverse("shop:search") + "?q=" + word.replace(" ", "+") for word in WORDS],
        "product": [
            reverse("shop:product", args=[slug])
            for slug in live.order_by("-pk").values_list("slug", flat=True)[:40]
        ],
        "cart_add": reverse("shop:cart_add"),
        "checkout": reverse("shop:checkout"),
        "for_carts": [[pk, seller] for pk, seller, _stock in for_carts],
        "people": guests,
    }
    json.dump(facts, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
