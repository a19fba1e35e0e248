# ruff: noqa: E501 - markup is long
"""A real Ghost, read in every way that semsearch reads one, says what its database holds."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest

from semsearch.options import SourceOptions
from semsearch.sources.opening import read_all
from semsearch.sources.remote.making import open_remote
from semsearch.sources.remote.protocol import Got
from tests.real import part
from tests.real.ghost.seeds import OWNER, PICTURE, SEEDS, WRITERS, plant
from tests.real.ghost.system import missing, running

pytestmark = [
    pytest.mark.real,
    pytest.mark.timeout(1200),
    part("ghost"),
    pytest.mark.skipif(bool(missing()), reason=f"a real Ghost: this machine has no {missing()}"),
]

NEVER = (
    "SECRET",
    "BOXWORDS",
    "FRAMEWORDS",
    "CODEWORDS",
    "ALTWORDS",
    "PAGEWORDS",
    "Coming soon",
    "subscribers only",
    "Sign in",
)
POSTS = """
SELECT JSON_OBJECT('id', p.id, 'slug', p.slug, 'title', p.title, 'lead', p.custom_excerpt, 'image', p.feature_image,
 'visibility', p.visibility, 'published_at', CONVERT(p.published_at USING utf8mb4),
 'authors', (SELECT CONVERT(JSON_ARRAYAGG(u.name ORDER BY l.sort_order) USING utf8mb4) FROM posts_authors l JOIN users u ON u.id = l.author_id WHERE l.post_id = p.id),
 'tags', (SELECT CONVERT(JSON_ARRAYAGG(t.name ORDER BY l.sort_order) USING utf8mb4) FROM posts_tags l JOIN tags t ON t.id = l.tag_id
          WHERE l.post_id = p.id AND t.visibility = 'public'))
FROM posts p WHERE p.type = 'post' AND p.status = 'published' AND p.slug <> 'coming-soon'
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with all seeds."""
    with running(tmp_path_factory.mktemp("ghost")) as ghost:
        plant(ghost)
        yield ghost


@pytest.fixture(scope="module")
def rows(site):
    """The published posts of the database by their address."""
    return {f"{site.url}/{row['slug']}/": row for row in site.rows(POSTS)}


class Heard:
    """Keeps what a source tells."""

    def __init__(self):
        self.notes, self.rejected = [], []
        self.warn, self.reject = self.notes.append, self.rejected.append
        self.take = lambda: None


class Nothing:
    """What was stored of a source that was never read."""

    def __init__(self):
        self.cursor = {}

    def stamp(self, key):
        return None

    def keys(self):
        return set()


def articles(kind, url, **more):
    """The articles of one reading by their address, and what was told."""
    report = Heard()
    options = SourceOptions(kind=kind, url=url, rate=1000.0, allow_private=True, **more)
    with open_remote("site", options, environ={}) as source:
        steps = [step for step in source.steps(Nothing(), report) if isinstance(step, Got)]
    return {step.article.url: step.article for step in steps if step.article is not None}, report


def listed(value):
    """The names of a column that holds a list as JSON."""
    return tuple(json.loads(value or "[]"))


def is_shown(article):
    """Whether readers see it now."""
    return article.status is None and article.published_at <= datetime.now(UTC)


def words(text):
    """Words and numbers in order, without signs."""
    return re.findall(r"[\w£<>&]+", text)


def differences(found, rows, *, walled=True):
    """What the articles say otherwise than the database and the seeds: lines to read."""
    seeds = {(seed.title, seed.says) for seed in SEEDS}
    said = []
    for url, row in rows.items():
        article = found.get(url)
        if article is None:
            said.append(f"{row['title']}: missing")
            continue
        lead = row["lead"] or ""
        tags, names = listed(row["tags"]), listed(row["authors"])
        body = next(
            (
                says
                for title, says in seeds
                if title == row["title"] and words(f"{lead} {says}") == words(article.body)
            ),
            None,
        )
        published = datetime.fromisoformat(row["published_at"]).replace(tzinfo=UTC)
        for what, is_right, value in (
            ("title", article.title == row["title"], article.title),
            ("body", body is not None, article.body),
            ("date", article.published_at == published, article.published_at),
            ("authors", article.authors == names, article.authors),
            ("section", article.section == next(iter(tags), None), article.section),
            ("tags", article.tags == tags, article.tags),
            ("image", article.image == row["image"], article.image),
            (
                "part",
                (row["visibility"] == "public") == ("isAccessibleForFree" not in article.extra),
                article.extra,
            ),
        ):
            if not is_right and (what != "part" or walled):
                said.append(f"{row['title']}: {what} is {value!r}")
    return said


def test_the_seeds_are_there(rows):
    """What Ghost published is what was planted: nothing is compared with nothing."""
    assert sorted(seed.title for seed in SEEDS if seed.is_public) == sorted(
        row["title"] for row in rows.values()
    )
    assert {*WRITERS.values(), OWNER["name"]} >= {
        name for row in rows.values() for name in listed(row["authors"])
    }


@pytest.mark.parametrize("theme", ["source", "casper"])
def test_the_sitemap_agrees_with_the_database(site, rows, theme):
    """Titles, leads, words in order, dates, authors, sections, tags and pictures of every post, in both themes."""
    site.activate(theme)
    found, report = articles("sitemap", f"{site.url}/sitemap-posts.xml", exclude="/coming-soon/$")

    assert "" == "\n".join(differences(found, rows))
    assert rows.keys() == found.keys()
    assert [] == [word for word in NEVER if word in told(found)]
    assert [] == report.rejected
    empty = {note.place for note in report.notes if note.field == "body"}
    assert {url for url, article in found.items() if not article.body} <= empty


def test_the_feed_agrees_with_the_database(site, rows):
    """The newest posts, as the feed itself has them and with the text of their pages."""
    for full in (False, True):
        found, _ = articles("feed", f"{site.url}/rss/", full_text=full)
        there = {url: rows[url] for url in found if url in rows}
        assert 10 <= len(there)
        free = {url: row for url, row in there.items() if row["visibility"] == "public"}
        told_by_feed = re.compile(
            r": (?:title|body|date) is "
        )  # of authors and sections it has the first alone
        assert "" == "\n".join(filter(told_by_feed.search, differences(found, free)))
        assert [] == [word for word in NEVER if word in told({url: found[url] for url in there})]


def test_the_export_agrees_with_the_database(site, rows, tmp_path):
    """All that the owner exports; posts that are no public ones are hidden by their status."""
    exported = site.ask_as_owner("GET", "db/")
    (tmp_path / "export.json").write_text(json.dumps(exported))
    everything = list(read_all([str(tmp_path / "export.json")], None, Heard()))
    found = {f"{site.url}{article.url}": article for article in everything if is_shown(article)}
    public = {url: row for url, row in rows.items() if row["visibility"] == "public"}

    found.pop(f"{site.url}/coming-soon/", None)
    assert public.keys() == found.keys()
    assert "" == "\n".join(differences(found, public))
    assert [] == [word for word in NEVER if word in told(found)]


def test_pictures_are_the_posts_own(site, rows):
    """One post has one; the cover of the site is nobody's."""
    found, _ = articles("sitemap", f"{site.url}/sitemap-posts.xml")
    assert [PICTURE] == [article.image for url, article in found.items() if article.image and url in rows]


def told(found):
    """All that is stored of some articles, as one text."""
    return json.dumps(
        [[a.title, a.body, a.section, a.authors, a.tags, dict(a.extra)] for a in found.values()],
        ensure_ascii=False,
    )
