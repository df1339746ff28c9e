"""What must always hold of stock, prices and the category tree (docs/reliability.md §2)."""

from marketplace.common.invariants import Invariant

INVARIANTS = [
    Invariant(
        "I15 stock is never negative",
        "SELECT id, stock FROM products_variant WHERE stock < 0",
    ),
    Invariant(
        "I15 a product is in stock exactly if a variant that is offered is",
        "SELECT p.id FROM products_product p WHERE p.in_stock <> EXISTS (SELECT 1 FROM products_variant v"
        " WHERE v.product_id = p.id AND v.is_offered AND v.stock > 0)",
    ),
    Invariant(
        "every product has a variant, and each is its seller's",
        "SELECT p.id FROM products_product p LEFT JOIN products_variant v ON v.product_id = p.id"
        " WHERE v.id IS NULL OR v.seller_id <> p.seller_id",
    ),
    Invariant(
        "a product without options offers one variant at most",
        "SELECT p.id FROM products_product p JOIN products_variant v ON v.product_id = p.id AND v.is_offered"
        " WHERE v.option1 = '' GROUP BY p.id HAVING COUNT(*) > 1",
    ),
    Invariant(
        "I16 a variant's stock is the sum of its moves",
        "SELECT v.id, v.stock, COALESCE(SUM(m.delta), 0) FROM products_variant v"
        " LEFT JOIN products_stockmove m ON m.variant_id = v.id"
        " GROUP BY v.id, v.stock HAVING v.stock <> COALESCE(SUM(m.delta), 0)",
    ),
    Invariant(
        "I16 each stock move has one cause and moves something",
        "SELECT id FROM products_stockmove WHERE delta = 0"
        " OR (kind = 'sold' AND delta > 0) OR (kind IN ('received', 'restocked') AND delta < 0)",
    ),
    Invariant(
        "I17 never more pieces went than had come before",
        "SELECT variant_id, MIN(running) FROM (SELECT variant_id,"
        " SUM(delta) OVER (PARTITION BY variant_id ORDER BY id) AS running FROM products_stockmove) moves"
        " GROUP BY variant_id HAVING MIN(running) < 0",
    ),
    Invariant(
        "I37 what a variant costs is at least one minor unit and never above its list price",
        "SELECT id, current_price, price FROM products_variant WHERE current_price < 1 OR current_price > price",
    ),
    Invariant(
        "I37 a variant's lowest price is said only of a reduction, and at least one percent above what it costs",
        "SELECT id FROM products_variant WHERE (lowest_price_30d IS NOT NULL AND current_price >= price)"
        " OR (lowest_price_30d - current_price) * 100 < lowest_price_30d",
    ),
    Invariant(
        "I37 a product is on sale exactly if it says its lowest price",
        "SELECT id FROM products_product WHERE (on_sale AND lowest_price_30d IS NULL)"
        " OR (NOT on_sale AND lowest_price_30d IS NOT NULL)",
    ),
    Invariant(
        "a product costs what the cheapest of its variants does that can be had (of all, if none can)",
        "SELECT p.id, p.current_price, p.price_to, MIN(v.current_price), MAX(v.current_price)"
        " FROM products_product p JOIN products_variant v ON v.product_id = p.id AND v.is_offered"
        " AND (v.stock > 0 OR NOT p.in_stock) GROUP BY p.id, p.current_price, p.price_to"
        " HAVING p.current_price <> MIN(v.current_price) OR p.price_to <> MAX(v.current_price)",
    ),
    Invariant(
        "a product's price columns are those of one of its variants",
        "SELECT p.id FROM products_product p WHERE EXISTS (SELECT 1 FROM products_variant v"
        " WHERE v.product_id = p.id AND v.is_offered) AND NOT EXISTS (SELECT 1 FROM products_variant v"
        " WHERE v.product_id = p.id AND v.is_offered AND v.price = p.price AND v.current_price = p.current_price"
        " AND COALESCE(v.lowest_price_30d, -1) = COALESCE(p.lowest_price_30d, -1))",
    ),
    Invariant(
        "the price history of a live product's variants ends with what they cost",
        "SELECT v.id FROM products_variant v JOIN products_product p ON p.id = v.product_id"
        " WHERE p.status = 'live' AND v.is_offered AND v.current_price <> COALESCE("
        "(SELECT h.price FROM products_pricechange h WHERE h.variant_id = v.id"
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
        "its seller finds a listing, and nobody else does",
        "SELECT p.id FROM products_product p LEFT JOIN products_ownword w ON w.product_id = p.id"
        " WHERE w.id IS NULL OR w.seller_id <> p.seller_id",
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
        "of what a listing said before, each number is kept once, and of what it says now none is",
        "SELECT p.id, p.content_number FROM products_product p"
        " LEFT JOIN products_listingversion v ON v.product_id = p.id GROUP BY p.id, p.content_number"
        " HAVING COUNT(v.id) <> p.content_number - 1 OR COALESCE(MAX(v.number), 0) >= p.content_number",
    ),
    Invariant(
        "one edit is open a listing, of one that shoppers have seen",
        "SELECT e.id, e.status FROM products_listingedit e JOIN products_product p ON p.id = e.product_id"
        " WHERE (e.status IN ('draft', 'pending', 'changes_requested')) <> (e.open_key IS NOT NULL)"
        " OR (e.status IN ('draft', 'pending', 'changes_requested')"
        " AND p.status NOT IN ('live', 'paused', 'suspended'))"
        " UNION ALL SELECT MIN(id), 'twice' FROM products_listingedit"
        " WHERE status IN ('draft', 'pending', 'changes_requested') GROUP BY product_id HAVING COUNT(*) > 1",
    ),
    Invariant(
        "an edit is where its history ends",
        "SELECT e.id, e.status FROM products_listingedit e WHERE NOT EXISTS (SELECT 1 FROM"
        " products_editevent h WHERE h.edit_id = e.id AND h.to_status = e.status AND h.id ="
        " (SELECT MAX(l.id) FROM products_editevent l WHERE l.edit_id = e.id))",
    ),
    Invariant(
        "an edit waits, or is asked to be changed, exactly as long as its submission does",
        "SELECT e.id, e.status FROM products_listingedit e LEFT JOIN reviewing_submission s"
        " ON s.object_id = e.id AND s.kind = 'listing_edit' AND s.open_key IS NOT NULL"
        " WHERE (CASE WHEN e.status = 'pending' THEN 'submitted' WHEN e.status = 'changes_requested'"
        " THEN 'changes_requested' ELSE '' END) <> COALESCE(s.status, '')",
    ),
    Invariant(
        "what a submission about a listing is open for waits, or is asked to be changed",
        "SELECT p.id, p.status, s.status FROM products_product p JOIN reviewing_submission s"
        " ON s.object_id = p.id AND s.kind = 'listing' AND s.open_key IS NOT NULL WHERE p.status <>"
        " (CASE WHEN s.status = 'submitted' THEN 'pending' ELSE s.status END)",
    ),
    Invariant(
        "a product shows at most eight pictures, and its card the first of them",
        "SELECT product_id FROM products_productimage GROUP BY product_id HAVING COUNT(*) > 8"
        " UNION ALL SELECT edit_id FROM products_stagedpicture GROUP BY edit_id HAVING COUNT(*) > 8"
        " UNION ALL SELECT p.id FROM products_product p WHERE p.cover_name <> COALESCE("
        "(SELECT i.picture FROM products_productimage i WHERE i.product_id = p.id"
        " ORDER BY i.position, i.id LIMIT 1), '')",
    ),
]
