"""A real browser that opens pages from files, as from a mail's attachment."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from programs import program

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; without it, or without Playwright, the tests skip, or fail where they must run."""
    path = program("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        stop = pytest.fail if "REQUIRE_PROGRAMS" in os.environ else pytest.skip
        stop("there is no playwright")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a document, and at the end sees that it was quiet: no message, no other request.

    ``without`` names something that the browser is to lack.
    """
    noise: list[str] = []
    contexts = []

    def visited(document: str, without: str = "", **settings: Any) -> Any:
        file = tmp_path / "page.html"
        file.write_text(document, encoding="utf-8")
        settings.setdefault("viewport", {"width": 1280, "height": 900})
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.on("console", lambda message: noise.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: noise.append(f"error: {error}"))
        page.on("dialog", lambda dialog: noise.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: _note(noise, request.url, file.as_uri()))
        page.add_init_script(f"delete window.{without}" if without else "")
        page.goto(file.as_uri())
        shown = "#trouble" if without else "#nodes"
        page.wait_for_selector(f"{shown}:not([hidden])", state="attached")
        return page

    yield visited
    for context in contexts:
        context.close()
    assert noise == []


def _note(noise: list[str], url: str, own: str) -> None:
    if url.partition("#")[0] != own:
        noise.append(f"request: {url}")
