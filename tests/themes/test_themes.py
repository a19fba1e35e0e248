"""Pages in the markup of common themes: no word of the story is lost, and the clutter is not searched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from semsearch.boilerplate import Boilerplate, BoilerplateCounter
from semsearch.sources.opening import read_all
from semsearch.sources.report import Report
from tests.themes.measuring import Measured, article_of, measured, searched
from tests.themes.templates import THEMES
from tests.themes.words import PAGES, UNFAMILIAR, Page

SAMPLE = Path(__file__).parents[2] / "src" / "semsearch" / "sample" / "articles.jsonl"
DOCUMENT = Path(__file__).parents[2] / "docs" / "cleaning.md"
BY_LANGUAGE = pytest.mark.parametrize("page", PAGES, ids=[page.language for page in PAGES])
BY_THEME = pytest.mark.parametrize("theme", THEMES, ids=[name.replace(" ", "-") for name in THEMES])


@BY_THEME
@BY_LANGUAGE
def test_no_word_of_the_story_is_lost(theme, page):
    """All paragraphs are stored in order, each whole, and all are searched."""
    article = article_of(THEMES[theme](page))
    stored = article.body.split("\n\n")

    assert list(page.story) == [paragraph for paragraph in stored if paragraph in page.story]
    assert list(page.story) == [part for part in searched(article).split("\n\n") if part in page.story]
    assert (page.title, page.language) == (article.title, article.language or page.language)


@BY_THEME
@BY_LANGUAGE
def test_clutter_is_not_searched(theme, page):
    """Of the words around the story that the page shows, 99 in 100 are in no searched text."""
    html = THEMES[theme](page)
    article = article_of(html)
    found = measured(page, html, searched(article))

    assert 0.99 <= found.dropped, found.left
    assert 0.99 <= found.precision
    assert 0.5 <= measured(page, html, article.body).dropped


@pytest.fixture(scope="module")
def unfamiliar():
    """Thirty pages of one site whose clutter neither words nor markup give away, with their articles."""
    report = Report()
    told = [one for one in read_all([str(SAMPLE)], None, report) if one.body.count("\n\n") > 2][:30]
    pages = []
    for one in told:
        words = {place: line.replace("{}", one.title) for place, line in UNFAMILIAR.items()}
        story = tuple(part for part in one.body.split("\n\n")[:4] if len(part) > 100)
        pages.append(Page("en", one.title, story, PAGES[0].clutter | words))
    return [(page, html := THEMES["tables of 2003"](page), article_of(html)) for page in pages]


def share_dropped(pages, boilerplate) -> float:
    """The mean share of clutter that is not searched."""
    found = [measured(page, html, searched(article, boilerplate)).dropped for page, html, article in pages]
    return sum(found) / len(found)


def test_unfamiliar_clutter_is_found_by_recurring(unfamiliar):
    """What no rule knows goes where a site repeats it; what differs from page to page stays."""
    counter = BoilerplateCounter()
    for _, _, article in unfamiliar:
        counter.add(article)
    site = counter.finish()
    alone, together = share_dropped(unfamiliar, Boilerplate()), share_dropped(unfamiliar, site)

    assert 0.50 <= alone <= together - 0.05
    assert 0.60 <= together < 0.80  # so much the document says; better words belong there, too
    for page, html, article in unfamiliar:
        assert measured(page, html, searched(article, site)).recall == 1.0


@BY_LANGUAGE
def test_a_story_in_a_box_of_that_name_is_kept(page):
    """A page whose story stands in an element called newsletter keeps it."""
    html = THEMES["Ghost Casper"](page).replace("gh-content gh-canvas", "newsletter gh-content")

    assert measured(page, html, article_of(html).body).recall == 1.0


@pytest.mark.parametrize("story", [PAGES[0].story * 40], ids=["40 times"])
def test_a_long_story_among_clutter_is_kept(story):
    """Length changes nothing: the last paragraph is there, and the related list behind it is not."""
    page = type(PAGES[0])(
        "en", PAGES[0].title, tuple(f"{n}. {text}" for n, text in enumerate(story)), PAGES[0].clutter
    )
    article = article_of(THEMES["WordPress block theme"](page))

    assert list(page.story) == [part for part in searched(article).split("\n\n") if part in page.story]
    assert "blocks the quay" not in searched(article)


def table() -> dict[str, tuple[int, ...]]:
    """A row for each theme, means over the languages in per cent, as the document shows them."""
    rows = {}
    for theme, write in THEMES.items():
        stored: list[Measured] = []
        kept: list[Measured] = []
        for page in PAGES:
            html = write(page)
            article = article_of(html)
            stored.append(measured(page, html, article.body))
            kept.append(measured(page, html, searched(article)))
        rows[theme] = (
            round(25 * sum(one.recall for one in stored)),
            round(25 * sum(one.dropped for one in stored)),
            round(25 * sum(one.recall for one in kept)),
            round(25 * sum(one.dropped for one in kept)),
        )
    return rows


def test_the_document_shows_what_is_measured():
    """The table in docs/cleaning.md is the one that these pages give."""
    lines = re.findall(r"^\| ([\w ]+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", DOCUMENT.read_text(), re.M)

    assert table() == {name: tuple(map(int, numbers)) for name, *numbers in lines}
