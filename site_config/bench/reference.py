"""The page that the store's pages are measured against: the same 24 cards from one ORM query."""

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from marketplace.products.models import Product, ProductImage
from marketplace.products.states import ListingStatus

CARDS = 24


def cards(request: HttpRequest, slug: str) -> HttpResponse:
    """24 live products of a category, newest first, as model instances in a Django template."""
    first_picture = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "pk")
    products = (
        Product.objects.filter(status=ListingStatus.LIVE, category__slug=slug)
        .select_related("seller__seller_profile")
        .annotate(
            picture=Subquery(first_picture.values("picture")[:1]),
            picture_alt=Subquery(first_picture.values("alt_text")[:1]),
        )
        .order_by("-published_at", "-pk")[:CARDS]
    )
    return render(request, "reference.html", {"title": slug, "products": products})


def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("healthz", alive), path("c/<slug:slug>", cards)]
