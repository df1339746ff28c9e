"""Rows of small product files, and what an import may change."""

from marketplace.products.models import ListingEvent, Product, StockMove, Variant

MUG = {
    "Handle": "mug",
    "Title": "Mug",
    "Type": "Shirts",
    "Variant Price": "9.50",
    "Variant SKU": "M-1",
    "Variant Inventory Qty": "7",
}


def shirt(size: str, **cells: str) -> dict[str, str]:
    return {
        "Handle": "shirt",
        "Option1 Value": size,
        "Variant Price": "20",
        "Variant SKU": f"S-{size}",
        "Variant Inventory Qty": "3",
        **cells,
    }


SHIRT = [shirt("S", Title="Shirt", Type="Shirts", **{"Option1 Name": "Size"}), shirt("M")]


def facts() -> tuple[object, ...]:
    """All of the goods, as far as an import changes them."""
    return (
        sorted(Product.objects.values_list("pk", "title", "description", "status", "price", "version")),
        sorted(
            Variant.objects.values_list(
                "pk", "option1", "sku", "price", "stock", "weight_grams", "is_offered"
            )
        ),
        StockMove.objects.count(),
        ListingEvent.objects.count(),
    )
