"""What must always hold of points: each SQL must return no row."""

from marketplace.common.invariants import Invariant

INVARIANTS = [
    Invariant("I34 an entry changes something", "SELECT id FROM points_pointsentry WHERE amount = 0"),
    Invariant(
        "I34 points belong to sellers",
        "SELECT p.id FROM points_pointsentry p JOIN accounts_user u ON u.id = p.seller_id"
        " LEFT JOIN accounts_sellerprofile s ON s.user_id = u.id WHERE s.user_id IS NULL",
    ),
]
