"""What the strict CSP and htmx's own doors ask of every template."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from .markup import markup

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "email" not in path.parts and "emails" not in path.parts]
LONGEST_LINE = 140

FORBIDDEN = {
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on, which htmx would have to evaluate": re.compile(r"\bhx-on\b|\bdata-hx-on\b"),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script in the page": re.compile(
        r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:ld\+)?json\")", re.IGNORECASE
    ),
    "a computed value": re.compile(r"[\"']\s*(?:js|javascript):", re.IGNORECASE),
    "a trigger with a filter, which fires without it": re.compile(r"hx-trigger=\"[^\"]*\["),
    "an address elsewhere for a script, style or font": re.compile(
        r"<(?:script|link)\b[^>]*(?:src|href)=\"(?:https?:)?//", re.IGNORECASE
    ),
}


@pytest.mark.parametrize(
    "path", PAGES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates"))
)
def test_a_page_needs_no_hole_in_the_policy(path: Path):
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)

    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize(
    "bad",
    [
        '<a onclick="x()">',
        '<div hx-on:click="x()">',
        '<p class="a" style="color: red">',
        "<style>p {}</style>",
        "<script>x()</script>",
        '<div hx-vals="js:{a: 1}">',
        '<a href="javascript:x()">',
        '<input hx-trigger="keyup[target.value]">',
        '<script src="https://cdn.example/x.js"></script>',
    ],
)
def test_the_look_out_sees(bad):
    assert any(pattern.search(bad) for pattern in FORBIDDEN.values())


def test_templates_read_like_code():
    """djangofmt (`make format`) breaks what it can; a sentence or a tag that it cannot is broken by hand."""
    long = [
        f"{path.relative_to(settings.BASE_DIR)}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > LONGEST_LINE
    ]

    assert not long


def conditions() -> Iterator[tuple[Path, str]]:
    """Every condition of every template but allauth's, whose tags come from views that are not ours."""
    for path in TEMPLATES:
        if "allauth" not in path.parts:
            for condition in re.findall(r"{% (?:el)?if (.*?) %}", path.read_text()):
                yield path.relative_to(settings.BASE_DIR), condition


def test_conditions_have_names():
    """What asks three things at once has a name in the view or selector, with a sentence that says what it is."""
    chains = [
        f"{path}: {condition}"
        for path, condition in conditions()
        if len(re.findall(r" (?:and|or) ", condition)) > 1
    ]

    assert chains == []


OF_A_STATUS = re.compile(
    r"\b(?:status|outcome|tone)(?:\|\S+)? *(?:[=!]=| (?:not )?in )|(?:[=!]=| in) *\S*\b(?:status|outcome|tone)\b"
)


def test_no_template_compares_a_status():
    """It asks what the status means (`job.is_done`), or takes its words from a table of its face's presenters."""
    compared = [f"{path}: {condition}" for path, condition in conditions() if OF_A_STATUS.search(condition)]

    assert compared == []


@pytest.mark.parametrize(
    ("condition", "is_of_a_status"),
    [
        ('job.status == "carrying"', True),
        ('"carrying" != job.status', True),
        ("job.status not in ends", True),
        ('a and b.status|lower == "x"', True),
        ('attempt.outcome == "void"', True),
        ("job.is_done", False),
        ("statuses", False),
        ("option in statuses", False),
        ("order.status_url == here", False),
    ],
)
def test_the_look_out_for_statuses_sees(condition, is_of_a_status):
    assert bool(OF_A_STATUS.search(condition)) == is_of_a_status


def test_every_icon_that_is_named_is_in_the_sprite():
    sprite = (settings.BASE_DIR / "static/img/icons.svg").read_text()
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    asked = {
        name
        for path in TEMPLATES
        for name in re.findall(r'{% icon "([^"]+)"|icon="([a-z-]+)"', path.read_text())
        for name in name
        if name
    }

    assert asked - drawn == set()


def test_htmx_may_neither_evaluate_nor_leave_and_swaps_what_people_must_read(client, db):
    page = markup(client.get("/"))
    config = json.loads(re.search(r"name=\"htmx-config\" content='([^']+)'", page)[1])

    assert (config["allowEval"], config["allowScriptTags"], config["selfRequestsOnly"]) == (
        False,
        False,
        True,
    )
    assert config["historyCacheSize"] == 0

    def swapped(status: int) -> bool:
        return next(
            rule["swap"] for rule in config["responseHandling"] if re.search(rule["code"], str(status))
        )

    assert [status for status in (200, 204, 303, 403, 404, 409, 422, 429, 500, 503) if swapped(status)] == [
        200,
        303,
        409,
        422,
        429,
        503,
    ]
