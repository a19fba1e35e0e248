"""A real browser on the service over a real index of the sample articles and of hostile ones.

Browser tests need Debian's chromium. Where it is missing they are skipped, unless the variable
SEMSEARCH_BROWSER says ``required``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page, sync_playwright

from semsearch.engine import Engine
from semsearch.service.app import create_app
from semsearch.settings import Settings
from tests.browser.hostile import HOSTILE
from tests.browser.serving import HostSite, host_site, running
from tests.fakes import HashingEncoder

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE = {"width": 375, "height": 812}
WIDE = {"width": 1280, "height": 860}
PATIENCE_MS = 15_000

OpenPage = Callable[..., Page]


@dataclass(frozen=True)
class Site:
    """A service that runs: its address, settings and engine."""

    address: str
    settings: Settings
    engine: Engine


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    path = shutil.which("chromium")
    if path is None:
        words = "no chromium on this machine (apt-get install chromium)"
        if os.environ.get("SEMSEARCH_BROWSER") == "required":
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="package")
def host() -> Iterator[HostSite]:
    """A site of another origin."""
    with host_site() as found:
        yield found


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, host: HostSite) -> Iterator[Site]:
    """The service over the sample and the hostile articles; it keeps events, and the host site may read."""
    folder = tmp_path_factory.mktemp("browser")
    made = Settings(indexes=folder / "indexes")
    settings = replace(made, service=replace(made.service, events=True, cors_origins=host.address))
    engine = Engine(settings, encoder=HashingEncoder(256))
    with resources.as_file(resources.files("semsearch") / "sample" / "articles.jsonl") as sample:
        engine.build([str(sample)])
    engine.add_articles(HOSTILE)
    engine.warm()
    with running(create_app(settings, engine=engine)) as address:
        yield Site(address, settings, engine)
    engine.close()


@pytest.fixture(scope="package")
def unready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that has no index."""
    engine = Engine(Settings(indexes=tmp_path_factory.mktemp("none")), encoder=HashingEncoder())
    with running(create_app(engine.settings, engine=engine)) as address:
        yield address
    engine.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens an address in a window of its own; at the end nothing may have gone wrong in any of them.

    What goes wrong: an error in a script, a word of the browser about the security policy, a dialog.
    A test that expects some of it says ``may_complain``.
    """
    with ExitStack() as stack:
        problems: list[str] = []

        def start(address: str, *, may_complain: bool = False, **options: Any) -> Page:
            options.setdefault("viewport", WIDE)
            context: BrowserContext = stack.enter_context(browser.new_context(**options))
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            if not may_complain:
                watch(page, problems)
            page.goto(address)
            return page

        yield start
    assert [] == problems


def watch(page: Page, problems: list[str]) -> None:
    """Note what goes wrong on a page."""

    def on_console(message: ConsoleMessage) -> None:
        if is_complaint(message.text):
            problems.append(f"{page.url}: {message.text}")

    def on_dialog(dialog: Dialog) -> None:
        problems.append(f"{page.url}: dialog {dialog.message}")
        dialog.dismiss()

    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    page.on("console", on_console)
    page.on("dialog", on_dialog)


def is_complaint(text: str) -> bool:
    """Whether the console tells of something wrong; a page with status 404 or 503 is a page too."""
    return "the server responded with a status of" not in text


def assert_no_sideways(page: Page) -> None:
    """Nothing is wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
