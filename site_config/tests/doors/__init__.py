"""Where each row of docs/permissions/ knocks and what it says there, a table a face.

A route whose address holds nothing and a POST that needs nothing said are in neither table. ADDRESSES: route →
what its address holds, by the table's column `state`. FORMS: route → what is said in a POST, as the page of
whoever asks would say it: good words wherever that is possible, so that where a door is open by mistake, what
is behind it then happens, and is seen.
"""

from . import accounts, backoffice, courier, house, seller_dashboard, shop
from .things import Address, Form

ADDRESSES: dict[str, Address] = {
    **shop.ADDRESSES,
    **seller_dashboard.ADDRESSES,
    **courier.ADDRESSES,
    **backoffice.ADDRESSES,
    **accounts.ADDRESSES,
    **house.ADDRESSES,
}
FORMS: dict[str, Form] = {
    **shop.FORMS,
    **seller_dashboard.FORMS,
    **courier.FORMS,
    **backoffice.FORMS,
    **accounts.FORMS,
}
