"""A seller finds their own listings, in whatever state: by how words of the title, or of a SKU, begin."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection
from django.db.models import Q, QuerySet

from marketplace.common.transactions import service
from marketplace.products.locking import lock_products
from marketplace.products.models import OwnWord, Product, Variant

from .words import MOST_WORDS, compact, fold, read

LONGEST = 40
BATCH = 100  # listings that are locked together while all are written anew
_HIGHEST = chr(0x10FFFF)


def own_words_of(title: str, skus: Iterable[str]) -> set[str]:
    """What a listing is found by; never nothing."""
    words = {
        piece
        for text in (title, *skus)
        for word in read(text)
        for piece in _pieces(word.spelling, word.grams)
    }
    words |= {code for sku in skus if (code := compact(sku)[:LONGEST])}
    return words or {fold(title)[:LONGEST]}


def _pieces(spelling: str, grams: tuple[str, ...]) -> Iterable[str]:
    """A word; where none stands between its words (Han, Thai), it from each of its letters on."""
    return [spelling[start:] for start in range(len(spelling))] if grams else [spelling]


def write(product_ids: Iterable[int]) -> None:
    """Keep what these locked, or new, listings are found by as it is now: five statements at most."""
    ids = list(product_ids)
    skus: dict[int, set[str]] = defaultdict(set)
    for product_id, sku in Variant.objects.filter(product_id__in=ids).values_list("product_id", "sku"):
        skus[product_id].add(sku)
    wanted = {
        (pk, seller_id, word)
        for pk, seller_id, title in Product.objects.filter(pk__in=ids).values_list("pk", "seller_id", "title")
        for word in own_words_of(title, skus[pk])
    }
    there = {
        (product_id, seller_id, word): pk
        for pk, product_id, seller_id, word in OwnWord.objects.filter(product_id__in=ids).values_list(
            "pk", "product_id", "seller_id", "word"
        )
    }
    if gone := [pk for key, pk in there.items() if key not in wanted]:
        OwnWord.objects.filter(pk__in=gone).delete()
    OwnWord.objects.bulk_create(
        (
            OwnWord(product_id=product_id, seller_id=seller_id, word=word)
            for product_id, seller_id, word in sorted(wanted - set(there))
        ),
        batch_size=500,
    )


def found_by(found: QuerySet[Product], seller_id: int, text: str) -> QuerySet[Product]:
    """Those of a seller's listings with words that begin as all words of `text` do."""
    words = [word.spelling for word in read(text)] or [fold(text)]
    for word in words[:MOST_WORDS]:
        mine = OwnWord.objects.filter(_begins(word[:LONGEST]), seller=seller_id)
        found = found.filter(pk__in=mine.values("product"))
    return found


def _begins(word: str) -> Q:
    """A range of the index, as each database knows it."""
    if connection.vendor == "postgresql":
        return Q(word__startswith=word)
    if connection.vendor == "mysql":
        return Q(word__istartswith=word)  # "startswith" compares bytes, and reads no index
    return Q(word__gte=word, word__lt=word + _HIGHEST)


def rebuild() -> None:
    """Write the words of every listing anew: of those, too, that code without them has made or called otherwise."""
    last = 0
    while ids := list(
        Product.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]
    ):
        _rebuild_batch(ids)
        last = ids[-1]


@service
def _rebuild_batch(ids: list[int]) -> None:
    lock_products(ids)
    write(ids)
