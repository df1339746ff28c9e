"""`manage.py rebuild_search`: index every live product anew, after an import that bypassed the services."""

from django.core.management.base import BaseCommand

from marketplace.products.search import index


class Command(BaseCommand):
    help = "Index every live product anew and count the vocabulary. The store may stay open."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"{index.rebuild()} products indexed")
