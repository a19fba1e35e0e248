"""One address is one article, however guids change and however many ways a site is read."""

from __future__ import annotations

import pytest

from semsearch.articles import Article
from semsearch.indexing.changes import Changes
from semsearch.options import SourceOptions
from tests.indexing.syncing import Follower, counts
from tests.sources.remote.servers import Reply, serving

TEXT = "The harbour office has counted the boats again and found {} of them at the quay this morning. "


def item(path, title, guid, day=1, text=""):
    """An entry of a feed."""
    return (
        f'<item><guid isPermaLink="false">{guid}</guid><link>{path}</link><title>{title}</title>'
        f"<pubDate>{day:02} Mar 2021 08:00:00 GMT</pubDate>"
        f"<description>{text or TEXT.format(title)}</description></item>"
    )


class Site:
    """Feeds by path, and pages that a sitemap lists."""

    def __init__(self):
        self.origin = ""
        self.feeds: dict[str, list[str]] = {}
        self.pages: dict[str, str] = {}

    def answer(self, request):
        """What the site says."""
        if request.path in self.feeds:
            body = (
                "<rss version='2.0'><channel><title>Site</title><link>/</link>"
                f"{''.join(self.feeds[request.path])}</channel></rss>"
            )
            return Reply(200, body.encode(), {"Content-Type": "application/xml"})
        if request.path == "/sitemap.xml":
            rows = "".join(f"<url><loc>{self.origin}{path}</loc></url>" for path in self.pages)
            return Reply(200, f"<urlset>{rows}</urlset>".encode(), {"Content-Type": "application/xml"})
        if request.path in self.pages:
            title = self.pages[request.path]
            story = f"<article><h1>{title}</h1><p>{TEXT.format(title) * 3}</p></article>"
            body = f"<html><head><title>{title}</title></head><body>{story}</body></html>"
            return Reply(200, body.encode(), {"Content-Type": "text/html"})
        return Reply(404)

    def source(self, path, **more):
        """The settings of a feed or of the sitemap."""
        kind = "sitemap" if path == "/sitemap.xml" else "feed"
        return SourceOptions(kind=kind, url=f"{self.origin}{path}", allow_private=True, **more)


@pytest.fixture
def site():
    """A site that is served."""
    made = Site()
    with serving(made.answer) as server:
        made.origin = server.url
        yield made


@pytest.fixture
def follower(tmp_path):
    """An index that follows."""
    made = Follower(tmp_path)
    yield made
    made.engine.close()


def titles(follower):
    """The titles of what the index holds."""
    return sorted(title for title, _ in follower.held().values())


class TestFeed:
    def test_a_guid_that_changes_with_every_edit_is_one_article(self, site, follower):
        """Its first id stays, the newest text counts, and it is told."""
        other = item("/pier", "Pier", "p#0")
        site.feeds["/feed"] = [item("/mill", "Mill", "m#0", 1), other]
        assert (2, 0, 0, 0, 0) == counts(follower.sync("f", site.source("/feed")))
        for number in (1, 2):
            site.feeds["/feed"] = [item("/mill", f"Mill {number}", f"m#{number}", 1 + number), other]
            report = follower.sync("f", site.source("/feed"))
            assert (0, 1, 1, 0, 0) == counts(report)
            assert any("newer version" in note for note in report.notes)
        assert {"m#0": "Mill 2", "p#0": "Pier"} == {one: held[0] for one, held in follower.held().items()}
        assert (0, 0, 2, 0, 0) == counts(follower.sync("f", site.source("/feed")))

    @pytest.mark.parametrize("turned", [False, True])
    def test_two_versions_in_one_feed_are_one_article(self, site, follower, turned):
        """The later one, wherever it stands."""
        rows = [item("/mill", "New", "m?v=2", 2), item("/mill", "Old", "m?v=1", 1)]
        site.feeds["/feed"] = rows[::-1] if turned else rows
        assert 1 == follower.sync("f", site.source("/feed")).added
        assert ["New"] == titles(follower)

    def test_an_older_version_that_comes_later_changes_nothing(self, site, follower):
        """By the dates of the two."""
        site.feeds["/feed"] = [item("/mill", "New", "m#1", 5)]
        follower.sync("f", site.source("/feed"))
        site.feeds["/feed"] = [item("/mill", "Old", "m#0", 2)]
        report = follower.sync("f", site.source("/feed"))
        assert ["New"] == titles(follower)
        assert any("older entry" in note for note in report.notes)

    @pytest.mark.parametrize("guid", ["N/A", "0", "", "all-the-same"])
    def test_guids_that_tell_nothing(self, site, follower, guid):
        """Addresses tell the entries apart."""
        site.feeds["/feed"] = [item(f"/{one}", one, guid) for one in ("mill", "pier", "quay")]
        assert (3, 0, 0, 0, 0) == counts(follower.sync("f", site.source("/feed")))
        assert (0, 0, 3, 0, 0) == counts(follower.sync("f", site.source("/feed")))

    def test_one_address_for_all_is_none_of_theirs(self, site, follower):
        """Titles tell the entries apart, and nothing is folded."""
        site.feeds["/feed"] = [item("/list", one, "") for one in ("mill", "pier", "quay")]
        assert (3, 0, 0, 0, 0) == counts(follower.sync("f", site.source("/feed")))
        site.feeds["/feed"].insert(0, item("/list", "wall", ""))
        assert (1, 0, 3, 0, 0) == counts(follower.sync("f", site.source("/feed")))

    def test_versions_that_an_older_index_holds_become_one(self, site, follower):
        """When the source is read as a whole again."""
        engine = follower.engine
        changes = Changes(engine.index, engine.encoder, engine.settings.passages).coming_from("sync:f")
        changes.put(
            Article(id=f"m#{number}", title=f"Mill {number}", url=f"{site.origin}/mill")
            for number in range(3)
        )
        site.feeds["/feed"] = [item("/mill", "Mill 2", "m#2", 3)]
        report = follower.sync("f", site.source("/feed"))
        assert ["m#2"] == list(follower.held())
        assert any("several ids" in note for note in report.notes)


