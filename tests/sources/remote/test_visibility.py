"""What sites, feeds and pages say of who may see an article."""

from __future__ import annotations

from datetime import UTC, datetime

import feedparser
import pytest

from semsearch.sources.records import article_from_record
from semsearch.sources.remote.client import Answer
from semsearch.sources.remote.feed_entry import record_from_entry
from semsearch.sources.remote.page import read_page
from semsearch.sources.wordpress.rest_post import record_from_post

LATER = datetime(2099, 1, 2, 6, tzinfo=UTC)
FEED = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:app="http://www.w3.org/2007/app">
<title>Site</title><entry><id>a</id><title>Wall</title>
<published>2099-01-02T06:00:00Z</published>{}</entry></feed>"""
PAGE = b"<html><head><title>Wall</title></head><body><article><p>The wall stands.</p></article></body></html>"


def entry(more):
    """The article of a feed's only entry."""
    parsed = feedparser.parse(FEED.format(more))
    record = record_from_entry(parsed.entries[0], parsed.feed, "https://a.example/feed")
    return article_from_record(record)[0]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, None),
        ({"status": "publish"}, None),
        ({"status": "draft"}, "draft"),
        ({"status": "private"}, "private"),
        ({"status": "future"}, None),
        ({"content": {"rendered": "Text.", "protected": True}}, "password"),
        ({"content": {"rendered": "Text.", "protected": False}}, None),
        ({"password": "sesame"}, "password"),
    ],
    ids=repr,
)
def test_a_post_of_a_site(fields, status):
    """Who is logged in gets posts and texts that readers do not; a date to come governs."""
    post = {"id": 7, "title": {"rendered": "Wall"}, "date_gmt": "2099-01-02T06:00:00", **fields}
    article, notes = article_from_record(record_from_post(post))
    assert (status, LATER, ()) == (article.status, article.published_at, notes)
    assert "sesame" not in repr(article)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ("", None),
        ("<app:control><app:draft>yes</app:draft></app:control>", "draft"),
        ("<app:control><app:draft>no</app:draft></app:control>", None),
    ],
)
def test_an_entry_of_a_feed(more, status):
    """Its date governs; Atom knows drafts."""
    article = entry(more)
    assert (status, LATER, {}) == (article.status, article.published_at, dict(article.extra))


@pytest.mark.parametrize(
    ("header", "status", "expires"),
    [
        ("noindex, nofollow", "noindex", None),
        ("index", None, None),
        ("googlebot: noindex", None, None),
        ("unavailable_after: 2 Jan 2099 06:00:00 GMT", None, LATER),
    ],
)
def test_a_page_whose_header_speaks_to_robots(header, status, expires):
    """As its meta tag does; what is said to one robot by its name is not said to all."""
    answer = Answer(
        "https://a.example/wall", 200, {"content-type": "text/html", "x-robots-tag": header}, PAGE
    )
    article, _ = article_from_record(read_page(answer, "wall").record)
    assert (status, expires) == (article.status, article.expires_at)
