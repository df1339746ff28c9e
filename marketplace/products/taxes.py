"""Which class of tax goods have: their category's, or that of the nearest category above it which has one."""

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from marketplace.common.tax import TaxClass

from .models import CategoryAncestor


def tax_class_column(category: str) -> Coalesce:
    """The class in force for the category in the column `category`: for a query of goods, without one of its own."""
    above = CategoryAncestor.objects.filter(category=OuterRef(category)).exclude(ancestor__tax_class="")
    nearest = above.order_by("-ancestor__depth").values("ancestor__tax_class")[:1]
    return Coalesce(Subquery(nearest), Value(TaxClass.STANDARD.value), output_field=CharField())
