"""What a first visit costs: bytes over the wire, requests, and nothing from anywhere else."""

import gzip
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import Page, Response

from e2e.world import World

MOST_BYTES = 45_000
MOST_REQUESTS = 5
COUNTED = {"document", "stylesheet", "script"}


@pytest.mark.parametrize("device", ["page", "phone"])
def test_a_first_visit_to_a_category_is_light(device, request, stocked: World, live_server):
    """HTML, CSS and JavaScript as gzip -6 sends them (the guard sees to it that all come from here)."""
    visitor: Page = request.getfixturevalue(device)
    answers: list[Response] = []
    visitor.on("response", lambda answer: answers.append(answer))

    visitor.goto(reverse("shop:category", args=[stocked.categories["kettles"].slug]))
    visitor.wait_for_load_state("networkidle")

    asked = [answer for answer in answers if not answer.headers["content-type"].startswith("image/")]
    weights = {
        urlsplit(answer.url).path: len(gzip.compress(answer.body(), 6, mtime=0))
        for answer in asked
        if answer.request.resource_type in COUNTED
    }
    assert any(answer.request.resource_type == "stylesheet" for answer in asked)
    assert sum(weights.values()) <= MOST_BYTES, weights
    assert len(asked) <= MOST_REQUESTS, [answer.url for answer in asked]
