"""What a page says in HTML, however its template is laid out."""

import re
from html import unescape


def markup(answer) -> str:
    """The HTML of an answer: one blank for a run of them, none beside a tag or at a tag's end."""
    html = re.sub(r"\s+", " ", answer.content.decode())
    return re.sub(r" (?=[<>])|(?<=>) ", "", html)


def form_on(page: str, action: str = "") -> dict[str, str]:
    """What the fields of a page's form hold; of the one with this `action`, or the page's only one with a mark."""
    for form in re.findall(r"<form.*?</form>", page, re.DOTALL):
        fields = dict(re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', form))
        if (f'action="{action}"' in unescape(form)) if action else any("shown" in name for name in fields):
            return {name: unescape(value) for name, value in fields.items()}
    raise AssertionError(f"no form for {action} on the page")
