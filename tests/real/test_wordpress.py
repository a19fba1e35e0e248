"""A tour of a real WordPress: every way out of it gives the same articles, and the index follows it.

The tests run in their order, on one site.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.keys import KeyFile
from semsearch.options import SourceOptions
from semsearch.service.app import create_app
from semsearch.settings import Settings
from tests.browser.serving import running
from tests.fakes import HashingEncoder
from tests.real import part
from tests.real.wordpress import DEBIAN, WordPress, missing, newest
from tests.real.wordpress_posts import BLOCK, HIDDEN, PENDING, PUBLIC, SCHEDULED, Row

CACHE = Path(os.environ.get("SEMSEARCH_REAL_CACHE", Path.home() / ".cache" / "semsearch-real")) / "wordpress"
WORD = re.compile(r"\w+")


@dataclass
class Tour:
    """The site, the engine that follows it, and which post every row became."""

    site: WordPress
    engine: Engine
    rows: dict[str, Row] = field(default_factory=dict)

    def sync(self, **knobs: Any) -> tuple[int, int, int]:
        """Added, changed, deleted by one sync; it has no fault and rejects nothing."""
        (report,) = self.engine.sync(**knobs)
        assert (None, 0) == (report.fault, report.rejected), report
        return report.added, report.changed, report.deleted

    def held(self) -> dict[str, Article]:
        """All articles, hidden ones too."""
        return {one.id: one for one in self.engine.live_articles()}

    def number(self, row: Row) -> str:
        """The id of the post of a row."""
        return next(number for number, one in self.rows.items() if one.title == row.title)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("wordpress", marks=part("wordpress")),
        pytest.param("wordpress-newest", marks=part("wordpress-newest")),
    ],
)
def tour(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    """A seeded site, read once: of Debian's own core, and of the newest that it has."""
    core = newest(CACHE) if request.param == "wordpress-newest" else DEBIAN
    if lacking := missing(core):
        pytest.fail(f"this machine lacks {lacking}; .ci/run installs all that is needed")
    folder = tmp_path_factory.mktemp("wp")
    with WordPress(folder / "site", core) as site:
        site.do("prepare", block=BLOCK)
        numbers = site.do("seed", posts=[row.values() for row in (*PUBLIC, *HIDDEN)])
        source = SourceOptions(
            kind="wordpress", url=site.url, allow_private=True, rate=1000, language="en", source="Gazette"
        )
        settings = Settings(indexes=folder / "indexes", index="news", sources={"site": source})
        engine = Engine(settings, encoder=HashingEncoder())
        yield Tour(site, engine, dict(zip(map(str, numbers), (*PUBLIC, *HIDDEN), strict=True)))
        engine.close()


def words(text: str) -> list[str]:
    """The words of a text in their order."""
    return WORD.findall(text)


def wanted(row: Row, text: str | None = None) -> list[str]:
    """The words of an article of a row: its lead, then its text."""
    return words(f"{row.lead} {row.text if text is None else text}")


def title_of(row: Row) -> list[str]:
    """The words of its title as readers see it."""
    return words(row.shown_title or html.unescape(row.title))


def moment(written: str) -> datetime:
    """A time of the database."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


def check_words(tour: Tour, articles: dict[str, Article], public: set[str], way: str) -> None:
    """Title, lead and body of all public posts, word by word in their order."""
    wrong = []
    for number in sorted(public, key=int):
        row, article = tour.rows[number], articles[number]
        text = row.feed if way == "feed" else None
        if words(article.title) != title_of(row):
            wrong.append((row.title, article.title))
        if words(article.body) != wanted(row, text):
            wrong.append((row.title, article.body))
    assert [] == wrong


def check_facts(articles: dict[str, Article], facts: list[dict[str, Any]]) -> None:
    """Dates, author, section, categories, tags, address and picture as the database has them."""
    wrong = []
    for fact in facts:
        article = articles[fact["id"]]
        categories = [one for one in (article.section, *article.extra.get("categories", ())) if one]
        found = (
            article.published_at, article.updated_at, article.authors, sorted(categories),
            sorted(article.tags), unquote(article.url or ""), article.image,
        )  # fmt: skip
        right = (
            moment(fact["published"]), moment(fact["updated"]), (fact["author"],), sorted(fact["categories"]),
            sorted(fact["tags"]), unquote(fact["url"]), fact["image"],
        )  # fmt: skip
        image_of_text = fact["image"] is None and article.image
        wrong += [pair for pair in zip(found[:-1], right[:-1], strict=True) if pair[0] != pair[1]]
        if found[-1] != right[-1] and not image_of_text:
            wrong.append((found[-1], right[-1]))
        has_none = fact["categories"] == ["Uncategorized"]
        if article.section == "Uncategorized" or (article.section is None) != has_none:
            wrong.append((article.section, fact["categories"]))
    assert [] == wrong


def has_secrets(folder: Path) -> list[str]:
    """Files of an index that hold a word which readers may not see."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and b"SECRET" in path.read_bytes()]


