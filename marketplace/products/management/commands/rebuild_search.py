"""`manage.py rebuild_search`: index anew what bypassed the services, live products and the words of all listings."""

from django.core.management.base import BaseCommand
from django.db import connection

from marketplace.common.maintenance import unhurried
from marketplace.products.search import index, own


class Command(BaseCommand):
    help = "Index every product anew and count the vocabulary. The store may stay open."

    def handle(self, *args: object, **options: object) -> None:
        with unhurried(connection):
            count = index.rebuild()
            own.rebuild()
        self.stdout.write(f"{count} products indexed")
