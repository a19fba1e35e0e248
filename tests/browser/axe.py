"""The accessibility rules of axe-core, run on a page as it stands."""

from __future__ import annotations

from functools import cache
from importlib import resources

from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]


@cache
def _source() -> str:
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def violations(page: Page, *, only: list[str] | None = None) -> list[str]:
    """Each broken rule (of all, or of some) with the first element that breaks it.

    The rules are evaluated from outside, so the page's own policy for scripts stays in force.
    """
    page.evaluate(_source())
    found = page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})",
        {"type": "rule", "values": only} if only else {"type": "tag", "values": TAGS},
    )
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0].get('failureSummary', '')[:300]}"
        for one in found["violations"]
    ]
