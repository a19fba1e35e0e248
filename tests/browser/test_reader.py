"""The reader's pages in a browser: every flow, on a phone and wide, with and without JavaScript."""

from __future__ import annotations

import re

import pytest

from semsearch.service.views import article_path
from tests.browser.axe import COLOURS, violations
from tests.browser.conftest import PHONE, WIDE, OpenPage, Site, assert_no_sideways
from tests.browser.hostile import HOSTILE

PAGES = {
    "home": "/",
    "results": "/?q=school+closure",
    "narrowed": "/?q=school&section=Education&published_after=2025-01-01&until=2025-12-31&sort=newest",
    "nothing": "/?q=xylophones+qwertz+zzz",
    "similar": "/?like=harbour-0001",
    "article": "/articles/harbour-0001",
    "missing": "/articles/nope",
    "mistake": "/?until=soon",
    "hostile": "/?q=wicked+heading",
    "api": "/docs",
}


@pytest.mark.parametrize("name", PAGES)
def test_accessible(open_page: OpenPage, site: Site, name: str) -> None:
    """No page breaks a rule of accessibility: wide, on a phone, and in the dark, where colours differ."""
    page = open_page(site.address + PAGES[name])
    assert [] == violations(page)
    page.set_viewport_size(PHONE)
    assert_no_sideways(page)
    if name == "api":
        return  # its hundreds of rows take seconds each time, and have the colours of the other pages
    assert [] == violations(page)
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="dark")
    assert [] == violations(page, only=COLOURS)


def test_filters_open_on_a_phone(open_page: OpenPage, site: Site) -> None:
    """On a phone the filters are folded above the results; unfolded they are accessible and work."""
    page = open_page(site.address + "/?q=school", viewport=PHONE, has_touch=True)
    folded = page.locator("details.phone")
    education = folded.get_by_role("link", name=re.compile("^Education"))
    assert not education.is_visible()
    page.locator("details.phone > summary").tap()
    assert [] == violations(page)
    education.tap()
    page.wait_for_url("**section=Education*")
    assert page.get_by_role("link", name="Take off the filter Education").is_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_search_narrow_sort_page_and_back(open_page: OpenPage, site: Site, scripts: bool) -> None:
    """Everything of a search goes by links and forms, with JavaScript or without."""
    page = open_page(site.address + "/", java_script_enabled=scripts)
    page.get_by_label("Search the archive").fill("school")
    page.get_by_role("button", name="Search").click()
    assert page.url.endswith("/?q=school")
    assert page.title().startswith("school – ")
    all_of_it = page.locator("h1").inner_text()
    page.locator("aside").get_by_role("link", name=re.compile("^Education")).click()
    assert "section=Education" in page.url
    assert {"Education"} == set(page.locator(".hit .section").all_inner_texts())
    page.get_by_role("link", name="Oldest").click()
    stamps = [one.get_attribute("datetime") or "" for one in page.locator(".hit time").all()]
    assert sorted(stamps) == stamps
    page.get_by_role("link", name="Take off the filter Education").click()
    page.get_by_role("link", name="Best match").click()
    assert all_of_it == page.locator("h1").inner_text()
    first = page.locator(".hit h2").all_inner_texts()
    page.get_by_role("link", name="Next").click()
    second = page.locator(".hit h2").all_inner_texts()
    assert second
    assert not set(first) & set(second)
    page.get_by_role("link", name="Previous").click()
    assert first == page.locator(".hit h2").all_inner_texts()


def test_results_show_what_they_should(open_page: OpenPage, site: Site) -> None:
    """A result has section, date, byline and its best passage with what was asked marked."""
    page = open_page(site.address + "/?q=village+school+pupils")
    hit = page.locator(".hit", has_text="Fennick's village school could close")
    assert "Education" == hit.locator(".section").inner_text()
    assert "23 January 2025" == hit.locator("time").inner_text()
    assert "Beatrix Lowry" in hit.locator(".byline").inner_text()
    marked = {text.lower() for text in hit.locator("mark").all_inner_texts()}
    assert marked
    assert marked <= {"village", "school", "schools", "pupil", "pupils"}


@pytest.mark.parametrize("scripts", [True, False])
def test_dates(open_page: OpenPage, site: Site, scripts: bool) -> None:
    """Two dates narrow the list to the days between them, both counted."""
    page = open_page(site.address + "/?q=school", java_script_enabled=scripts)
    form = page.locator("aside form.dates")
    form.get_by_label("From").fill("2025-01-23")
    form.get_by_label("Until").fill("2025-03-10")
    form.get_by_role("button", name="Set dates").click()
    days = [(one.get_attribute("datetime") or "")[:10] for one in page.locator(".hit time").all()]
    assert days
    assert all("2025-01-23" <= day <= "2025-03-10" for day in days)
    assert "2025-01-23" in days
    assert page.get_by_role("link", name="Take off the filter until 2025-03-10").is_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_article_and_its_neighbours(open_page: OpenPage, site: Site, scripts: bool) -> None:
    """From a result to its article, to what is like it, and to all that is similar."""
    page = open_page(site.address + "/?q=fennick+village+school", java_script_enabled=scripts)
    title = page.locator(".hit h2 a").first.inner_text()
    page.locator(".hit h2 a").first.click()
    assert title == page.locator("h1").inner_text()
    related = page.get_by_role("region", name="You May Also Like")
    titles = related.get_by_role("heading", level=3).all_inner_texts()
    assert 5 == len(set(titles))
    assert title not in titles
    assert any(text.strip() for text in related.locator(".note span:not(.hidden)").all_inner_texts())
    related.get_by_role("link", name="More like this").click()
    assert title in page.locator("h1").inner_text()
    page.get_by_role("link", name="Before it").click()
    assert "window=past" in page.url


