"""What can be done about rates. A module a use case."""

from marketplace.rates.versions import Rates

from .offering import offer_free_delivery
from .publishing import publish_rates

__all__ = ["Rates", "offer_free_delivery", "publish_rates"]
