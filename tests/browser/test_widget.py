"""The widget on pages of another origin: friendly ones, hostile ones, and where everything fails."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, OpenPage, Site
from tests.browser.serving import HostSite

# Added up from the first moment; what moves within half a second of a key does not count for browsers either.
COUNT_SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shift += one.value; })
    .observe({type: "layout-shift", buffered: true});
"""
TALL = "<p style='height: 3000px'>The article.</p>"


def widget(site: Site, attributes: str = "", article: str = "harbour-0001") -> str:
    """The two lines that a page needs."""
    script = f'<script src="{site.address}/widget.js" async></script>'
    return f'{script}<you-may-also-like article="{article}" {attributes}></you-may-also-like>'


def document(body: str, head: str = "") -> str:
    """A small page of a news site."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Host</title>{head}</head>'
        f"<body><main><h1>An article</h1>{body}</main><footer>The end</footer></body></html>"
    )


def links(page: Page) -> list[str]:
    """Where the links of the widget go."""
    found: list[str] = page.locator("you-may-also-like a").evaluate_all("all => all.map(a => a.href)")
    return found


def test_shows_the_list(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """Five articles with links, reasons and dates, accessible, in the page's own font and colour."""
    head = "<style>body { color: rgb(10, 20, 30); font: 18px monospace }</style>"
    page = open_page(host.put("/plain", document(widget(site), head)))
    region = page.get_by_role("region", name="You May Also Like")
    expect(region.get_by_role("link")).to_have_count(5)
    assert all(url.startswith("https://harbourpost.example/") for url in links(page))
    assert "rgb(10, 20, 30)" == region.get_by_role("link").first.evaluate("a => getComputedStyle(a).color")
    assert "monospace" == region.get_by_role("link").first.evaluate("a => getComputedStyle(a).fontFamily")
    assert all(" · " in text for text in page.locator("you-may-also-like p").all_inner_texts())
    page.wait_for_timeout(300)  # its one transition
    assert [] == violations(page)


def test_options(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """Number, heading, time, language and look are the page's to choose."""
    look = "you-may-also-like { --ymal-link: rgb(200, 0, 0) } ::part(heading) { color: rgb(0, 90, 0) }"
    options = 'limit="3" heading="Weiterlesen" window="past" lang="de"'
    page = open_page(
        host.put("/options", document(widget(site, options, "harbour-0030"), f"<style>{look}</style>"))
    )
    region = page.get_by_role("region", name="Weiterlesen")
    expect(region.get_by_role("link")).to_have_count(3)
    assert "rgb(200, 0, 0)" == region.get_by_role("link").first.evaluate("a => getComputedStyle(a).color")
    assert "rgb(0, 90, 0)" == region.get_by_role("heading").evaluate("h => getComputedStyle(h).color")
    asked = [
        url
        for url in page.evaluate("performance.getEntriesByType('resource').map(r => r.name)")
        if "related" in url
    ]
    assert [f"{site.address}/v1/articles/harbour-0030/related?limit=3&window=past"] == asked


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 860}])
@pytest.mark.parametrize("place", ["in view", "below"])
def test_never_shifts_the_page(open_page: OpenPage, site: Site, host: HostSite, size, place: str) -> None:
    """Nothing moves while it loads: not below the window, and not within it where its place is kept."""
    keep = "<style>you-may-also-like { display: block; min-height: 30em }</style>"
    body = widget(site) + "<p>What comes after it.</p>"
    address = host.put("/shift", document(body, keep) if place == "in view" else document(TALL + body))
    page = open_page("about:blank", viewport=size)
    page.add_init_script(COUNT_SHIFTS)
    slowly(page)
    page.goto(address)
    if place == "below":
        page.mouse.wheel(0, 3000)
    expect(page.locator("you-may-also-like a")).to_have_count(5)
    page.wait_for_timeout(300)
    assert 0 == page.evaluate("window.shift")


def test_counts_shifts_at_all(open_page: OpenPage, host: HostSite) -> None:
    """What measures shifts sees one."""
    # Again and again: what moves before the first paint, on a busy machine, is no shift.
    body = (
        "<div id='box'></div><p>After</p><script>let tall = false;"
        "setInterval(() => { tall = !tall; box.style.height = tall ? '200px' : '0' }, 300)</script>"
    )
    page = open_page("about:blank")
    page.add_init_script(COUNT_SHIFTS)
    page.goto(host.put("/shifting", document(body)))
    page.wait_for_function("window.shift > 0")


