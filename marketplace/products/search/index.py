"""Keeping the search's index: the services call this in their own transaction."""

from collections.abc import Iterable

from marketplace.products.models import Product, SearchEntry, SearchGram, SearchWord
from marketplace.products.states import ListingStatus
from marketplace.products.tree import category_tree

from .words import grams_of, words_of


def add(product_ids: Iterable[int]) -> int:
    """Index these products as they are now, the live ones among them; returns how many."""
    tree = category_tree().by_id
    rows = Product.objects.filter(pk__in=list(product_ids), status=ListingStatus.LIVE).values_list(
        "pk", "title", "sku", "description", "brand__name", "category_id"
    )
    entries, vocabulary = [], set()
    for pk, title, sku, description, brand, category_id in rows:
        node = tree.get(category_id)
        categories = " ".join(part.name for part in node.path) if node else ""
        title_words, brand_words = words_of(title), words_of(brand or "")
        category_words = words_of(categories)
        vocabulary.update(title_words, brand_words, category_words)
        entries.append(
            SearchEntry(
                product_id=pk,
                title=" ".join(title_words),
                keywords=" ".join([*brand_words, *category_words, *words_of(sku)]),
                body=" ".join(words_of(description)),
            )
        )
    SearchEntry.objects.filter(product_id__in=[entry.product_id for entry in entries]).delete()
    SearchEntry.objects.bulk_create(entries, batch_size=500)
    learn(vocabulary)
    return len(entries)


def drop(product_ids: Iterable[int]) -> None:
    """Forget these products."""
    SearchEntry.objects.filter(product_id__in=list(product_ids)).delete()


def learn(words: Iterable[str]) -> None:
    """Add words to the vocabulary; the ones it has stay as they are."""
    words = set(words)
    unknown = sorted(words - set(SearchWord.objects.filter(word__in=words).values_list("word", flat=True)))
    if not unknown:
        return
    SearchWord.objects.bulk_create(
        [SearchWord(word=word) for word in unknown], ignore_conflicts=True, batch_size=1000
    )
    ids = dict(SearchWord.objects.filter(word__in=unknown).values_list("word", "pk"))
    SearchGram.objects.bulk_create(
        [SearchGram(gram=gram, word_id=ids[word]) for word in unknown for gram in sorted(grams_of(word))],
        ignore_conflicts=True,
        batch_size=1000,
    )
