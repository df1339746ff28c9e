"""What a page says in HTML, however its template is laid out."""

import re


def markup(answer) -> str:
    """The HTML of an answer: one blank for a run of them, none beside a tag or at a tag's end."""
    html = re.sub(r"\s+", " ", answer.content.decode())
    return re.sub(r" (?=[<>])|(?<=>) ", "", html)
