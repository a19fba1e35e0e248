"""Feeds and sitemaps on loopback and the index that follows them hold the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from semsearch.options import SourceOptions
from tests.indexing.syncing import Follower, counts
from tests.sources.remote.servers import Reply, bomb, cut_off, endless, once, serving
from tests.sources.remote.web_site import WebSite


@pytest.fixture
def site():
    """Twelve pages, and two in the news sitemap alone."""
    made = WebSite()
    for number in range(12):
        made.now += timedelta(hours=1)
        made.write(f"/story-{number}", f"Story {number} & more")
    made.write("/flash-1", "Flash one", is_news=True)
    made.write("/flash-2", "Flash two", is_news=True)
    return made


@pytest.fixture
def server(site):
    """The site, served."""
    with serving(site.answer) as made:
        site.origin = made.url
        yield made


@pytest.fixture
def follower(tmp_path):
    """An index that follows."""
    made = Follower(tmp_path)
    yield made
    made.engine.close()


def sitemap(server, path="/sitemap.xml", **more):
    """The settings of a sitemap source."""
    return SourceOptions(kind="sitemap", url=f"{server.url}{path}", allow_private=True, **more)


def feed(server, **more):
    """The settings of a feed source."""
    return SourceOptions(kind="feed", url=f"{server.url}/feed", allow_private=True, **more)


def oracle(site, paths=None):
    """Title and text by address."""
    return {
        f"{site.origin}{page.path}": (page.title, page.body)
        for page in site.pages.values()
        if paths is None or page.path in paths
    }


def asked(server, start=0):
    """Paths of article pages that were asked for."""
    return [one.path for one in server.requests[start:] if one.path.startswith(("/story", "/flash"))]


class TestSitemap:
    def test_all_pages_then_only_what_changed_and_what_is_gone(self, site, server, follower):
        """An index, a packed sitemap and a news sitemap; edits, deletes and new pages between."""
        assert (14, 0, 0, 0, 0) == counts(follower.sync("web", sitemap(server)))
        assert oracle(site) == follower.held()
        start = len(server.requests)
        site.now += timedelta(days=1)
        site.edit("/story-3", "Story 3 again")
        del site.pages["/story-5"]
        site.write("/story-new", "A new story")
        assert (1, 1, 12, 1, 0) == counts(follower.sync("web", sitemap(server)))
        assert oracle(site) == follower.held()
        assert {"/story-3", "/story-new"} == set(asked(server, start))

    def test_fields_come_from_the_page(self, site, server, follower):
        """Dates, author, language, source."""
        follower.sync("web", sitemap(server))
        article = follower.engine.show(f"{server.url}/story-2")
        assert (site.pages["/story-2"].published, ("Ann Ode",)) == (article.published_at, article.authors)
        assert "The Site" == follower.engine.show(f"{server.url}/flash-1").source

    def test_what_leaves_a_news_sitemap_stays(self, site, server, follower):
        """It lists two days alone."""
        follower.sync("web", sitemap(server))
        site.news.clear()
        del site.pages["/flash-1"], site.pages["/flash-2"]
        assert 0 == follower.sync("web", sitemap(server)).deleted
        assert 14 == len(follower.held())

    def test_a_sitemap_that_breaks_off_deletes_nothing(self, site, server, follower):
        """Only a whole reading tells what is gone."""
        follower.sync("web", sitemap(server))
        body = site.news_sitemap()
        server.fault = lambda request: Reply(200, body[:-60]) if request.path == "/sitemap-news.xml" else None
        del site.pages["/story-1"]
        report = follower.sync("web", sitemap(server))
        assert (0, None) == (report.deleted, report.fault)
        assert any("nothing is deleted" in note for note in report.notes)
        server.fault = lambda request: None
        assert 1 == follower.sync("web", sitemap(server)).deleted
        assert oracle(site) == follower.held()

    def test_pages_without_lastmod_are_asked_again_after_a_day_and_mostly_answer_304(
        self, site, server, follower, monkeypatch
    ):
        """By their ETag."""
        site.has_lastmod = False
        follower.sync("web", sitemap(server))
        start = len(server.requests)
        site.edit("/story-3", "Story 3 again")
        assert 0 == follower.sync("web", sitemap(server)).changed
        assert [] == asked(server, start)
        monkeypatch.setattr("semsearch.sources.remote.sitemap.RECHECK_SECONDS", -1.0)  # a day has gone
        assert (0, 1, 13, 0, 0) == counts(follower.sync("web", sitemap(server)))
        assert oracle(site) == follower.held()

    def test_robots_txt_is_honoured(self, site, server, follower):
        """Forbidden pages are not fetched, the delay is kept, its sitemaps are found."""
        site.robots = (
            "User-agent: *\nDisallow: /story-1\nCrawl-delay: 5\n\n"
            f"Sitemap: {site.origin}/sitemap-pages.xml.gz\n"
        )
        report = follower.sync("web", sitemap(server, path="/"))
        allowed = {
            path for path in site.pages if path.startswith("/story") and not path.startswith("/story-1")
        }
        assert oracle(site, allowed) == follower.held()
        assert allowed == set(asked(server))
        assert any("robots.txt forbids" in note for note in report.notes)
        assert 8 <= follower.waits.slept.count(5.0)

    def test_a_site_whose_robots_txt_fails_is_not_crawled(self, site, server, follower):
        """It may forbid everything."""
        server.fault = lambda request: Reply(500) if request.path == "/robots.txt" else None
        report = follower.sync("web", sitemap(server))
        assert report.fault
        assert [] == asked(server)

    def test_only_the_wanted_pages(self, site, server, follower):
        """By regular expressions over the address."""
        follower.sync("web", sitemap(server, include=r"/story-\d$", exclude="/story-[0-4]"))
        assert oracle(site, {f"/story-{number}" for number in range(5, 10)}) == follower.held()

    @pytest.mark.parametrize(
        "fault",
        [
            pytest.param(lambda server: Reply(500), id="500"),
            pytest.param(lambda server: cut_off(b"<p>x" * 999, 500), id="cut"),
            pytest.param(lambda server: endless(), id="endless"),
            pytest.param(lambda server: bomb(100 * 2**20), id="bomb"),
            pytest.param(
                lambda server: Reply(302, headers={"Location": "http://127.0.0.1:1/"}), id="inwards"
            ),
            pytest.param(lambda server: Reply(302, headers={"Location": "/story-4"}), id="in circles"),
        ],
    )
    def test_one_bad_page_costs_only_itself_and_is_tried_again(self, site, server, follower, fault):
        """It is rejected with the reason; the next run takes it."""
        server.fault = lambda request: fault(server) if request.path == "/story-4" else None
        report = follower.sync("web", sitemap(server))
        assert (13, 1, None) == (report.added, report.rejected, report.fault)
        server.fault = lambda request: None
        assert (1, 0, 13, 0, 0) == counts(follower.sync("web", sitemap(server)))
        assert oracle(site) == follower.held()

    @pytest.mark.parametrize(
        ("kind", "encoding"),
        [
            ("text/html; charset=windows-1251", "cp1251"),
            ("text/html", "utf-8"),
            ("text/html; charset=utf-8", "cp1252"),
        ],
    )
    def test_pages_in_other_encodings_are_read(self, site, server, follower, kind, encoding):
        """By the header; and by their bytes where the header is wrong."""
        word = "Новости города" if encoding == "cp1251" else "Café à côté"
        page = f"<html><head><title>{word}</title></head><body><article><h1>{word}</h1><p>"
        page += (
            f"{word} words enough for an article to stand here on its own. " * 9
            + "</p></article></body></html>"
        )
        server.fault = lambda request: (
            Reply(200, page.encode(encoding), {"Content-Type": kind}) if request.path == "/story-4" else None
        )
        follower.sync("web", sitemap(server))
        assert word == follower.held()[f"{server.url}/story-4"][0]

    def test_a_site_that_goes_down_ends_the_run(self, site, server, follower):
        """After ten pages in a row, with what was read kept."""
        server.fault = lambda request: (
            Reply(404 if request.path == "/robots.txt" else 503)
            if (request.path.startswith("/story"))
            else None
        )
        report = follower.sync("web", sitemap(server))
        assert "10 pages after one another" in report.fault
        server.fault = lambda request: None
        follower.sync("web", sitemap(server))
        assert oracle(site) == follower.held()

    def test_a_listed_page_that_is_not_there_goes(self, site, server, follower):
        """The site itself says so."""
        follower.sync("web", sitemap(server))
        site.now += timedelta(days=1)
        site.edit("/story-7", "Moved")
        server.fault = lambda request: Reply(410) if request.path == "/story-7" else None
        assert 1 == follower.sync("web", sitemap(server)).deleted

    def test_an_xml_bomb_is_a_fault(self, site, server, follower):
        """No entity is expanded."""
        lines = ['<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">']
        lines += [
            f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        ]
        bad = "".join(lines) + "]><urlset><url><loc>&i;</loc></url></urlset>"
        server.fault = lambda request: Reply(200, bad.encode()) if request.path == "/sitemap.xml" else None
        assert "EntitiesForbidden" in follower.sync("web", sitemap(server)).fault

    def test_lists_are_no_articles_and_are_counted(self, site, server, follower):
        """Neither the sitemaps of tags and authors nor a home page and a feed that another one names."""
        asked_for = []
        plain = site.answer

        def answer(request):
            asked_for.append(request.path)
            if request.path == "/sitemap.xml":
                names = (
                    "/sitemap-pages.xml.gz",
                    "/wp-sitemap-users-1.xml",
                    "/post_tag-sitemap.xml",
                    "/more.xml",
                )
                rows = "".join(f"<sitemap><loc>{name}</loc></sitemap>" for name in names)
                return Reply(200, f"\n<sitemapindex>{rows}</sitemapindex>".encode())
            if request.path == "/more.xml":
                rows = "".join(f"<url><loc>{path}</loc></url>" for path in ("/", "/tags/town/", "/feed"))
                return Reply(200, f"<urlset>{rows}</urlset>".encode())
            if request.path in {"/", "/tags/town/"}:
                teasers = "".join(
                    f"<article><h2><a href='/story-{n}'>Story {n}</a></h2><p>A few words of it.</p></article>"
                    for n in range(3)
                )
                body = f"<html><head><title>The Site</title></head><body>{teasers}</body></html>"
                return Reply(200, body.encode(), {"Content-Type": "text/html"})
            return plain(request)

        server.answer = answer
        report = follower.sync("map", sitemap(server))
        assert 12 == report.added == len(follower.held())
        assert any(note.startswith("3 times") and "no article" in note for note in report.notes)
        assert any(note.startswith("2 times") and "a sitemap of tags" in note for note in report.notes)
        assert not {"/wp-sitemap-users-1.xml", "/post_tag-sitemap.xml"} & set(asked_for)
        assert (0, 0, 15, 0, 0) == counts(follower.sync("map", sitemap(server)))


class TestFeed:
    def test_dates_are_what_is_written_or_none(self, site, server, follower):
        """Never what a parser makes of a form that it does not know; the feed's other dates decide."""
        dates = {
            "a": ("2017/3/9 10:15", "2017-03-09T10:15"),
            "b": ("1489054500", "2017-03-09T10:15"),
            "c": ("2017年3月9日 10:15", "2017-03-09T10:15"),
            "d": ("Do, 09 Mär 2017 10:15:00 +0100", "2017-03-09T09:15"),
            "e": ("Thu, 09 Mar 2017 10:15:00 AEDT", "2017-03-08T23:15"),
            "f": ("20170309101500", "2017-03-09T10:15"),
            "g": ("09/03/2017 10:15", "2017-03-09T10:15"),
            "h": ("29/03/2017 10:15", "2017-03-29T10:15"),
            "i": ("Thu, 09 Mar 2017 10:15:00 IST", None),
            "j": ("some time in March 2017", None),
        }
        rows = "".join(
            f"<item><guid isPermaLink='false'>{key}</guid><title>Title {key}</title>"
            f"<pubDate>{written}</pubDate></item>"
            for key, (written, _) in dates.items()
        )
        body = f"<b>Notice</b>: late\n<?xml version='1.0'?><rss version='2.0'><channel>{rows}</channel></rss>"
        server.answer = lambda request: Reply(200, body.encode(), {"Content-Type": "application/xml"})
        report = follower.sync("feed", feed(server))
        held = {key: follower.engine.show(key).published_at for key in dates}
        assert {key: day and f"{day}:00+00:00" for key, (_, day) in dates.items()} == {
            key: moment and moment.isoformat() for key, moment in held.items()
        }
        told = "\n".join(report.notes)
        assert all(words in told for words in ("'IST'", "not a date", "day first", "in front of the feed"))
        assert "malformed" not in told

    def test_the_zone_of_the_source(self, site, server, follower):
        """Changes what was read before, too."""
        body = (
            "<rss version='2.0'><channel><item><guid isPermaLink='false'>a</guid><title>A title</title>"
            "<pubDate>2017-07-09 10:15</pubDate></item></channel></rss>"
        )
        server.answer = lambda request: Reply(200, body.encode(), {"Content-Type": "application/xml"})
        for zone, hour in (("", 10), ("Europe/Madrid", 8), ("America/New_York", 14)):
            follower.sync("feed", feed(server, time_zone=zone))
            assert hour == follower.engine.show("a").published_at.hour

    def test_new_and_changed_entries_and_nothing_deleted(self, site, server, follower):
        """What falls off the end of a feed stays."""
        assert (10, 0, 0, 0, 0) == counts(follower.sync("feed", feed(server)))
        site.now += timedelta(hours=1)
        for number in range(4):
            site.write(f"/late-{number}", f"Late {number}")
        site.edit("/flash-1", "Flash one again")
        assert (4, 1, 5, 0, 0) == counts(follower.sync("feed", feed(server)))
        assert 14 == len(follower.held())
        assert ("Flash one again", site.pages["/flash-1"].body) == follower.held()["tag:/flash-1"]

    def test_all_fields_arrive(self, site, server, follower):
        """Links and pictures are resolved against the feed's own address."""
        follower.sync("feed", feed(server, section="News"))
        article = follower.engine.show("tag:/story-9")
        page = site.pages["/story-9"]
        assert ("Story 9 & more", page.body) == (article.title, article.body)
        assert (page.published, ("Ann Ode",), ("Town",)) == (
            article.published_at,
            article.authors,
            article.tags,
        )
        assert (f"{server.url}/story-9", f"{server.url}/pictures/story-9.jpg") == (article.url, article.image)
        assert ("en", "The Site", "News") == (article.language, article.source, article.section)

    def test_an_unchanged_feed_is_answered_304(self, site, server, follower):
        """By its ETag; nothing is read."""
        follower.sync("feed", feed(server))
        assert (0, 0, 0, 0, 0) == counts(follower.sync("feed", feed(server)))
        assert "if-none-match" in server.requests[-1].headers

    def test_the_full_text_comes_from_the_page(self, site, server, follower):
        """Where the feed has a teaser alone; a page that fails is tried again."""
        whole = site.feed
        site.feed = lambda: whole().replace(b"content:encoded", b"x-teaser")
        server.fault = lambda request: Reply(500) if request.path == "/story-8" else None
        report = follower.sync("feed", feed(server, full_text=True))
        held = follower.held()
        assert site.pages["/story-9"].body == held["tag:/story-9"][1]
        assert len(held["tag:/story-8"][1]) <= 60
        assert any("could not be read" in note for note in report.notes)
        server.fault = lambda request: None
        assert (0, 1, 9, 0, 0) == counts(follower.sync("feed", feed(server, full_text=True)))
        assert site.pages["/story-8"].body == follower.held()["tag:/story-8"][1]

    def test_a_malformed_feed_is_taken_as_far_as_it_goes(self, site, server, follower):
        """And asked for again, whole."""
        whole = site.feed()
        broken = whole[: whole.index(b"<item>", len(whole) // 2) + 40]
        server.fault = once(Reply(200, broken, {"ETag": '"x"', "Content-Type": "application/xml"}))
        report = follower.sync("feed", feed(server))
        assert 3 <= report.added < 10
        assert any("malformed feed" in note for note in report.notes)
        follower.sync("feed", feed(server))
        assert 10 == len(follower.held())

    def test_what_is_no_feed_is_a_fault(self, site, server, follower):
        """A page, or nothing."""
        server.answer = lambda request: Reply(
            200, b"<html><body>Sign in</body></html>", {"Content-Type": "text/html"}
        )
        assert "not an RSS or Atom feed" in follower.sync("feed", feed(server)).fault

    def test_entities_are_not_expanded(self, site, server, follower):
        """Neither files nor bombs."""
        lines = ['<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY a "aaaaaaaaaa">']
        lines += [
            f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in zip("abcdegh", "bcdeghi", strict=True)
        ]
        item = "<item><guid>1</guid><title>Title &f; &i;</title></item>"
        body = "".join(lines) + f"]><rss version='2.0'><channel>{item}</channel></rss>"
        server.answer = lambda request: Reply(200, body.encode(), {"Content-Type": "application/xml"})
        follower.sync("feed", feed(server))
        held = follower.held().get("1", ("", ""))[0]
        assert "root:" not in held
        assert len(held) < 100
