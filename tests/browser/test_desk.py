"""The editors' desk in a browser: signing in, each page accessible, wide and on a phone, without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from semsearch.keys import KeyFile
from semsearch.service.tasks import TaskFolder
from tests.browser.axe import COLOURS, violations
from tests.browser.conftest import PHONE, OpenPage, Site, assert_no_sideways

PAGES = (
    "/desk",
    "/desk/stories?q=harbour",
    "/desk/stories/harbour-0001",
    "/desk/saved",
    "/desk/readers",
    "/desk/scheduled",
    "/desk/index",
)


def signed_in(open_page: OpenPage, site: Site, *, scripts: bool = True) -> Page:
    """A page of the desk's home, after signing in as a person does."""
    key = KeyFile(site.settings.indexes).create("admin", name="Ada")[1]
    page = open_page(site.address + "/desk", java_script_enabled=scripts)
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk")
    return page


def test_signing_in_is_accessible(open_page: OpenPage, site: Site) -> None:
    """The form, and its answer to a wrong key, which a screen reader is told at once."""
    page = open_page(site.address + "/desk")
    assert [] == violations(page)
    page.get_by_label("Key").fill("no-key")
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("alert").inner_text()
    assert [] == violations(page)


def test_each_page_is_accessible(open_page: OpenPage, site: Site) -> None:
    """No page breaks a rule, moves sideways on a phone, or is unreadable in the dark."""
    page = signed_in(open_page, site)
    for path in PAGES:
        page.goto(site.address + path)
        assert [] == violations(page), path
        page.emulate_media(color_scheme="dark")
        assert [] == violations(page, only=COLOURS), path
        page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    for path in PAGES:
        page.goto(site.address + path)
        assert_no_sideways(page)


@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_word_to_a_story_and_out(open_page: OpenPage, site: Site, scripts: bool) -> None:
    """With and without JavaScript: find a story, read it, sign out."""
    page = signed_in(open_page, site, scripts=scripts)
    page.get_by_role("link", name="The story so far").first.click()
    page.get_by_label("What the story is about").fill("harbour")
    page.get_by_role("button", name="Find").click()
    page.locator(".plain a").first.click()
    assert re.search(r"/desk/stories/.", page.url)
    assert page.locator("tbody tr").count() >= 1
    page.get_by_role("button", name="Sign out").click()
    assert "You are signed out." in page.get_by_role("status").inner_text()
    page.goto(site.address + "/desk")
    assert page.get_by_label("Key").is_visible()


def test_what_readers_did_is_shown(open_page: OpenPage, site: Site) -> None:
    """A search that finds nothing, made by three readers, stands on the desk; the chart is accessible."""
    page = signed_in(open_page, site)
    for _ in range(3):
        with page.expect_response("**/v1/events") as answer:
            page.goto(site.address + "/?q=zzz+ballooning+qqq")
        assert 204 == answer.value.status
    page.goto(site.address + "/desk/readers")
    assert page.get_by_role("img", name="Searches a day").is_visible()
    missed = page.get_by_role("region", name="Looked for and not found")
    assert missed.get_by_role("link", name="zzz ballooning qqq").is_visible()
    assert [] == violations(page)
    page.set_viewport_size(PHONE)
    assert_no_sideways(page)


def test_work_is_shown_as_it_goes_on(open_page: OpenPage, site: Site) -> None:
    """How far a task is, and that it is over, is shown without a hand; meanwhile none else can be begun."""
    page = signed_in(open_page, site)
    task = TaskFolder(site.settings.indexes / site.settings.index / "tasks").create("rebuild")
    task.started()
    page.goto(site.address + "/desk/index")
    work = page.get_by_role("region", name="Work in progress and done")
    assert "running" == work.locator(".badge").first.inner_text()
    assert not page.get_by_role("button", name="Rebuild now").is_enabled()
    assert [] == violations(page)
    task.tell("encode", 1, 4)
    page.get_by_role("progressbar").wait_for()
    assert "25" == page.get_by_role("progressbar").get_attribute("value")
    task.done({})
    page.locator("section:not([data-poll]) .badge", has_text="done").first.wait_for()
    assert page.get_by_role("button", name="Rebuild now").is_enabled()


def test_a_saved_search_is_tried_as_it_is_typed(open_page: OpenPage, site: Site) -> None:
    """What it would find follows the form, without a button; leaving a level changes the list."""
    page = signed_in(open_page, site)
    page.goto(site.address + "/desk/saved")
    page.get_by_label("Try it on the articles of").select_option("3650")
    page.get_by_label("What it is about").fill("the harbour and its ships")
    shown = page.locator("#preview")
    shown.wait_for()
    loose = page.get_by_label("How near")
    loose.select_option("loose")
    page.wait_for_function("document.querySelector('#tried p')?.textContent.includes('Loose')")
    assert re.search(r"Loose: \d+,\s+Normal: \d+,\s+Strict: \d+", page.locator("#tried p").first.inner_text())
    assert "/desk/saved" == page.evaluate("location.pathname")
    assert [] == violations(page)
