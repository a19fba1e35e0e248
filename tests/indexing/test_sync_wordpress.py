"""A WordPress site on loopback and the index that follows it hold the same, whatever happens between."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from semsearch.index.source_state import SourceState
from semsearch.options import SourceOptions
from semsearch.service.routes_write import article_of
from tests.indexing.syncing import Follower, counts
from tests.sources.remote.servers import Reply, cut_off, once, serving
from tests.sources.remote.wordpress_site import WordPressSite


@pytest.fixture
def site():
    """A site of 230 posts: three pages."""
    made = WordPressSite()
    made.fill(230)
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


def options(server, **more):
    """The settings of the source."""
    return SourceOptions(kind="wordpress", url=server.url, allow_private=True, **more)


def oracle(site):
    """What the site shows, as the index should hold it."""
    shown = [post for post in site.posts.values() if post.date <= site.now and not post.protected]
    return {str(post.id): (plain(post.title), plain(post.content)) for post in shown}


def plain(text):
    """Simple HTML as text, by other means than the code under test."""
    paragraphs = [html.unescape(re.sub("<[^>]+>", "", part)).strip() for part in text.split("</p>")]
    return "\n\n".join(part for part in paragraphs if part)


@pytest.mark.slow
def test_three_thousand_posts_with_edits_deletes_and_new_ones_between(tmp_path):
    """After each sync the index holds what the site shows, and the second run reads only what changed."""
    site = WordPressSite()
    site.fill(3000)
    follower = Follower(tmp_path)
    with serving(site.answer) as server:
        site.origin = server.url
        assert (3000, 0, 0, 0, 0) == counts(follower.sync("site", options(server)))
        assert oracle(site) == follower.held()
        site.now += timedelta(days=1)
        for number in range(10, 3000, 100):
            site.edit(number, title=f"Changed {number}")
        for number in range(20, 3000, 100):
            site.delete(number)
        for number in range(7):
            site.write(f"New {number}", f"<p>Fresh words {number}</p>")
        asked = len(server.requests)
        assert (7, 30, 7, 30, 0) == counts(follower.sync("site", options(server)))
        assert oracle(site) == follower.held()
        assert 0 < len([one for one in server.requests[asked:] if "_embed" in one.query]) <= 4
    follower.engine.close()


def test_everything_of_a_post_arrives(site, server, follower):
    """Entities, authors, the main category, tags, dates in UTC, address."""
    follower.sync("site", options(server))
    article = follower.engine.show("4")
    assert "Report 4 – the town & its roads" == article.title
    assert ("Bo Rowe",) == article.authors
    assert ("Economy", ("council",)) == (article.section, article.tags)
    assert (site.posts[4].date, site.posts[4].modified) == (article.published_at, article.updated_at)
    assert f"{server.url}/?p=4" == article.url
    assert "localhost" == article.source


def test_a_second_look_at_an_unchanged_site_reads_no_post(site, server, follower):
    """Two empty lists, the newest ids, and the names of categories, tags and authors."""
    follower.sync("site", options(server))
    site.now += timedelta(hours=5)
    before = len(server.requests)
    assert (0, 0, 0, 0, 0) == counts(follower.sync("site", options(server)))
    asked = server.requests[before:]
    assert len(asked) <= 8
    assert [] == [
        one for one in asked if "_embed" in one.query and not one.query.keys() & {"after", "modified_after"}
    ]


def test_a_scheduled_post_is_found_when_it_appears(site, server, follower):
    """Its date of change lies long before, only its date of publication tells."""
    number = site.write("Embargo", "<p>At noon tomorrow</p>", date=site.now + timedelta(days=1))
    site.posts[number] = replace(site.posts[number], modified=site.now - timedelta(days=3))
    follower.sync("site", options(server))
    assert str(number) not in follower.held()
    site.now += timedelta(days=1, hours=1)
    assert 1 == follower.sync("site", options(server)).added
    assert oracle(site) == follower.held()


@pytest.mark.parametrize("gone", [0, 1])
def test_posts_that_appear_with_an_old_date_are_taken(site, server, follower, gone):
    """Imported ones, and one that waited: also where as many are gone, so that the count is the same."""
    waiting = site.posts.pop(120)
    follower.sync("site", options(server))
    site.now += timedelta(days=1)
    old = site.now - timedelta(days=3000)
    number = site.write("Found in the attic", "<p>An old leaf</p>", date=old)
    if gone:
        site.delete(5)
    else:
        site.posts[120] = waiting
    before = len(server.requests)
    report = follower.sync("site", options(server))
    assert (2 - gone, 0, gone) == (report.added, report.changed, report.deleted)
    assert str(number) in follower.held()
    assert oracle(site) == follower.held()
    assert [f"120,{number}" if not gone else str(number)] == [
        one.query["include"] for one in server.requests[before:] if "include" in one.query
    ]
    before = len(server.requests)
    follower.sync("site", options(server))
    asked = [one.query for one in server.requests[before:]]
    assert [] == [query for query in asked if "include" in query]
    assert [] == [query for query in asked if "offset" in query and query.get("_fields") == "id"]


def test_a_thousand_posts_are_imported(site, server, follower):
    """They come a hundred at a time."""
    follower.sync("site", options(server))
    site.now += timedelta(days=1)
    for number in range(1000):
        site.write(f"Old {number}", f"<p>From the attic {number}</p>", date=site.now - timedelta(days=2000))
    before = len(server.requests)
    assert 1000 == follower.sync("site", options(server)).added
    assert oracle(site) == follower.held()
    assert 11 == len([one for one in server.requests[before:] if "include" in one.query])


def test_renamed_categories_tags_and_authors_reach_their_articles(site, server, follower):
    """None of their posts was changed; the posts of others are not read again."""
    follower.sync("site", options(server))
    site.now += timedelta(days=1)
    site.categories[3], site.tags[10], site.authors[2] = "Business &amp; work", "town council", "Bo Rowe-Lund"
    before = len(server.requests)
    report = follower.sync("site", options(server))
    assert (0, 230, 0) == (report.added, report.changed, report.deleted)
    for number, post in site.posts.items():
        article = follower.engine.show(str(number))
        assert (("town council",), (site.authors[post.author],)) == (article.tags, article.authors)
        assert ("Business & work" == article.section) == (post.categories == (3,))
    asked = [one.query for one in server.requests[before:] if "_embed" in one.query]
    assert {"categories", "tags", "author"} <= {name for query in asked for name in query}
    before = len(server.requests)
    assert (0, 0, 0, 0, 0) == counts(follower.sync("site", options(server)))
    assert len(server.requests) - before <= 8


def test_only_the_posts_of_a_renamed_category_are_read(site, server, follower):
    """By its number."""
    follower.sync("site", options(server))
    site.categories[4] = "Games"
    before = len(server.requests)
    report = follower.sync("site", options(server))
    assert len([post for post in site.posts.values() if 4 in post.categories]) == report.changed
    read = [one.query for one in server.requests[before:] if "_embed" in one.query]
    assert {"4"} == {query["categories"] for query in read if not query.keys() & {"after", "modified_after"}}


def test_a_category_that_is_deleted_leaves_its_articles(site, server, follower):
    """Which posts had it can be asked for no more: all are read again."""
    follower.sync("site", options(server))
    del site.categories[3]
    site.posts = {number: replace(post, categories=tuple(one for one in post.categories if one != 3) or (1,))
                  for number, post in site.posts.items()}  # fmt: skip
    follower.sync("site", options(server))
    articles = list(follower.engine.live_articles())
    assert 230 == len(articles)
    assert not [one for one in articles if "Economy" in {one.section, *one.extra.get("categories", ())}]


def test_a_site_that_gives_no_list_of_its_users_is_followed_all_the_same(site, server, follower):
    """Many hide them."""
    server.fault = lambda request: Reply(401, b"{}") if request.path.endswith("/users") else None
    assert 230 == follower.sync("site", options(server)).added
    site.categories[3] = "Business"
    report = follower.sync("site", options(server))
    assert (None, True) == (report.fault, report.changed > 0)


def test_a_cursor_of_an_earlier_version_goes_on(site, server, follower):
    """It knows no names: those of today are kept, and from then on they are followed."""
    follower.sync("site", options(server))
    with SourceState(follower.engine.folder, "site") as state:
        state.store(cursor={name: value for name, value in state.cursor.items() if name != "names"})
    site.categories[3] = "Business"
    assert 0 == follower.sync("site", options(server)).changed
    site.categories[3] = "Trade"
    assert 0 < follower.sync("site", options(server)).changed


def test_posts_that_are_deleted_while_pages_are_read_lose_nothing(site, server, follower):
    """All later posts move up by the deleted ones; each is read all the same."""
    done = []

    def shift(request):
        if request.query.get("offset") == "99" and not done:
            done.append(request)
            for number in range(1, 61):
                site.delete(number)

    server.fault = shift
    follower.sync("site", options(server))
    assert done
    assert oracle(site) == follower.held()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda: cut_off(b"[" + b" " * 5000, 700), id="cut in the body"),
        pytest.param(lambda: Reply(500, b"Error establishing a database connection"), id="500"),
        pytest.param(lambda: Reply(429, b"", {"Retry-After": "17"}), id="429"),
        pytest.param(lambda: Reply(200, b'[{"id": 3, "title": {"rende'), id="half a list"),
        pytest.param(
            lambda: Reply(200, b"<b>Warning</b>: Undefined variable in functions.php"), id="no JSON"
        ),
    ],
)
def test_a_fault_that_passes_is_not_noticed(site, server, follower, fault):
    """It is tried again, after the time that the site asked for."""
    server.fault = once(fault(), lambda request: request.query.get("offset") == "99", times=2)
    report = follower.sync("site", options(server))
    assert (230, None) == (report.added, report.fault)
    assert oracle(site) == follower.held()
    if fault().status == 429:
        assert 2 == len([wait for wait in follower.waits.slept if wait >= 17])


def test_a_fault_that_stays_ends_the_run_and_the_next_one_goes_on_there(site, server, follower):
    """What was read is in the index; the pages before are not asked for again."""
    server.fault = once(Reply(503), lambda request: request.query.get("offset") == "198", times=1000)
    report = follower.sync("site", options(server))
    assert "503" in report.fault
    assert (199, 0) == (report.added, report.deleted)
    server.fault = lambda request: None
    before = len(server.requests)
    assert (31, 0, 0, 0, 0) == counts(follower.sync("site", options(server)))
    assert oracle(site) == follower.held()
    read = [one.query for one in server.requests[before:] if "_embed" in one.query]
    assert ["198"] == [query["offset"] for query in read if not query.keys() & {"after", "modified_after"}]


def test_one_post_that_the_site_cannot_give_is_named_and_taken_once_it_can(site, server, follower):
    """A plugin that breaks down over one post does not keep the other 229 out."""

    def breaks(request):
        """The site dies over every list that shows post 117 in full."""
        if "_embed" not in request.query:
            return None
        rows = json.loads(site.answer(request).body)
        return Reply(500, b"critical error") if any(row["id"] == 117 for row in rows) else None

    server.fault = breaks
    report = follower.sync("site", options(server))
    assert (229, 1, None) == (report.added, report.rejected, report.fault)
    assert any("post 117" in note for note in report.notes)
    assert oracle(site).keys() - {"117"} == follower.held().keys()
    server.fault = lambda request: None
    assert 1 == follower.sync("site", options(server)).added
    assert oracle(site) == follower.held()


def test_broken_bytes_in_one_post_cost_only_themselves(site, server, follower):
    """A title that was saved in another encoding."""
    broken = site.answer

    def answer(request):
        reply = broken(request)
        return replace(reply, body=reply.body.replace(b"Report 5 ", b"Caf\xe9 5 "))

    server.answer = answer
    assert (230, 0, 0, 0, 0) == counts(follower.sync("site", options(server)))
    assert follower.held()["5"][0].startswith("Caf")
    assert follower.held()["6"] == oracle(site)["6"]


def test_a_post_that_gets_a_password_goes(site, server, follower):
    """Its text is no longer for everybody."""
    follower.sync("site", options(server))
    site.now += timedelta(hours=2)
    site.edit(9, protected=True)
    follower.sync("site", options(server))
    assert oracle(site) == follower.held()


def test_a_site_that_is_suddenly_empty_deletes_nothing_unless_told_to(site, server, follower):
    """A lost database looks like that."""
    follower.sync("site", options(server))
    site.posts.clear()
    report = follower.sync("site", options(server))
    assert (0, 230) == (report.deleted, report.kept)
    assert any("--allow-mass-delete" in note for note in report.notes)
    assert 230 == len(follower.held())
    assert 230 == follower.sync("site", options(server), allow_mass_delete=True).deleted
    assert {} == follower.held()


def test_a_site_without_pretty_addresses_is_found_by_its_front_page(follower):
    """It names its API in a Link header."""
    site = WordPressSite(pretty=False)
    site.fill(3)
    with serving(site.answer) as server:
        site.origin = server.url
        assert 3 == follower.sync("site", options(server)).added
    assert oracle(site) == follower.held()


def test_what_the_index_lost_comes_back(site, server, follower):
    """Deleted by hand, or rolled back with the generation: a sync makes the index hold what the site has."""
    follower.sync("site", options(server))
    follower.engine.delete(["1", "2"])
    report = follower.sync("site", options(server))
    assert 2 == report.added
    follower.engine.build([])
    site.now += timedelta(days=1)
    site.edit(3, title="After the build")
    follower.sync("site", options(server))
    follower.engine.rollback()
    follower.sync("site", options(server))
    assert oracle(site) == follower.held()


def test_a_post_that_the_plugin_sends_is_the_article_of_the_sync(site, server, follower):
    """Nothing changes, whichever comes last; an edit that the plugin sent is no news to the sync."""
    for number in (3, 4, 5):
        site.edit(
            number,
            excerpt="<p>A lead by hand.</p>" if number == 4 else "<p>Workers mended road [&hellip;]</p>",
        )
    site.now += timedelta(hours=3)
    settings = options(server, language="en", section="Town")
    follower.sync("site", settings)

    def push(number):
        """What the service makes of it."""
        post = site.shown(site.posts[number], {"_embed": "author"})
        article, _ = article_of(
            json.dumps({"wordpress": post}).encode(), str(number), sources={"site": settings}
        )
        return follower.engine.add_articles([article])[0].outcome

    assert {"unchanged"} == {push(number) for number in site.posts}
    site.now += timedelta(hours=3)
    site.edit(4, title="Mended &amp; done", content="<p>[vc_row]New words[/vc_row]</p>", categories=(4,))
    assert "updated" == push(4)
    assert (0, 0, 1, 0, 0) == counts(follower.sync("site", settings))
    assert (0, 0, 230, 0, 0) == counts(follower.sync("site", settings, full=True))
    assert ("Mended & done", "A lead by hand.\n\nNew words") == follower.held()["4"]


def test_a_full_run_reads_all_again_and_changes_nothing(site, server, follower):
    """Every post is unchanged."""
    follower.sync("site", options(server))
    assert (0, 0, 230, 0, 0) == counts(follower.sync("site", options(server), full=True))


def test_an_address_that_is_no_wordpress_is_a_clear_fault(follower):
    """It says what was looked for."""
    with serving(lambda request: Reply(404 if request.path != "/" else 200, b"hello")) as server:
        report = follower.sync("site", options(server))
    assert "no WordPress REST API" in report.fault