def test_head_of_an_article(open_page: OpenPage, site: Site) -> None:
    """An article's page says where it was published first, and what it is about."""
    page = open_page(site.address + "/articles/harbour-0001")
    canonical = page.locator("link[rel=canonical]").get_attribute("href")
    assert canonical == site.engine.show("harbour-0001").url
    description = page.locator("meta[name=description]").get_attribute("content") or ""
    assert description.startswith("The primary school in Fennick")
    assert len(description) <= 161
    assert "2025-01-23T10:30:00+00:00" == page.locator("article time").first.get_attribute("datetime")


def test_print(open_page: OpenPage, site: Site) -> None:
    """On paper there is the article, in black, without forms and filters."""
    page = open_page(site.address + "/articles/harbour-0001", color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator("form").first.is_visible()
    assert page.locator("article p").first.is_visible()
    assert "rgb(0, 0, 0)" == page.locator("article p.lead").evaluate("e => getComputedStyle(e).color")


@pytest.mark.parametrize("scripts", [True, False])
def test_nothing_found(open_page: OpenPage, site: Site, scripts: bool) -> None:
    """Where nothing is relevant the page says so, and offers topics that lead to articles."""
    page = open_page(site.address + "/?q=xylophones+qwertz+zzz", java_script_enabled=scripts)
    assert "Nothing relevant found" in page.locator("h1").inner_text()
    page.get_by_role("list", name="Topics of this archive").get_by_role("link").first.click()
    assert page.locator(".hit").count() > 0


def test_did_you_mean(open_page: OpenPage, site: Site) -> None:
    """A typing error is offered mended."""
    page = open_page(site.address + "/?q=counicl")
    page.locator(".near a").click()
    assert "q=council" in page.url.lower()
    assert page.locator(".hit").count() > 0


@pytest.mark.parametrize("path", ["/", "/?q=school", "/articles/harbour-0001", "/?like=harbour-0001"])
def test_not_ready(open_page: OpenPage, unready: str, path: str) -> None:
    """Without an index each page is a calm page with 503, and a link to try again."""
    page = open_page(unready + path)
    assert "Just a moment" == page.locator("h1").inner_text()
    assert [] == violations(page)
    with page.expect_response(re.compile(".*")) as answer:
        page.get_by_role("link", name="Try again").click()
    assert (503, "5") == (answer.value.status, answer.value.headers["retry-after"])


@pytest.mark.parametrize("article", HOSTILE, ids=lambda article: article.id[:10])
def test_hostile_articles(open_page: OpenPage, site: Site, article) -> None:
    """Whatever an article holds is shown as text, in its own direction, and runs nothing."""
    page = open_page(site.address + article_path(article.id), viewport=PHONE)
    assert [] == violations(page)
    assert_no_sideways(page)
    assert "broken" not in page.title().replace(article.title, "")
    shown = page.locator("main article").inner_text()
    assert article.body.split("\n\n")[-1].strip() in shown
    assert 0 == page.locator("main img, main script, main style").count()
    assert not [
        href
        for href in page.locator("a").evaluate_all("all => all.map(a => a.protocol)")
        if href not in ("http:", "https:")
    ]
    if article.id == "rtl":
        assert "rtl" == page.locator("h1").evaluate("e => getComputedStyle(e).direction")


def test_hostile_query(open_page: OpenPage, site: Site) -> None:
    """A query that means harm comes back as text in the box."""
    query = "\"><script>document.title='broken'</script>{{7*7}}\u202e🦒"
    page = open_page(site.address + "/")
    page.get_by_label("Search the archive").fill(query)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    assert query == page.get_by_label("Search the archive").input_value()
    assert "broken" not in page.title().replace(query, "")


@pytest.mark.parametrize(
    "path", ["/", "/?q=school", "/articles/harbour-0001", "/?like=harbour-0001", "/?q=zzz+qqq"]
)
def test_light(open_page: OpenPage, site: Site, path: str) -> None:
    """A page with all that it loads stays under 50 kB, and loads nothing from elsewhere."""
    page = open_page("about:blank")
    sizes: dict[str, int] = {}
    page.on("response", lambda response: sizes.update({response.url: len(response.body())}))
    page.goto(site.address + path, wait_until="networkidle")
    assert all(url.startswith(site.address) or url.startswith("data:") for url in sizes)
    assert 2000 < sum(sizes.values()) < 50_000


def test_policy(open_page: OpenPage, site: Site) -> None:
    """The policy of each page lets only its own files in, and holds against what is put into a page."""
    page = open_page("about:blank", may_complain=True)
    answer = page.goto(site.address + "/?q=school")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"unsafe|\*|https:|http:", policy)
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.broken = 1';"
        "document.body.append(s); document.body.setAttribute('onclick', 'window.broken = 1');"
        "document.body.click(); }"
    )
    assert page.evaluate("window.broken") is None


def test_skip_link_and_order_of_focus(open_page: OpenPage, site: Site) -> None:
    """The first Tab gives a way past the head of the page."""
    page = open_page(site.address + "/?q=school")
    page.keyboard.press("Tab")
    assert "Skip to the content" == page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    assert "main" == page.evaluate("document.activeElement.id")


def test_focus(open_page: OpenPage, site: Site) -> None:
    """At home the box has the focus where there is a keyboard; on a phone it would hide the page."""
    focused = "document.activeElement.id"
    assert "q" == open_page(site.address + "/", viewport=WIDE).evaluate(focused)
    phone = open_page(site.address + "/", viewport=PHONE, has_touch=True, is_mobile=True)
    assert "q" != phone.evaluate(focused)