def test_the_first_sync_gives_what_the_database_holds(tour: Tour) -> None:
    """All public posts, and no word of what is hidden, in no file."""
    assert (len(PUBLIC), 0, 0) == tour.sync()
    facts = tour.site.do("public")
    held = tour.held()
    assert {fact["id"] for fact in facts} == held.keys()
    check_words(tour, held, set(held), "rest")
    check_facts(held, facts)
    assert [] == has_secrets(tour.engine.settings.indexes)
    assert (0, 0, 0) == tour.sync()
    assert (0, 0, 0) == tour.sync(full=True)


def test_another_theme_changes_no_article(tour: Tour) -> None:
    """Twenty Twenty-One ends its excerpts with "Continue reading"."""
    theme = tour.site.do("options")["theme"]
    if not (tour.site.site / "wp-content/themes/twentytwentyone").is_dir():
        pytest.skip("the core comes without Twenty Twenty-One")
    assert "twentytwentyone" == tour.site.do("theme", name="twentytwentyone")
    try:
        assert (0, 1, 0) == tour.sync(full=True)  # it calls a post without a title "Untitled"
    finally:
        tour.site.do("theme", name=theme)
    assert (0, 1, 0) == tour.sync(full=True)


def test_the_export_gives_the_same_articles(tour: Tour, tmp_path: Path) -> None:
    """With their ids; what is hidden is in no answer."""
    file = tmp_path / "export.xml"
    file.write_text(tour.site.do("export"), "utf-8")
    engine = Engine(Settings(indexes=tmp_path / "indexes", index="export"), encoder=HashingEncoder())
    engine.build([str(file)])
    articles = {one.id: one for one in engine.live_articles()}
    facts = tour.site.do("public")
    public = {fact["id"] for fact in facts}
    assert public == {number for number, one in articles.items() if one.status is None and _is_past(one)}
    check_words(tour, articles, public, "export")
    check_facts(articles, facts)
    synced = tour.held()
    assert [] == [
        (one.title, articles[one.id].section)
        for one in synced.values()
        if one.section != articles[one.id].section
    ]
    assert "SECRET" not in repr([articles[number] for number in public])
    engine.close()


def _is_past(article: Article) -> bool:
    return article.published_at is None or article.published_at <= datetime.now(UTC)


def test_the_feed_gives_the_same_words(tour: Tour, tmp_path: Path) -> None:
    """Titles, leads and bodies; of a post in pages it has the first."""
    source = SourceOptions(
        kind="feed", url=f"{tour.site.url}/feed/", allow_private=True, rate=1000, language="en"
    )
    settings = Settings(indexes=tmp_path / "indexes", index="feed", sources={"feed": source})
    engine = Engine(settings, encoder=HashingEncoder())
    (report,) = engine.sync()
    assert (None, 0) == (report.fault, report.rejected)
    facts = tour.site.do("public")
    numbers = {unquote(fact["url"]): fact["id"] for fact in facts}
    articles = {numbers[unquote(one.url or "")]: one for one in engine.live_articles() if one.status is None}
    assert len(PUBLIC) == len(articles)
    check_words(tour, articles, set(articles), "feed")
    (locked,) = [one for one in engine.live_articles() if one.status is not None]
    assert ("password", "") == (locked.status, locked.body)
    for fact in facts:
        article = articles[fact["id"]]
        assert (moment(fact["published"]), (fact["author"],)) == (article.published_at, article.authors)
    assert [] == has_secrets(settings.indexes)
    engine.close()


def test_edits_deletions_and_new_posts(tour: Tour) -> None:
    """Each run takes what happened since the last, and nothing else."""
    number, other = tour.number(PUBLIC[3]), tour.number(PUBLIC[4])
    edited = replace(
        PUBLIC[3], title="Changed & mended", content="New <b>words</b> only.", text="New words only."
    )
    fields = {"post_title": edited.title, "post_content": edited.content}
    assert int(number) == tour.site.do("update", id=int(number), fields=fields)
    assert tour.site.do("trash", id=int(other))
    assert 0 < int(tour.site.do("update", id=int(tour.number(PUBLIC[5])), fields={"post_status": "private"}))
    tour.rows[number] = edited
    for gone in (PUBLIC[4], PUBLIC[5]):
        del tour.rows[tour.number(gone)]
    assert (0, 1, 2) == tour.sync()
    held = tour.held()
    check_words(tour, held, set(held), "rest")
    check_facts(held, tour.site.do("public"))


