"""What the search knows: live products by their words, and words by their letters."""

from django.conf import settings
from django.db import models

from .catalogue import Product


class SearchEntry(models.Model):
    """What the search knows of a live product: normalised words (marketplace.products.search).

    The full-text index over these columns is each database's own (migration 0002).
    """

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="search_entry")
    title = models.TextField()
    keywords = models.TextField()  # brand, shop, categories, SKUs, option values
    body = models.TextField()

    def __str__(self) -> str:
        return self.title


class SearchWord(models.Model):
    """A word of titles, brands and categories, for typing mistakes and half-typed words."""

    word = models.CharField(max_length=40, unique=True)
    spelling = models.CharField(max_length=40)  # as a person writes it; `word` has lost its plural s
    frequency = models.PositiveIntegerField(default=0)  # products with it at the last rebuild

    def __str__(self) -> str:
        return self.word


class SearchGram(models.Model):
    """Three letters of a word: words that share many are spelt alike."""

    gram = models.CharField(max_length=3)
    word = models.ForeignKey(SearchWord, models.CASCADE, related_name="grams")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gram", "word"], name="products_gram_once")]

    def __str__(self) -> str:
        return self.gram


class OwnWord(models.Model):
    """A word by which its seller finds a listing, whatever state that is in: of its title, or of one of its SKUs.

    Folded, so that "begins with" is a range of one index on every database (`search.own`). Once a listing: written
    under its locks; no key says so, since MariaDB takes words for the same that are not.
    """

    # The index below begins with this key.
    seller = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    product = models.ForeignKey(Product, models.CASCADE, related_name="own_words")
    word = models.CharField(max_length=40)

    class Meta:
        indexes = [
            # PostgreSQL reads a beginning along an index of this kind only, whatever its collation.
            models.Index(
                fields=["seller", "word", "product"],
                name="product_own_word",
                opclasses=["int8_ops", "varchar_pattern_ops", "int8_ops"],
            )
        ]

    def __str__(self) -> str:
        return self.word
