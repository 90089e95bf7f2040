"""Chromium as an officer has it: Vietnamese, Hanoi time, a laptop screen; and axe-core inside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium() -> str | None:
    """Path of the browser that the system ships."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browser() -> Iterator[Browser]:
    """One headless Chromium."""
    program = chromium()
    if program is None:
        raise FileNotFoundError("chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield running
        finally:
            running.close()


class PageFault(AssertionError):
    """A page did what none may do; `faults` says what, in the order in which it happened."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass
class Watch:
    """What a page did that none may do: ask another host, break the content policy, raise in a script."""

    faults: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Note from now on what `page` does."""
        page.on("request", lambda request: self._request(request.url))
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("console", lambda message: self._console(message.type, message.text))

    def _request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob", "about"} and parts.hostname not in {"127.0.0.1", "localhost"}:
            self.faults.append(f"request to {parts.scheme}://{parts.hostname}")

    def _console(self, kind: str, text: str) -> None:
        # An answer of 4xx is the subject of many tests and is reported by the browser as an error.
        if kind == "error" and "Failed to load resource" not in text:
            self.faults.append(f"console: {text}")


@contextmanager
def context(running: Browser, *, viewport: ViewportSize | None = None) -> Iterator[BrowserContext]:
    """A fresh profile; leaving the block raises PageFault when a page did what `Watch` forbids."""
    watch = Watch()
    options: dict[str, Any] = {"locale": "vi-VN", "timezone_id": "Asia/Ho_Chi_Minh"}
    profile = running.new_context(viewport=viewport or LAPTOP, **options)
    profile.on("page", watch.follow)
    try:
        yield profile
    finally:
        profile.close()
    if watch.faults:
        raise PageFault(watch.faults)


def axe_violations(page: Page) -> list[str]:
    """What axe-core finds on the page as it is now, one line for each element: rule, impact and selector."""
    # Evaluated by the browser's debugger, so that the page's content policy needs no exception.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    results = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})",
        AXE_TAGS,
    )
    return [
        f"{violation['id']} ({violation['impact']}): {' '.join(str(part) for part in node['target'])}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]
