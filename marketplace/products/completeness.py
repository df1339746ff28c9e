"""What a listing, or an edit of one, needs before it can be handed in for review."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .content import Content


def missing_of(content: Content) -> list[str]:
    """What is missing, a sentence each; nothing where it can be handed in. Asks no query.

    A category and a price every listing has from its first moment.
    """
    missing = []
    if not content.description.strip():
        missing.append(_("Describe it: what shoppers should know before they buy."))
    if not content.pictures:
        missing.append(_("Add a picture: nobody buys what they cannot see."))
    if unsaid := sum(not picture.alt.strip() for picture in content.pictures):
        missing.append(
            ngettext(
                "Say what %(count)d picture shows, for those who cannot see it.",
                "Say what %(count)d pictures show, for those who cannot see them.",
                unsaid,
            )
            % {"count": unsaid}
        )
    if not content.variants:
        missing.append(_("Offer at least one variant."))
    return missing
