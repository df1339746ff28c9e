"""Notices what a person would not see but a browser reports."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

# What the browser and htmx say about an answer of 4xx, which a page may well ask for on purpose.
REFUSALS = re.compile(
    r"Failed to load resource: the server responded with a status of 4\d\d|Response Status Error Code 4\d\d"
)
FILES = {"script", "stylesheet", "image", "font", "manifest"}


class Guard:
    """Collects the errors of every page of a browser context and fails the test for them at its end."""

    def __init__(self, *, host: str) -> None:
        self.host = host
        self.errors: list[str] = []
        self.allowed: list[str] = []

    def allow(self, pattern: str) -> None:
        """Let errors that match `pattern` (a regular expression) pass: the test provokes them."""
        self.allowed.append(pattern)

    def watch(self, context: BrowserContext) -> None:
        """Listen to everything that happens in `context`."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.errors.append(f"script error: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def complain(self) -> None:
        """Raise AssertionError if anything was wrong."""
        wrong = [
            error for error in self.errors if not any(re.search(pattern, error) for pattern in self.allowed)
        ]
        assert not wrong, "the browser reported:\n" + "\n".join(dict.fromkeys(wrong))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not REFUSALS.search(message.text):
            self.errors.append(f"console: {message.text} ({_address(message.page)})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self.host:
            self.errors.append(f"request to elsewhere: {request.url}")

    def _response(self, response: Response) -> None:
        kind = response.request.resource_type
        if response.status >= 500 or (response.status >= 400 and kind in FILES):
            self.errors.append(f"answer {response.status} for {kind} {response.url}")


def _address(page: Page | None) -> str:
    return page.url if page else "no page"
