"""Counts words: of the story that are left, of the clutter that are gone."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from semsearch.articles import Article
from semsearch.boilerplate import Boilerplate
from semsearch.sources.html_page import record_from_html
from semsearch.sources.records import article_from_record
from tests.themes.words import Page


@dataclass(frozen=True)
class Measured:
    """Shares of words, 0 to 1: of the story kept, of the result that is story, of the clutter dropped."""

    recall: float
    precision: float
    dropped: float
    left: tuple[str, ...]


def article_of(html: str) -> Article:
    """The article of a page, as a folder of pages gives it."""
    record = record_from_html(html, url=None, place="page.html")
    return article_from_record({"id": "page", **record}, place="page.html")[0]


def searched(article: Article, boilerplate: Boilerplate | None = None) -> str:
    """What of its body is searched."""
    spans = (boilerplate or Boilerplate()).kept_spans(article.body, article.source, article.title)
    return "\n\n".join(article.body[start:end] for start, end in spans)


def measured(page: Page, html: str, text: str) -> Measured:
    """How far a text is the story of its page; only clutter that the page shows counts."""
    story, result = Counter(_words(" ".join(page.story))), Counter(_words(text))
    shared = (story & result).total()
    written = " ".join(_words(html))
    shown = [line for line in page.clutter.values() if " ".join(_words(line)) in written]
    found = " ".join(_words(text))
    left = tuple(line for line in shown if " ".join(_words(line)) in found)
    words = sum(len(_words(line)) for line in shown)
    return Measured(
        shared / story.total(),
        shared / max(result.total(), 1),
        1 - sum(len(_words(line)) for line in left) / words,
        left,
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