def slowly(page: Page) -> None:
    """Let the list come only after the page was painted."""

    def wait(route: Route) -> None:
        page.wait_for_timeout(300)
        route.continue_()

    page.route("**/related?*", wait)


def test_waits_until_it_is_near(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """It asks for nothing until the reader comes near."""
    page = open_page(host.put("/far", document(TALL + widget(site))))
    page.wait_for_function("!!customElements.get('you-may-also-like')")
    page.wait_for_timeout(300)
    asked = "performance.getEntriesByType('resource').filter(r => r.name.includes('related')).length"
    assert 0 == page.evaluate(asked)
    page.mouse.wheel(0, 3000)
    expect(page.locator("you-may-also-like a")).to_have_count(5)
    assert 1 == page.evaluate(asked)


POLICY = "default-src 'none'; script-src {0}; connect-src {0}"


def test_strict_policy(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """A policy that lets in the engine's script and answers alone is kept, and the list has its look."""
    address = host.put("/strict", document(widget(site)), Content_Security_Policy=POLICY.format(site.address))
    page = open_page(address)
    expect(page.locator("you-may-also-like a")).to_have_count(5)
    assert "grid" == page.locator("you-may-also-like ol").evaluate("e => getComputedStyle(e).display")


def test_aggressive_styles(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """Styles that unset everything, or hide all links and lists, do not reach into it."""
    head = (
        "<style>* { all: unset !important } a, ol, li, section, h2 { display: none !important }"
        " you-may-also-like { display: inline !important; position: fixed !important }</style>"
    )
    page = open_page(host.put("/aggressive", document(widget(site), head)))
    expect(page.get_by_role("region").get_by_role("link")).to_have_count(5)
    assert page.locator("you-may-also-like a").first.is_visible()
    assert "block" == page.locator("you-may-also-like").evaluate("e => getComputedStyle(e).display")
    assert "relative" == page.locator("you-may-also-like").evaluate("e => getComputedStyle(e).position")


LATER = """
  addEventListener("load", () => {
    for (const name of ["fetch", "URL", "JSON", "Promise", "AbortController", "Intl", "setTimeout"])
      window[name] = undefined;
    document.createElement = () => { throw new Error("not here") };
    Object.prototype.extra = Array.prototype.extra = "enumerable";
    Array.prototype.toJSON = () => "[]";
  });
"""


def test_globals_overwritten_later(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """What the page does to its globals after the script has loaded does not matter."""
    script = f"<script src='{site.address}/widget.js'></script><script>{LATER}</script>"
    body = TALL + '<you-may-also-like article="harbour-0001"></you-may-also-like>'
    page = open_page(host.put("/later", document(body, script)))
    page.mouse.wheel(0, 3000)
    expect(page.locator("you-may-also-like a")).to_have_count(5)


EARLIER = "Object.prototype.extra = 'x'; Array.prototype.each = () => 1; Array.prototype.toJSON = () => '[]';"


@pytest.mark.parametrize(
    ("script", "shown"),
    [(EARLIER, 5), ("window.fetch = () => { throw new Error('no') }", 0), ("window.fetch = undefined", 0),
     ("window.IntersectionObserver = undefined", 0), ("window.customElements.define = () => {}", 0),
     ("document.createElement = () => null", 0)],
)  # fmt: skip
def test_globals_overwritten_before(
    open_page: OpenPage, site: Site, host: HostSite, script: str, shown: int
) -> None:
    """What was overwritten before does no harm, or nothing is shown; the page stays whole."""
    body = widget(site) + "<p>After</p>"
    page = open_page(host.put("/earlier", document(body, f"<script>{script}</script>")), may_complain=False)
    if shown:
        expect(page.locator("you-may-also-like a")).to_have_count(shown)
    else:
        page.wait_for_timeout(400)
        assert 0 == page.locator("you-may-also-like a").count()
    assert page.get_by_text("After", exact=True).is_visible()


def test_moved_and_changed(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """A framework may make it, move it, and give it another article; it asks once for each."""
    page = open_page(host.put("/moved", document(f"<div id=a></div><div id=b></div>{widget(site, '', '')}")))
    page.wait_for_function("!!customElements.get('you-may-also-like')")
    asked = (
        "performance.getEntriesByType('resource').map(r => r.name)"
        ".filter(name => name.includes('related')).map(name => name.split('/')[5])"
    )
    page.evaluate(
        "() => { document.querySelector('you-may-also-like').remove();"
        "const e = window.e = document.createElement('you-may-also-like'); a.append(e);"
        "e.setAttribute('limit', 4); b.append(e); e.setAttribute('article', 'harbour-0001'); a.append(e); }"
    )
    expect(page.locator("you-may-also-like a")).to_have_count(4)
    page.evaluate("() => { e.remove(); b.append(e) }")
    expect(page.locator("#b you-may-also-like a")).to_have_count(4)
    assert ["harbour-0001"] == page.evaluate(asked)
    before = links(page)
    page.evaluate("e.setAttribute('article', 'harbour-0040')")
    page.wait_for_function("first => e.shadowRoot.querySelector('a')?.href !== first", arg=before[0])
    expect(page.locator("you-may-also-like a")).to_have_count(4)
    assert ["harbour-0001", "harbour-0040"] == page.evaluate(asked)
    page.evaluate("e.removeAttribute('article')")
    expect(page.locator("you-may-also-like a")).to_have_count(0)


def test_twice_on_a_page(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """The script may be there twice, and several lists beside each other."""
    page = open_page(host.put("/twice", document(widget(site) + widget(site, 'limit="2"', "harbour-0030"))))
    expect(page.locator("you-may-also-like a")).to_have_count(7)


ANSWERS = {
    "no such address": {"status": 404, "body": "{}"},
    "fault": {"status": 500, "body": "oops"},
    "not JSON": {"status": 200, "body": "<html>"},
    "other JSON": {"status": 200, "body": '{"hits": 3}'},
    "empty": {"status": 200, "body": '{"hits": []}'},
    "refused": None,
}


@pytest.mark.parametrize("name", ANSWERS)
def test_shows_nothing_on_failure(open_page: OpenPage, site: Site, host: HostSite, name: str) -> None:
    """Where the list cannot be had nothing is shown or said, and nothing moves."""
    page = open_page("about:blank", may_complain=True)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    answer = ANSWERS[name]
    cors = {"Access-Control-Allow-Origin": "*"}

    def fulfil(route: Route) -> None:
        if answer is None:
            route.abort()
        else:
            route.fulfill(status=int(str(answer["status"])), body=str(answer["body"]), headers=cors)

    page.route("**/related?*", fulfil)
    page.add_init_script(COUNT_SHIFTS)
    keep = "<style>you-may-also-like { display: block; min-height: 30em }</style>"
    page.goto(host.put("/failing", document(widget(site) + "<p>After</p>", keep)))
    page.wait_for_timeout(400)
    assert 0 == page.get_by_role("region").count()
    assert 0 == page.evaluate("window.shift")
    assert [] == errors


def test_takes_no_space_where_it_failed_out_of_sight(open_page: OpenPage, host: HostSite, site: Site) -> None:
    """Below the window its place is given back when there is nothing to show."""
    body = "<p style='height: 1100px'>The article.</p>" + widget(site) + TALL
    page = open_page("about:blank", may_complain=True)
    page.route("**/related?*", lambda route: route.abort())
    page.goto(host.put("/gone", document(body)))
    page.wait_for_function("document.querySelector('you-may-also-like').getBoundingClientRect().height === 0")


def test_engine_away(open_page: OpenPage, host: HostSite) -> None:
    """Without the script the page has an unknown element, and that is all."""
    script = '<script src="http://127.0.0.1:9/widget.js" async></script>'
    page = open_page(
        host.put("/away", document(script + "<you-may-also-like article='a'></you-may-also-like>")),
        may_complain=True,
    )
    assert page.get_by_text("The end").is_visible()


def test_hostile_answers(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """Links with other protocols than http and https are left out, and text is text."""
    hits = [
        {"id": "1", "title": "Script", "url": "javascript:document.title='broken'"},
        {"id": "2", "title": "Data", "url": "data:text/html,<script>alert(1)</script>"},
        {
            "id": "3",
            "title": "<img src=x onerror=\"document.title='broken'\">",
            "url": "https://news.example/3",
        },
        {"id": "4", "title": "ערב טוב", "url": "/relative", "language": "he", "section": None},
        {"id": "a/b", "title": "No address " + "word " * 60, "url": None, "published_at": "soon"},
        {"id": "6", "title": "", "url": "https://news.example/6"},
    ]
    page = open_page("about:blank", viewport=PHONE)
    page.route(
        "**/related?*",
        lambda route: route.fulfill(
            body=json.dumps({"hits": hits}),
            content_type="application/json",
            headers={"Access-Control-Allow-Origin": "*"},
        ),
    )
    page.goto(host.put("/hostile", document(widget(site, 'limit="9"'))))
    expect(page.locator("you-may-also-like a")).to_have_count(3)
    assert ["https://news.example/3", f"{host.address}/relative", f"{site.address}/articles/a%2Fb"] == links(
        page
    )
    assert "Host" == page.title()
    assert "rtl" == page.locator("you-may-also-like a").nth(1).evaluate("a => getComputedStyle(a).direction")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_right_to_left(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """On a page that is written from the right the heading begins at the right."""
    html = document(widget(site, 'heading="עוד"')).replace("<html ", '<html dir="rtl" ')
    page = open_page(host.put("/rtl", html))
    expect(page.locator("you-may-also-like a")).to_have_count(5)
    assert "rtl" == page.locator("you-may-also-like h2").evaluate("h => getComputedStyle(h).direction")


def test_dark_and_calm(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """It takes the colours of a dark page, and moves nothing where the reader wants no motion."""
    head = (
        '<meta name="color-scheme" content="light dark"><style>:root { color-scheme: light dark }'
        "@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } }</style>"
    )
    page = open_page(
        host.put("/dark", document(widget(site), head)), color_scheme="dark", reduced_motion="reduce"
    )
    expect(page.locator("you-may-also-like a")).to_have_count(5)
    assert "rgb(238, 238, 238)" == page.locator("you-may-also-like a").first.evaluate(
        "a => getComputedStyle(a).color"
    )
    assert "0s" == page.locator("you-may-also-like section").evaluate(
        "e => getComputedStyle(e).transitionDuration"
    )
    assert [] == violations(page)


class TestEvents:
    def watched(
        self, open_page: OpenPage, site: Site, host: HostSite, attributes: str
    ) -> tuple[Page, list[dict]]:
        """A page with the widget, and the batches of events that it sends."""
        sent: list[dict] = []
        page = open_page("about:blank", may_complain=True)

        def note(route: Route) -> None:
            assert "cookie" not in route.request.headers
            sent.append(json.loads(route.request.post_data or ""))
            route.fulfill(status=204)

        page.route("**/v1/events", note)
        page.goto(host.put("/events", document(widget(site, attributes))))
        expect(page.locator("you-may-also-like a")).to_have_count(5)
        page.wait_for_timeout(300)
        return page, sent

    def test_sent_where_wanted(self, open_page: OpenPage, site: Site, host: HostSite) -> None:
        """With the attribute it tells what was seen, once, and what was clicked, at which place."""
        page, sent = self.watched(open_page, site, host, "events")
        assert [("impression", "harbour-0001", n) for n in range(1, 6)] == [
            (one["kind"], one["article_id"], one["position"]) for one in sent[0]["events"]
        ]
        page.route("https://harbourpost.example/**", lambda route: route.fulfill(body="there"))
        page.locator("you-may-also-like a").nth(1).click()
        page.wait_for_url("https://harbourpost.example/**")
        assert [{**sent[0]["events"][1], "kind": "click"}] == sent[1]["events"]
        assert 2 == len(sent)

    def test_not_sent_otherwise(self, open_page: OpenPage, site: Site, host: HostSite) -> None:
        """Without the attribute nothing is told."""
        assert [] == self.watched(open_page, site, host, "")[1]

    def test_arrive(self, open_page: OpenPage, site: Site, host: HostSite) -> None:
        """The service takes what a page of another origin sends."""
        page = open_page("about:blank")
        with page.expect_response("**/v1/events") as answer:
            page.goto(host.put("/arrive", document(widget(site, "events", "harbour-0002"))))
        assert 204 == answer.value.status

    def test_reader_pages(self, open_page: OpenPage, site: Site) -> None:
        """The reader's own pages tell what was looked for, what it found, and what was clicked."""
        sent: list[dict] = []

        def note(route: Route) -> None:
            sent.append(json.loads(route.request.post_data or ""))
            route.fulfill(status=204)

        page = open_page("about:blank")
        page.route("**/v1/events", note)
        page.goto(site.address + "/?q=zzz+qqq+xxx")
        page.goto(site.address + "/?q=village+school")
        page.locator(".hit h2 a").nth(1).click()
        page.wait_for_url("**/articles/**")
        events = [event for batch in sent for event in batch["events"]]
        assert {"kind": "search", "query": "zzz qqq xxx", "results": 0} == events[0]
        assert ("search", "village school") == (events[1]["kind"], events[1]["query"])
        assert events[1]["results"] > 0
        assert ("click", "village school", 2) == tuple(
            events[2][name] for name in ("kind", "query", "position")
        )
