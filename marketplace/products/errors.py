"""What the catalogue refuses, in sentences."""

from marketplace.common.errors import Conflicts


class OutOfStock(Conflicts):
    """There are fewer pieces than were asked for; `left` tells how many of each product."""

    code = "out_of_stock"

    def __init__(self, message: str, *, left: dict[int, int]) -> None:
        super().__init__(message)
        self.left = left
