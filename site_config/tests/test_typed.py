"""What views read of a form or an address without a form class."""

import ast

import pytest
from django.test import RequestFactory

from marketplace.web.typed import asked, sent, sent_list, sent_text

from .reading import TOP, modules

FACES = ("shop", "courier", "backoffice", "marketplace/seller_dashboard", "marketplace/web")
READER = TOP / "marketplace" / "web" / "typed.py"
# `clean_text` makes one line of search words of whatever it is given.
CLEANERS = {"clean_text"}


def raw_reads(code: str) -> list[int]:
    """The lines that take a value out of request.POST or request.GET; handing all of it to a form is no such."""
    tree = ast.parse(code)
    handed, found = set(), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            handed |= {id(part) for part in node.args}
            if isinstance(node.func, ast.Name) and node.func.id in CLEANERS:
                handed |= {id(part) for given in node.args for part in ast.walk(given)}
        elif isinstance(node, ast.IfExp | ast.Return):  # `posted` of marketplace/web/forms.py
            handed.add(id(node.body if isinstance(node, ast.IfExp) else node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in ("POST", "GET") and id(node) not in handed:
            found.append(node.lineno)
    return found


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ('x = request.POST["delivery"]', [1]),
        ('x = request.POST.get("delivery", "")', [1]),
        ('x = request.GET.getlist("a")', [1]),
        ("typed = request.POST", [1]),
        ('if "a" in request.POST: pass', [1]),
        ('jobs.filter(number=self.request.POST.get("a"))', [1]),
        ("form = Form(request.POST, request.FILES)", []),
        ('text = clean_text(request.GET.get("q", ""))', []),
    ],
)
def test_a_raw_read_is_found(code, lines):
    assert raw_reads(code) == lines


def test_no_view_reads_a_raw_word():
    found = [
        f"{path.relative_to(TOP)}:{line}"
        for path in modules(*FACES)
        if path != READER
        for line in raw_reads(path.read_text())
    ]

    assert found == [], "marketplace/web/typed.py reads words that every database takes"


@pytest.mark.parametrize("odd", ["\0", "a\0b", "a\nb", "\u202eabc", "\ud800", "x" * 401])
def test_what_is_no_word_counts_as_missing(odd):
    request = RequestFactory().get("/")
    request.GET = request.POST = request.GET.copy()
    request.POST.setlist("name", [odd, odd])

    assert sent(request, "name") == asked(request, "name") == ""
    assert sent_list(request, "name") == ["", ""]
    assert sent_text(request, "name", most=400).isprintable()


def test_a_word_is_read_as_it_is():
    request = RequestFactory().post("/?q=3", {"name": ["é x", "2"]})

    assert (sent(request, "name"), asked(request, "q"), sent(request, "more")) == ("2", "3", "")
    assert sent_list(request, "name") == ["é x", "2"]
    assert sent_text(request, "name", most=0) == ""
