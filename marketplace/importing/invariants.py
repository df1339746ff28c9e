"""What must always hold of imports: each SQL must return no row."""

from marketplace.common.invariants import Invariant

INVARIANTS = [
    Invariant(
        "a product that was brought over is its seller's",
        "SELECT i.id FROM importing_importedproduct i JOIN products_product p ON p.id = i.product_id"
        " WHERE p.seller_id <> i.seller_id",
    ),
    Invariant(
        "an import is never further than its file",
        "SELECT id FROM importing_importrun WHERE status IN ('checked', 'running', 'done') AND place > products",
    ),
]
