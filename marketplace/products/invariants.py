"""What must always hold of stock, prices and the category tree (docs/reliability.md §2)."""

from marketplace.common.invariants import Invariant

INVARIANTS = [
    Invariant(
        "I15 stock is never negative, and in_stock says whether there is any",
        "SELECT id, stock FROM products_product WHERE stock < 0"
        " OR (stock > 0 AND NOT in_stock) OR (stock = 0 AND in_stock)",
    ),
    Invariant(
        "I16 a product's stock is the sum of its moves",
        "SELECT p.id, p.stock, COALESCE(SUM(m.delta), 0) FROM products_product p"
        " LEFT JOIN products_stockmove m ON m.product_id = p.id"
        " GROUP BY p.id, p.stock HAVING p.stock <> COALESCE(SUM(m.delta), 0)",
    ),
    Invariant(
        "I16 each stock move has one cause and moves something",
        "SELECT id FROM products_stockmove WHERE delta = 0"
        " OR (kind = 'sold' AND delta > 0) OR (kind IN ('received', 'restocked') AND delta < 0)",
    ),
    Invariant(
        "I17 never more pieces went than had come before",
        "SELECT product_id, MIN(running) FROM (SELECT product_id,"
        " SUM(delta) OVER (PARTITION BY product_id ORDER BY id) AS running FROM products_stockmove) moves"
        " GROUP BY product_id HAVING MIN(running) < 0",
    ),
    Invariant(
        "I37 what a product costs is at least one minor unit and never above its list price",
        "SELECT id, current_price, price FROM products_product WHERE current_price < 1 OR current_price > price",
    ),
    Invariant(
        "I37 a product is on sale exactly if it costs less than its list price, and then says its lowest price",
        "SELECT id FROM products_product WHERE (on_sale AND current_price >= price)"
        " OR (NOT on_sale AND current_price < price) OR (on_sale AND lowest_price_30d IS NULL)"
        " OR (NOT on_sale AND lowest_price_30d IS NOT NULL)",
    ),
    Invariant(
        "the price history of a live product ends with what it costs",
        "SELECT p.id FROM products_product p WHERE p.status = 'live' AND p.current_price <> COALESCE("
        "(SELECT h.price FROM products_pricechange h WHERE h.product_id = p.id"
        " ORDER BY h.at DESC, h.id DESC LIMIT 1), -1)",
    ),
    Invariant(
        "the last step of a listing's history is its status",
        "SELECT p.id FROM products_product p WHERE p.status <> COALESCE("
        "(SELECT e.to_status FROM products_listingevent e WHERE e.product_id = p.id ORDER BY e.id DESC LIMIT 1),"
        " '')",
    ),
    Invariant(
        "exactly the live products are in the search's index",
        "SELECT p.id FROM products_product p LEFT JOIN products_searchentry s ON s.product_id = p.id"
        " WHERE (p.status = 'live' AND s.product_id IS NULL) OR (p.status <> 'live' AND s.product_id IS NOT NULL)",
    ),
    Invariant(
        "I41 the tree has no cycle and is at most five deep: each category is reached once, from a root",
        "WITH RECURSIVE reached(id, depth) AS (SELECT id, 1 FROM products_category WHERE parent_id IS NULL"
        " UNION ALL SELECT c.id, r.depth + 1 FROM products_category c JOIN reached r ON c.parent_id = r.id"
        " WHERE r.depth < 6)"
        " SELECT c.id FROM products_category c LEFT JOIN reached r ON r.id = c.id"
        " GROUP BY c.id, c.depth HAVING COUNT(r.id) <> 1 OR c.depth > 5 OR MIN(r.depth) <> c.depth",
    ),
    Invariant(
        "I41 the list of ancestors is the tree",
        "SELECT c.id FROM products_category c LEFT JOIN products_categoryancestor a ON a.category_id = c.id"
        " GROUP BY c.id, c.depth HAVING COUNT(a.id) <> c.depth"
        " UNION ALL SELECT c.id FROM products_category c"
        " WHERE NOT EXISTS (SELECT 1 FROM products_categoryancestor s"
        " WHERE s.category_id = c.id AND s.ancestor_id = c.id)"
        " UNION ALL SELECT c.id FROM products_category c JOIN products_categoryancestor a"
        " ON a.category_id = c.parent_id LEFT JOIN products_categoryancestor b"
        " ON b.category_id = c.id AND b.ancestor_id = a.ancestor_id WHERE b.id IS NULL",
    ),
    Invariant(
        "a product shows at most eight pictures, and its card the first of them",
        "SELECT product_id FROM products_productimage GROUP BY product_id HAVING COUNT(*) > 8"
        " UNION ALL SELECT p.id FROM products_product p WHERE p.cover_name <> COALESCE("
        "(SELECT i.picture FROM products_productimage i WHERE i.product_id = p.id"
        " ORDER BY i.position, i.id LIMIT 1), '')",
    ),
]
