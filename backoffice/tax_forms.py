"""What staff say of tax. The service holds the rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.common.tax import TaxClass
from marketplace.products.selectors import category_tree


class TaxClassForm(forms.Form):
    """A category, and the class of tax that its goods have from now on."""

    category = forms.TypedChoiceField(
        label=_("Category"),
        coerce=int,
        error_messages={
            "required": _("Which category?"),
            "invalid_choice": _("That category does not exist."),
        },
    )
    tax_class = forms.ChoiceField(
        label=_("Tax class"),
        choices=[("", _("As the category above it")), *TaxClass.choices],
        required=False,
        error_messages={"invalid_choice": _("There is no such tax class.")},
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # what a request has
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", _("Choose …")),
            *((node.id, " › ".join(above.name for above in node.path)) for node in category_tree().walk()),
        ]
