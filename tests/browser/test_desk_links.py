"""Links to add in a browser: a draft with its phrases, wide and on a phone, with and without scripts."""

from __future__ import annotations

import pytest

from tests.browser.axe import COLOURS, violations
from tests.browser.conftest import PHONE, OpenPage, Site, assert_no_sideways
from tests.browser.test_desk import signed_in

DRAFT = (
    "Parents had walked for their school, but councillors vote again on Fennick Primary next week.\n\n"
    "The drowned village of Lake Corrin is under water again, and the hosepipe ban is over. "
    "Nobody in the town hall would say whether it would come back in the summer, when visitors come.\n\n"
    "<script>alert(1)</script>Tomás Iríbar scored for Hexholm City."
)


@pytest.mark.parametrize("scripts", [True, False])
def test_from_a_draft_to_a_link(open_page: OpenPage, site: Site, scripts: bool) -> None:
    """With and without JavaScript: paste, see the phrases, follow one to its article and back."""
    page = signed_in(open_page, site, scripts=scripts)
    page.get_by_role("link", name="Links to add").first.click()
    page.get_by_label("Headline").fill("Fennick Primary to be voted on again")
    page.get_by_label("Text", exact=True).fill(DRAFT)
    page.get_by_label("How sure").select_option("More, less sure")
    page.get_by_role("button", name="Suggest links").click()
    marks = page.locator(".draft mark")
    assert marks.count() >= 1
    suggestions = page.get_by_role("list", name="Links to add").locator("> li")
    assert marks.count() == suggestions.count()
    assert marks.first.inner_text() == suggestions.first.locator(".phrase").inner_text()
    page.locator(".spot").first.click()
    assert page.url.endswith("#link-1")
    page.locator(".back").first.click()
    assert page.url.endswith("#phrase-1")
    copied = suggestions.first.locator(".copy").inner_text()
    assert copied.startswith('<a href="https://harbourpost.example/')
    assert copied.endswith(f">{marks.first.inner_text()}</a>")
    assert DRAFT.split("\n\n", maxsplit=1)[0] in page.get_by_label("Text", exact=True).input_value()
    suggestions.first.locator(".target").click()
    assert "/articles/harbour-" in page.url


def test_the_page_is_accessible(open_page: OpenPage, site: Site) -> None:
    """The form, the draft with its phrases, and an error; dark and on a phone, too."""
    page = signed_in(open_page, site)
    for query in ("", "?id=harbour-0020", "?id=none"):
        page.set_viewport_size({"width": 1280, "height": 860})
        page.goto(f"{site.address}/desk/links{query}")
        assert [] == violations(page), query
        page.emulate_media(color_scheme="dark")
        assert [] == violations(page, only=COLOURS), query
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(PHONE)
        assert_no_sideways(page)
        assert [] == violations(page), query


def test_the_list_stands_beside_the_draft(open_page: OpenPage, site: Site) -> None:
    """On a wide window; on a phone it comes below."""
    page = signed_in(open_page, site)
    page.goto(site.address + "/desk/links")
    page.get_by_label("Text", exact=True).fill(DRAFT)
    page.get_by_label("How sure").select_option("More, less sure")
    page.get_by_role("button", name="Suggest links").click()

    def places() -> tuple[dict[str, float], dict[str, float]]:
        draft, spots = page.locator(".draft").bounding_box(), page.locator(".drafted .spots").bounding_box()
        assert draft
        assert spots
        return dict(draft), dict(spots)

    draft, spots = places()
    assert spots["x"] >= draft["x"] + draft["width"]
    page.set_viewport_size(PHONE)
    draft, spots = places()
    assert spots["y"] >= draft["y"] + draft["height"]