def test_posts_that_appear_late(tour: Tour) -> None:
    """One that waited, one whose hour came while cron slept, and old ones that were imported."""
    due = int(tour.number(SCHEDULED))
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d %H:%M:%S}"
    assert "publish" == tour.site.do("due", id=due, date=yesterday)
    assert "publish" == tour.site.do("due", id=int(tour.number(PENDING)), date="2024-01-05 08:00:00")
    imported = [replace(row, title=f"Imported {row.title}", date="2001-02-03 04:05:06") for row in PUBLIC[:8]]
    numbers = tour.site.do("seed", posts=[row.values() for row in imported])
    for one in numbers:  # an importer keeps the date of change, too
        tour.site.do("due", id=one, date="2001-02-03 04:05:06")
    tour.rows |= dict(zip(map(str, numbers), imported, strict=True))
    assert (10, 0, 0) == tour.sync()
    held = tour.held()
    check_words(tour, held, set(held), "rest")
    check_facts(held, tour.site.do("public"))
    assert (0, 0, 0) == tour.sync()


def test_renamed_names_reach_their_articles(tour: Tour) -> None:
    """A category, a tag and an author: no post was changed."""
    assert tour.site.do("rename", taxonomy="category", name="Arts & Crafts", to="Arts & Music")
    assert tour.site.do("rename", taxonomy="post_tag", name="Q&A", to="Questions")
    assert 1 == tour.site.do("rename_author", name="Strand & Sons", to="Strand & Daughters")
    _, changed, _ = tour.sync()
    assert 0 < changed < len(PUBLIC)
    check_facts(tour.held(), tour.site.do("public"))
    assert (0, 0, 0) == tour.sync(full=True)


def check_lists(site: WordPress, number: int) -> None:
    """The list stands once on a page, also among other posts and where a theme shows the excerpt first."""
    theme = site.do("options")["theme"]
    others = (
        '<!-- wp:post-title /--><!-- wp:post-content /--><!-- wp:query {"queryId":1,"query":{"perPage":3,'
        '"postType":"post","inherit":false}} --><div class="wp-block-query"><!-- wp:post-template -->'
        "<!-- wp:post-title /--><!-- wp:post-content /--><!-- /wp:post-template --></div><!-- /wp:query -->"
    )
    assert site.do("template", content=others)
    page = site.get(f"/?p={number}").decode()
    assert ("wp-block-query" in page, 1) == (True, page.count("<aside"))
    assert "plain" == site.do("theme", name="plain")
    page = site.get(f"/?p={number}").decode()
    assert 1 == page.count("<aside")
    assert page.index("</i>") < page.index("<aside")
    site.do("theme", name=theme)


def test_the_plugin_and_the_sync_write_one_article(tour: Tour) -> None:
    """What the plugin sends as posts are saved is what a full sync finds nothing to change in."""
    engine, site = tour.engine, tour.site
    key = KeyFile(engine.settings.indexes).create("write")[1]
    with running(create_app(engine.settings, engine=engine)) as address:
        assert site.do("plugin", settings={"address": address, "key": key, "show": "html", "limit": 3})
        before = tour.held()
        numbers = sorted(before, key=int)
        for number in numbers[::6]:  # saved as they are
            site.do("update", id=int(number), fields={"post_status": "publish"})
        saved = tour.held()
        changed = {number for number in numbers if saved[number] != before[number]}
        assert set(numbers[::6]) == changed  # only the date of change is another
        assert [] == [
            (before[number], saved[number])
            for number in changed
            if before[number]
            != replace(saved[number], updated_at=before[number].updated_at, origin=before[number].origin)
        ]
        assert (0, 0, 0) == tour.sync(full=True)
        assert (0, 0, 0) == tour.sync()

        row = replace(
            PUBLIC[0],
            title="Sent as it was written",
            date="",
            excerpt="A lead by hand.",
            lead="A lead by hand.",
        )
        (new,) = site.do("seed", posts=[row.values()])
        assert row.title == tour.held()[str(new)].title
        # Its picture was set after it was saved, as an importer does: saved again, all of it is there.
        site.do("update", id=new, fields={"post_content": row.content})
        tour.rows[str(new)] = row
        check_facts(tour.held(), site.do("public"))
        check_words(tour, tour.held(), {str(new)}, "rest")
        assert (0, 0, 0) == tour.sync(full=True)

        check_lists(site, new)
        site.do("update", id=new, fields={"post_status": "private"})
        assert str(new) not in tour.held()
        assert 0 == tour.sync()[0]
    said = site.do("settings", address="<img src=x onerror=alert(1)>")
    assert ("<img" in said, "&lt;img" in said) == (False, True)
    assert "semsearch" not in site.log()
