"""What a model's own validators say of a row, as the refusal that a service raises."""

from django.core.exceptions import ValidationError
from django.db.models import Model, TextField
from django.utils.translation import ngettext

from marketplace.common.errors import Invalid


def check(row: Model, *fields: str) -> None:
    """Clean `fields` in place; raise `Invalid` with the first sentence that the model's own validators say."""
    try:
        row.clean_fields(exclude={field.name for field in row._meta.fields} - set(fields))
    except ValidationError as error:
        wrong, sentences = next(iter(error.message_dict.items()))
        raise Invalid(sentences[0], field=wrong) from error
    for name in fields:
        field = row._meta.get_field(name)
        # Django leaves the length of a text that has one to the form.
        if isinstance(field, TextField) and field.max_length and len(getattr(row, name)) > field.max_length:
            sentence = ngettext(
                "Please say it in %(most)d character at most.",
                "Please say it in %(most)d characters at most.",
                field.max_length,
            )
            raise Invalid(sentence % {"most": field.max_length}, field=name)
