"""The snippets of docs/integrations.md work as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Site
from tests.browser.serving import HostSite

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "integrations.md").read_text("utf-8")
SEARCH = "https://search.example"


def section(name: str) -> str:
    """The text of one part of the page."""
    return TEXT.split(f"\n## {name}\n")[1].partition("\n## ")[0]


def snippets(text: str, language: str = "html") -> list[str]:
    """The blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.S)


def test_plain_html(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """The two parts of the plain page show the list, in its style."""
    head, body = (part.replace(SEARCH, site.address) for part in snippets(section("Plain HTML")))
    css = snippets(section("Plain HTML"), "css")[0]
    html = f"<!doctype html><title>Plain</title>{head}<style>{css}</style><h1>Post</h1>{body}"
    page = open_page(host.put("/plain-snippet", html))
    expect(page.locator("you-may-also-like a")).to_have_count(5)
    look = page.locator("you-may-also-like a").first.evaluate("a => getComputedStyle(a).color")
    assert "rgb(23, 74, 134)" == look
    columns = page.locator("you-may-also-like ol").evaluate("e => getComputedStyle(e).gridTemplateColumns")
    assert 2 == len(columns.split())


def test_place_is_kept(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """The height that the page keeps free is at least what the list takes."""
    head, body = (part.replace(SEARCH, site.address) for part in snippets(section("Plain HTML")))
    page = open_page(host.put("/kept", f"<!doctype html><title>Kept</title>{head}{body}"))
    expect(page.locator("you-may-also-like a")).to_have_count(5)
    element = page.locator("you-may-also-like")
    assert 28 * 16 == element.evaluate("e => e.getBoundingClientRect().height")
    assert 28 * 16 >= element.evaluate("e => e.shadowRoot.firstChild.getBoundingClientRect().height")


def test_ghost(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """On a post of Ghost the list stands at its end."""
    footer = snippets(section("Ghost"))[0].replace(SEARCH, site.address)
    head = "<!doctype html><title>Ghost</title><link rel='canonical' href='https://news.example/ferry/'>"
    post = '<body class="post-template"><article><div class="gh-content"><p>Post</p></div></article>'
    page = open_page(host.put("/ferry/", head + post + footer))
    element = page.locator(".gh-content you-may-also-like")
    expect(element.locator("a")).to_have_count(5)  # the newest: the index does not hold this address
    assert "https://news.example/ferry/" == element.get_attribute("article")


def test_hugo(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """Hugo's partial, with its values put in, is the same element."""
    partial = snippets(section("Hugo"), "go-html-template")[0]
    values = {".Permalink": "harbour-0001", "i18n": "Read on"}
    html = re.sub(r"{{ (\S+)[^}]*}}", lambda match: values[match[1]], partial.replace(SEARCH, site.address))
    page = open_page(host.put("/hugo", f"<!doctype html><title>Hugo</title>{html}"))
    expect(page.get_by_role("region", name="Read on").get_by_role("link")).to_have_count(5)


def test_server_side(open_page: OpenPage, site: Site, host: HostSite) -> None:
    """What a server includes is plain HTML that shows without JavaScript."""
    page = open_page(site.address + "/v1/articles/harbour-0001/related.html", java_script_enabled=False)
    fragment = page.content()
    address = host.put("/included", f"<!doctype html><title>Included</title>{fragment}")
    page = open_page(address, java_script_enabled=False)
    expect(page.locator("aside.semsearch-related a")).to_have_count(5)


@pytest.mark.parametrize("name", ["article", "limit", "window", "heading", "endpoint", "events"])
def test_attributes_are_those_of_the_element(site: Site, open_page: OpenPage, name: str) -> None:
    """Every attribute that is documented is one that the element reads."""
    page = open_page(site.address + "/widget.js")
    assert f'"{name}"' in page.locator("body").inner_text()
    assert f"| `{name}` |" in TEXT
