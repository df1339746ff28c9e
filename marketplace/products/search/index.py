"""Keeping the search's index: the services call this in their own transaction.

`rebuild` makes it anew from the products, for an import that bypassed the services.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from django.db.models import QuerySet

from marketplace.common.transactions import service
from marketplace.products.models import Product, SearchEntry, SearchGram, SearchWord, Variant
from marketplace.products.states import ListingStatus
from marketplace.products.tree import category_tree

from .databases import read_stored, stored
from .words import grams_of, indexed, vocabulary_of, words_of_code


def add(product_ids: Iterable[int]) -> int:
    """Index these products as they are now, the live ones among them; returns how many."""
    tree = category_tree().by_id
    rows = list(
        Product.objects.filter(pk__in=list(product_ids), status=ListingStatus.LIVE).values_list(
            "pk", "title", "description", "brand__name", "seller__seller_profile__shop_name", "category_id"
        )
    )
    codes: dict[int, set[str]] = defaultdict(set)
    values: dict[int, set[str]] = defaultdict(set)
    variants = Variant.objects.filter(product_id__in=[row[0] for row in rows], is_offered=True)
    columns = ("product_id", "sku", "barcode", "option1", "option2", "option3")
    for pk, sku, barcode, *chosen in variants.values_list(*columns):
        codes[pk].update(words_of_code(sku))
        if barcode:
            codes[pk].add(barcode)
        values[pk].update(value for value in chosen if value)
    entries: list[SearchEntry] = []
    vocabulary: dict[str, str] = {}
    for pk, title, description, brand, shop, category_id in rows:
        node = tree.get(category_id)
        categories = " / ".join(part.name for part in node.path) if node else ""
        keywords = f"{brand or ''} / {shop or ''} / {categories} / {' / '.join(sorted(values[pk]))}"
        for text in (title, keywords, description):
            vocabulary.update(vocabulary_of(text))
        entries.append(
            SearchEntry(
                product_id=pk,
                title=stored(indexed(title, is_name=True)),
                keywords=stored([*indexed(keywords, is_name=True), *sorted(codes[pk])]),
                body=stored(indexed(description, is_name=False)),
            )
        )
    SearchEntry.objects.filter(product_id__in=[entry.product_id for entry in entries]).delete()
    SearchEntry.objects.bulk_create(entries, batch_size=500)
    learn(vocabulary)
    return len(entries)


def drop(product_ids: Iterable[int]) -> None:
    """Forget these products."""
    SearchEntry.objects.filter(product_id__in=list(product_ids)).delete()


def learn(vocabulary: Mapping[str, str]) -> None:
    """Add words with their spelling to the vocabulary; the ones it has stay as they are."""
    words = set(vocabulary)
    unknown = sorted(words - set(SearchWord.objects.filter(word__in=words).values_list("word", flat=True)))
    if not unknown:
        return
    SearchWord.objects.bulk_create(
        [SearchWord(word=word, spelling=vocabulary[word]) for word in unknown],
        ignore_conflicts=True,
        batch_size=500,
    )
    ids = SearchWord.objects.filter(word__in=unknown).values_list("word", "pk")
    SearchGram.objects.bulk_create(
        [SearchGram(gram=gram, word_id=pk) for word, pk in sorted(ids) for gram in sorted(grams_of(word))],
        ignore_conflicts=True,
        batch_size=500,
    )


BATCH = 500


def refresh(products: QuerySet[Product]) -> Iterator[list[int]]:
    """Index `products` again, the live ones, a transaction a batch; yields the keys of each batch.

    The store may stay open: a product is never missing from the index.
    """
    live, last = products.filter(status=ListingStatus.LIVE).order_by("pk"), 0
    while ids := list(live.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        _refresh_batch(ids)
        yield ids
        last = ids[-1]


def rebuild() -> int:
    """Index every live product anew and count the vocabulary; returns how many products."""
    SearchEntry.objects.exclude(product__status=ListingStatus.LIVE).delete()
    done = 0
    frequency: Counter[str] = Counter()
    for ids in refresh(Product.objects.all()):
        entries = SearchEntry.objects.filter(product_id__in=ids)
        for texts in entries.values_list("title", "keywords", "body"):
            frequency.update(read_stored(" ".join(texts)))
        done += len(ids)
    _count_words(frequency)
    return done


@service
def _refresh_batch(ids: list[int]) -> int:
    return add(ids)


@service
def _count_words(frequency: Counter[str]) -> None:
    changed = []
    for word in SearchWord.objects.order_by("pk"):
        if word.frequency != frequency[word.word]:
            word.frequency = frequency[word.word]
            changed.append(word)
    SearchWord.objects.bulk_update(changed, ["frequency"], batch_size=200)
    SearchWord.objects.filter(frequency=0).delete()