class TestTogether:
    def test_a_sitemap_takes_the_place_of_a_feed(self, site, follower):
        """Whichever is read first; what the feed alone has stays."""
        site.pages = {"/mill": "Mill", "/pier": "Pier"}
        site.feeds["/feed"] = [item("/mill", "Mill", "m", 1), item("/quay", "Quay", "q", 1)]
        assert 2 == follower.sync("f", site.source("/feed")).added
        report = follower.sync("s", site.source("/sitemap.xml"))
        assert 2 == report.added
        assert any("took its place" in note for note in report.notes)
        assert {"q", f"{site.origin}/mill", f"{site.origin}/pier"} == set(follower.held())
        follower.sync("f", site.source("/feed"), full=True)
        assert 3 == len(follower.held())

    def test_a_feed_adds_nothing_to_what_the_sitemap_gave(self, site, follower):
        """And a page that goes from the sitemap goes from the index."""
        site.pages = {"/mill": "Mill", "/pier": "Pier", "/wall": "Wall"}
        site.feeds["/feed"] = [item("/mill", "Mill", f"{site.origin}/mill", 1)]
        follower.sync("s", site.source("/sitemap.xml"))
        report = follower.sync("f", site.source("/feed"))
        assert (0, 0, 0, 0, 0) == counts(report)
        assert any("another source at this address" in note for note in report.notes)
        del site.pages["/mill"]
        assert 1 == follower.sync("s", site.source("/sitemap.xml")).deleted
        assert 2 == len(follower.held())

    def test_two_feeds_of_a_site(self, site, follower):
        """The newer text counts, under the id that came first."""
        site.feeds["/feed"] = [item("/mill", "Mill", "m", 1)]
        site.feeds["/town"] = [item("/mill?utm_source=x", "Mill again", "town-m", 2)]
        follower.sync("f", site.source("/feed"))
        report = follower.sync("t", site.source("/town"))
        assert (0, 1, 0, 0, 0) == counts(report)
        assert {"m": "Mill again"} == {one: held[0] for one, held in follower.held().items()}

    def test_articles_of_the_api_stay_and_get_a_newer_text(self, site, follower):
        """Their ids are those that other programs know."""
        engine = follower.engine
        held = Article(id="7", title="Mill", body="Short.", url=f"{site.origin}/mill/", section="Town")
        Changes(engine.index, engine.encoder, engine.settings.passages).put([held])
        site.feeds["/feed"] = [item("/mill", "Mill again", "m", 2)]
        follower.sync("f", site.source("/feed"))
        article = engine.show("7")
        assert ("Mill again", "Town", ["7"]) == (article.title, article.section, list(follower.held()))

    def test_sources_with_a_prefix_keep_their_own(self, site, follower):
        """The prefix says that they are to be kept apart."""
        site.feeds["/feed"] = [item("/mill", "Mill", "m", 1)]
        follower.sync("f", site.source("/feed"))
        follower.sync("t", site.source("/feed", id_prefix="t-"), apart=["t"])
        assert {"m", "t-m"} == set(follower.held())

    @pytest.mark.parametrize("order", ["fm", "mf"])
    def test_a_source_with_ids_of_its_own_goes_first(self, site, follower, tmp_path, order):
        """Whichever is read first; what it deletes is gone, though the feed has it still."""
        path = tmp_path / "export.jsonl"
        rows = [
            f'{{"id": "{number}", "title": "{name}", "body": "Whole text.", "url": "{site.origin}/{name}/"}}'
            for number, name in enumerate(("mill", "pier", "quay", "wall"), 7)
        ]
        path.write_text("\n".join(rows))
        site.feeds["/feed"] = [item("/mill", "Mill", "m", 1), item("/roof", "Roof", "r", 1)]
        options = {"f": site.source("/feed"), "m": SourceOptions(path=str(path), deletes=True)}
        for name in order:
            follower.sync(name, options[name])
        assert {"7", "8", "9", "10", "r"} == set(follower.held())
        path.write_text("\n".join(rows[1:]))
        assert 1 == follower.sync("m", options["m"]).deleted
        follower.sync("f", options["f"])
        assert {"8", "9", "10", "r"} == set(follower.held())
