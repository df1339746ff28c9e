"""What must always hold of coupons (docs/reliability.md §2): each returns no row."""

from marketplace.common.invariants import Invariant

INVARIANTS = [
    Invariant(
        "I52 a coupon's count is its uses that were not given back, and no more than it may have",
        "SELECT c.id, c.uses, c.most_uses, COUNT(u.id) FROM coupons_coupon c LEFT JOIN coupons_couponuse u"
        " ON u.coupon_id = c.id AND u.given_back_at IS NULL GROUP BY c.id, c.uses, c.most_uses"
        " HAVING COUNT(u.id) <> c.uses OR c.uses > COALESCE(c.most_uses, c.uses)",
    ),
    Invariant(
        "I52 a use is of a version that there was, and is given back after it was made",
        "SELECT u.id FROM coupons_couponuse u JOIN coupons_coupon c ON c.id = u.coupon_id"
        " WHERE u.version > c.version OR u.version < 1 OR u.given_back_at < u.at",
    ),
]
