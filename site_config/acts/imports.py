"""Sellers bring products over from a file."""

import io

from marketplace.accounts.models import User
from marketplace.common import clock
from marketplace.importing import services
from marketplace.importing.models import ImportRun


def product_file(*titles: str) -> io.BytesIO:
    """A product file as Shopify writes it: each of `titles` for ten, of the category that has lamps' name."""
    rows = [f"{title.lower()},{title},Lamps,10.00,{title}-1" for title in titles]
    file = io.BytesIO("\n".join(["Handle,Title,Type,Variant Price,Variant SKU", *rows, ""]).encode())
    file.name = "products.csv"
    return file


def look_through(seller: User, file: io.BytesIO) -> ImportRun:
    """Upload a product file, and wait for its preview."""
    run = services.upload_import(actor=seller, table=file, file_name="products.csv")
    services.run_imports(clock.now())
    run.refresh_from_db()
    return run
