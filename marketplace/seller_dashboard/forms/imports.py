"""What sellers fill in to bring their shop over. The services hold the rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.products.selectors import category_tree


def _categories() -> list[tuple[object, object]]:
    chosen = [(node.id, " › ".join(each.name for each in node.path)) for node in category_tree().walk()]
    return [("", _("Leave them out")), *chosen]


class ImportForm(forms.Form):
    """A product file, the pictures beside it, and what to do where it says too little."""

    table = forms.FileField(
        label=_("Product file (CSV)"),
        widget=forms.FileInput({"accept": ".csv,text/csv,.zip,application/zip"}),
        help_text=_(
            "Shopify: Products › Export › All products, as a plain CSV file. Or a ZIP with the file and the pictures."
        ),
    )
    pictures = forms.FileField(
        label=_("Pictures (ZIP)"),
        required=False,
        widget=forms.FileInput({"accept": ".zip,application/zip"}),
        help_text=_("Named as in the file: front.jpg for …/front.jpg?v=1. Folders do not matter."),
    )
    category = forms.TypedChoiceField(
        label=_("Products of a category that is not here"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("A product goes where its Type, or its Product Category, has the name of a category."),
    )
    counts_stock = forms.BooleanField(
        label=_("I have counted: the file's stock is what there is"),
        required=False,
        help_text=_("Else the stock of what you list here already stays as it is."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = _categories()  # type: ignore[attr-defined]  # a choice field's
