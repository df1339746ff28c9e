"""How tests read a list of products, and what they ask as htmx does."""

import re

import pytest
from django.db import connection
from django.urls import reverse

from marketplace.web.tests.markup import markup

# MariaDB's full text index holds only what is committed.
searches = pytest.mark.django_db(transaction=connection.vendor == "mysql")

HTMX = {"HX-Request": "true", "HX-Target": "results"}
MORE = {"HX-Request": "true", "HX-Target": "more"}


def category_page(slug="kettles") -> str:
    return reverse("shop:category", args=[slug])


def titles(response) -> list[str]:
    return re.findall(r'<h3 class="title"><a href="[^"]*">([^<]*)</a>', markup(response))


def product_page(product) -> str:
    return reverse("shop:product", args=[product.slug])
