"""Many at once: the search's vocabulary, and the pictures of one product."""

from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection

from marketplace.common.authorisation import SYSTEM
from marketplace.common.errors import Invalid
from marketplace.common.transactions import service
from marketplace.products.models import Product, ProductImage, SearchGram, SearchWord
from marketplace.products.search import index
from marketplace.products.search.words import grams_of
from marketplace.products.services import add_image, create_product, images

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

RIVALS = 8


class TestTheSameNewWordsAtOnce:
    WORDS = {word: word.title() for word in ("zephyr", "quokka", "xylophone", "nimbus", "marmalade")}

    def test_are_learnt_once_with_all_their_letters(self, race, monkeypatch):
        """Each rival has seen that the words are new before any writes them, in an order of its own."""
        all_have_looked = Barrier(2)
        new_words = SearchWord.objects.bulk_create

        def look_then_write(*given, **options):
            if connection.vendor != "sqlite":  # there only one may be in a transaction at all
                all_have_looked.wait(timeout=20)
            return new_words(*given, **options)

        monkeypatch.setattr(SearchWord.objects, "bulk_create", look_then_write)

        @service
        def learn(words):
            index.learn(words)

        results = race(learn, [self.WORDS, dict(reversed(self.WORDS.items()))])

        assert results == [None, None]
        self.everything_is_known(self.WORDS)

    def test_listings_with_the_same_new_words_all_go_through(self, race, seller, category):
        title = " ".join(self.WORDS)

        def list_it(_number):
            return create_product(
                seller_id=seller.pk,
                category_id=category.pk,
                brand_id=None,
                title=title,
                description="",
                price=1000,
                stock=1,
                status="live",
                actor=SYSTEM,
            )

        results = race(list_it, range(RIVALS))

        assert [result for result in results if isinstance(result, Exception)] == []
        assert Product.objects.count() == RIVALS
        self.everything_is_known(self.WORDS)

    @staticmethod
    def everything_is_known(words):
        for word in words:
            row = SearchWord.objects.get(word__startswith=word[:6])
            assert set(SearchGram.objects.filter(word=row).values_list("gram", flat=True)) == grams_of(
                row.word
            )


class TestPicturesAddedAtOnce:
    @pytest.fixture
    def folder(self, settings, tmp_path):
        settings.MEDIA_ROOT = tmp_path
        return tmp_path / "products"

    @pytest.fixture
    def nearly_full(self, folder, product, picture_file):
        """A product with six of its eight pictures."""
        for number in range(6):
            add_image(product_id=product.pk, file=picture_file(), alt_text=f"Picture {number}", actor=SYSTEM)
        return product

    def test_are_eight_at_most_each_at_its_place(
        self, nearly_full, folder, picture_file, race, books_balance
    ):
        results = race(
            lambda number: add_image(
                product_id=nearly_full.pk, file=picture_file(), alt_text=f"Late {number}", actor=SYSTEM
            ),
            range(5),
        )

        refused = [result for result in results if isinstance(result, Exception)]
        assert [type(error) for error in refused] == [Invalid] * 3
        rows = ProductImage.objects.filter(product=nearly_full)
        assert sorted(rows.values_list("position", flat=True)) == list(range(8))
        # The refused ones left no file behind.
        kept = {Path(name).name for name in rows.values_list("picture", flat=True)}
        assert {path.name for path in folder.iterdir() if path.is_file()} == kept

    def test_control_without_the_lock_there_are_too_many(
        self, nearly_full, picture_file, race, locks_rows, without_locks, monkeypatch
    ):
        if not locks_rows:
            pytest.skip("SQLite's BEGIN IMMEDIATE locks everything")
        without_locks()
        all_have_counted = Barrier(5)
        # The card's copy is left out: MariaDB's foreign key would keep the writers of it apart (M5).
        monkeypatch.setattr(images, "set_cover", lambda product: all_have_counted.wait(timeout=20))

        race(
            lambda number: add_image(
                product_id=nearly_full.pk, file=picture_file(), alt_text=f"Late {number}", actor=SYSTEM
            ),
            range(5),
        )

        assert ProductImage.objects.filter(product=nearly_full).count() > 8
