"""The coverage check in a browser: paste, read side by side, go to a story and back; without scripts too."""

from __future__ import annotations

import pytest

from tests.browser.axe import COLOURS, violations
from tests.browser.conftest import PHONE, OpenPage, Site, assert_no_sideways
from tests.browser.test_desk import signed_in

NEW = "Meanwhile a bakery with forty kinds of bread opened beside the observatory, said Kasimir Plunk."


@pytest.mark.parametrize("scripts", [True, False])
def test_a_draft_is_checked(open_page: OpenPage, site: Site, scripts: bool) -> None:
    """What ran is marked on both sides, what is new stands for itself, and the form stays filled."""
    article = site.engine.show("harbour-0001")
    page = signed_in(open_page, site, scripts=scripts)
    page.get_by_role("link", name="Coverage check").first.click()
    page.get_by_label("Headline").fill(article.title)
    page.get_by_label("Text", exact=True).fill(f"{article.body}\n\n{NEW}")
    page.get_by_role("button", name="Check").click()
    assert page.get_by_role("heading", name="Partly covered").is_visible()
    assert NEW == page.locator("blockquote").inner_text()
    first = page.locator(".beside").first
    assert article.title == first.get_by_role("heading", level=3).inner_text()
    for name in ("The draft", "The article"):
        assert first.get_by_role("group", name=name).locator("mark").count() >= 1
    assert article.title == page.get_by_label("Headline").input_value()
    assert NEW in page.get_by_label("Text", exact=True).input_value()


def test_from_a_story_to_its_check(open_page: OpenPage, site: Site) -> None:
    """The link under a story leads to the check of its article, which leads back to stories."""
    page = signed_in(open_page, site)
    page.goto(site.address + "/desk/stories/harbour-0001")
    page.get_by_role("link", name="Check its coverage").click()
    assert page.get_by_role("region", name="The closest articles").is_visible()
    page.get_by_role("link", name="Its story").first.click()
    assert page.get_by_role("heading", level=1).is_visible()


def test_it_is_accessible_wide_and_on_a_phone(open_page: OpenPage, site: Site) -> None:
    """The form, a verdict beside hostile articles, and an error break no rule, in light and dark."""
    page = signed_in(open_page, site)
    for path in ("/desk/coverage", "/desk/coverage?id=harbour-0001", "/desk/coverage?id=nobody"):
        page.goto(site.address + path)
        for closed in page.locator("details").all():
            closed.locator("summary").click()
        assert [] == violations(page), path
        page.emulate_media(color_scheme="dark")
        assert [] == violations(page, only=COLOURS), path
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(PHONE)
        assert_no_sideways(page)
        page.set_viewport_size({"width": 1280, "height": 860})


def test_what_is_wrong_is_told_at_once(open_page: OpenPage, site: Site) -> None:
    """An address that the archive does not hold is told, and stays in its field."""
    page = signed_in(open_page, site)
    page.goto(site.address + "/desk/coverage")
    page.get_by_label("Or the address or id").fill("https://elsewhere.example/a")
    page.get_by_role("button", name="Check").click()
    assert "paste its text instead" in page.get_by_role("alert").inner_text()
    assert "https://elsewhere.example/a" == page.get_by_label("Or the address or id").input_value()
