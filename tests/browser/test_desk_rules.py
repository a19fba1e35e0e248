"""Rules on the desk in a browser: each page accessible, and the way from a search to a rule and back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from semsearch.rules import Rule
from tests.browser.axe import COLOURS, violations
from tests.browser.conftest import PHONE, OpenPage, Site, assert_no_sideways
from tests.browser.hostile import HOSTILE, SCRIPT
from tests.browser.test_desk import signed_in


@pytest.fixture
def ruled(site: Site) -> Iterator[Site]:
    """The site with a rule of each kind, some of them odd; without any at the end."""
    made = [
        Rule("pin", "pin", "query", ("harbour-0001", "gone"), query="harbour", note="x" * 300),
        Rule("hide", "hide", "everywhere", (HOSTILE[0].id,), note=SCRIPT),
        Rule(
            "boost", "boost", "query", ("harbour-0002",), query="\u202e" + SCRIPT, match="words", factor=0.5
        ),
        Rule("off", "pin", "article", ("harbour-0001",), under=HOSTILE[0].id, enabled=False),
    ]
    for rule in made:
        site.engine.rules.put(rule, SCRIPT)
    yield site
    for kept in site.engine.rules.all():
        site.engine.rules.delete(kept.rule.id, "tests")


def test_each_page_is_accessible(open_page: OpenPage, ruled: Site) -> None:
    """The table, a search, the forms, the history: rules of access, colours in the dark, a phone's width."""
    page = signed_in(open_page, ruled)
    pages = ("", "?q=harbour", "/new?action=boost&article=harbour-0001", "/pin", "/boost", "/history")
    for path in pages:
        page.goto(f"{ruled.address}/desk/rules{path}")
        assert [] == violations(page), path
        page.emulate_media(color_scheme="dark")
        assert [] == violations(page, only=COLOURS), path
        page.emulate_media(color_scheme="light")
    page.goto(f"{ruled.address}/desk/rules/pin")
    page.get_by_role("button", name="See what changes").click()
    page.get_by_role("heading", name="With the rule").wait_for()
    assert [] == violations(page)
    page.set_viewport_size(PHONE)
    assert_no_sideways(page)
    for path in pages:
        page.goto(f"{ruled.address}/desk/rules{path}")
        assert_no_sideways(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_search_to_a_rule_and_back(open_page: OpenPage, site: Site, scripts: bool) -> None:
    """Search, hide the first hit, see the lists side by side, save; then delete the rule and put it back."""
    page = signed_in(open_page, site, scripts=scripts)
    page.get_by_role("link", name="Rules", exact=True).first.click()
    page.get_by_label("A query, as readers type it").fill("harbour")
    page.get_by_role("button", name="Find").click()
    first = page.locator(".ranked > li").first
    title = first.get_by_role("link").first.inner_text()
    first.get_by_role("button", name="Hide").click()
    assert not page.get_by_label("Place of a pin").is_visible()
    page.get_by_label("Boost: lift or bury").check()
    assert page.get_by_label("Factor of a boost").is_visible()
    page.get_by_label("Hide: show in no list").check()
    page.get_by_role("button", name="See what changes").click()
    assert "no longer shown" in page.get_by_role("region", name="As it is").inner_text()
    assert title not in page.get_by_role("region", name="With the rule").inner_text()
    page.get_by_role("button", name="Save").first.click()
    assert "Saved." in page.get_by_role("status").inner_text()
    reader = open_page(f"{site.address}/?q=harbour")
    assert title not in reader.locator(".hits").inner_text()

    page.locator("td.does a").first.click()
    page.get_by_role("button", name="Delete it").click()
    assert "Removed." in page.get_by_role("status").inner_text()
    reader.reload()
    assert title in reader.locator(".hits").inner_text()
    page.get_by_role("link", name="Who changed what").click()
    page.get_by_role("button", name="Put back").first.click()
    assert ["hide"] == [kept.rule.action for kept in site.engine.rules.all()]
    site.engine.rules.delete(site.engine.rules.all()[0].rule.id, "tests")
