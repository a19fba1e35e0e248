"""The search box as a combobox: what keys, fingers and screen readers meet."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, OpenPage, Site


@pytest.fixture
def typed(open_page: OpenPage, site: Site) -> Page:
    """The first page after ``fenn`` was typed and its suggestions have come."""
    page = open_page(site.address + "/")
    page.get_by_role("combobox", name="Search the archive").press_sequentially("fenn")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    return page


def chosen(page: Page) -> str | None:
    """The option that a screen reader is told of; it is the one that looks chosen."""
    told: str | None = page.evaluate(
        "document.getElementById(document.querySelector('#q').getAttribute('aria-activedescendant'))?.id"
    )
    looks = page.locator("[role=option][aria-selected=true]")
    assert ([told] if told else []) == [one.get_attribute("id") for one in looks.all()]
    return told


def test_roles(typed: Page) -> None:
    """The box is a combobox that owns its listbox, and says how many suggestions there are."""
    box = typed.get_by_role("combobox")
    assert "true" == box.get_attribute("aria-expanded")
    assert "list" == box.get_attribute("aria-autocomplete")
    assert "suggestions" == box.get_attribute("aria-controls")
    count = typed.get_by_role("option").count()
    assert count > 2
    expect(typed.get_by_role("status")).to_have_text(f"{count} suggestions")
    assert chosen(typed) is None
    assert [] == violations(typed)


def test_keys(typed: Page) -> None:
    """Arrows go round, Home and End go to the ends, and the typed text stays in the box."""
    last = f"suggestion-{typed.get_by_role('option').count() - 1}"
    first, second = "suggestion-0", "suggestion-1"
    keys = {"ArrowDown": first, "ArrowDown ": second, "End": last, "ArrowDown  ": first, "ArrowUp": last}
    for key, expected in {**keys, "Home": first}.items():
        typed.keyboard.press(key.strip())
        assert expected == chosen(typed), key
    assert "fenn" == typed.get_by_role("combobox").input_value()
    typed.keyboard.press("i")
    assert chosen(typed) is None


def test_escape(typed: Page) -> None:
    """The first Escape closes the list and keeps the text; an arrow opens it again."""
    typed.keyboard.press("Escape")
    expect(typed.get_by_role("listbox")).to_be_hidden()
    box = typed.get_by_role("combobox")
    assert ("fenn", "false") == (box.input_value(), box.get_attribute("aria-expanded"))
    typed.keyboard.press("ArrowDown")
    expect(typed.get_by_role("listbox")).to_be_visible()


def test_enter_submits_what_was_typed(typed: Page) -> None:
    """Without a choice Enter is a plain search."""
    typed.keyboard.press("Enter")
    typed.wait_for_url("**/?q=fenn")


def test_enter_follows_a_choice(typed: Page) -> None:
    """With a title chosen Enter opens the article; with a topic, its articles."""
    topic = typed.get_by_role("option", name=re.compile("Topic")).first
    name = topic.locator("span").first.inner_text()
    while chosen(typed) != topic.get_attribute("id"):
        typed.keyboard.press("ArrowDown")
    typed.keyboard.press("Enter")
    expect(typed.get_by_role("link", name=f"Take off the filter {name}")).to_be_visible()


def test_home_and_end_move_the_caret_while_nothing_is_chosen(typed: Page) -> None:
    """Before a choice the keys belong to the text."""
    typed.keyboard.press("Home")
    assert 0 == typed.evaluate("document.querySelector('#q').selectionStart")
    assert chosen(typed) is None


def test_leaving_closes(typed: Page) -> None:
    """Tab goes on to the button, and the list is gone."""
    typed.keyboard.press("Tab")
    expect(typed.get_by_role("listbox")).to_be_hidden()
    assert "Search" == typed.evaluate("document.activeElement.textContent")


def test_phone(open_page: OpenPage, site: Site) -> None:
    """A finger chooses an article; every suggestion is large enough for it and within the window."""
    page = open_page(site.address + "/", viewport=PHONE, has_touch=True, is_mobile=True)
    page.get_by_role("combobox").tap()
    page.get_by_role("combobox").press_sequentially("ferry")
    option = page.get_by_role("option", name=re.compile("Article")).first
    expect(option).to_be_visible()
    box = option.bounding_box()
    assert box is not None
    assert box["height"] >= 40
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    title = option.locator("span").first.inner_text()
    option.tap()
    page.wait_for_url("**/articles/**")
    assert title == page.locator("h1").inner_text()


def test_never_in_the_way(open_page: OpenPage, site: Site) -> None:
    """Where suggestions fail or never come, the search goes on as if there were none."""
    page = open_page(site.address + "/", may_complain=True)
    page.route("**/v1/suggest*", lambda route: route.abort())
    page.get_by_role("combobox").press_sequentially("school")
    page.wait_for_timeout(400)
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=school")


def test_hostile_suggestion(open_page: OpenPage, site: Site) -> None:
    """A title that means harm is shown as text."""
    page = open_page(site.address + "/")
    page.get_by_role("combobox").press_sequentially("wicked")
    option = page.get_by_role("option", name=re.compile("<script>")).first
    expect(option).to_be_visible()
    assert 0 == page.locator("[role=listbox] script, [role=listbox] img").count()
    option.click()
    page.wait_for_url("**/articles/evil%2F**")
    assert "Wicked heading" in page.locator("h1").inner_text()


def test_late_answers_are_not_shown(open_page: OpenPage, site: Site) -> None:
    """Only what belongs to the text in the box is shown, however late an earlier answer comes."""
    page = open_page(site.address + "/")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"suggest\?q=fer(&|$)"), hold)
    box = page.get_by_role("combobox")
    box.press_sequentially("fer")
    page.wait_for_timeout(300)
    box.press_sequentially("ry")
    expect(page.get_by_role("option").first).to_be_visible()
    before = page.get_by_role("option").all_inner_texts()
    assert 1 == len(held)
    page.wait_for_timeout(200)
    assert before == page.get_by_role("option").all_inner_texts()
