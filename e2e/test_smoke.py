"""The pieces that the other browser tests stand on hold."""

import pytest
from playwright.sync_api import Page, expect

from e2e.guard import Guard
from e2e.test_pages import axe_violations


def test_the_store_opens_for_everybody(page: Page, phone: Page, no_js: Page, dark: Page):
    for visitor in (page, phone, no_js, dark):
        visitor.goto("/")
        expect(visitor.locator("h1")).to_be_visible()


def test_a_person_is_signed_in(visit_as, person):
    page = visit_as(person(name="Bea"))
    page.goto("/")
    expect(page.locator("h1")).to_be_visible()


def test_the_guard_tells_of_a_script_error_and_a_missing_file(page: Page, guard: Guard):
    page.goto("/")
    page.evaluate("setTimeout(() => { throw new Error('broken on purpose') })")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: '/static/not-there.png'}))")
    page.wait_for_load_state("networkidle")

    with pytest.raises(AssertionError, match=r"broken on purpose[\s\S]*not-there\.png"):
        guard.complain()

    guard.allow("broken on purpose")
    guard.allow("not-there")


def test_the_guard_tells_of_a_refused_inline_style(page: Page, guard: Guard):
    page.goto("/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")
    page.wait_for_timeout(200)

    with pytest.raises(AssertionError, match="Content Security Policy"):
        guard.complain()

    guard.allow("Content Security Policy")


def test_axe_is_awake(page: Page):
    page.goto("/")
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")

    assert "label" in [violation["id"] for violation in axe_violations(page)]
