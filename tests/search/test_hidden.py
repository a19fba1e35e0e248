"""Nothing of an article that readers cannot see is in anything that they can ask for; then all of it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from semsearch.articles import FACET_FIELDS, Article
from semsearch.editorial.coverage import check_coverage
from semsearch.editorial.draft import DraftSource, read_draft
from semsearch.editorial.links import suggest_links
from semsearch.errors import ArticleNotFound
from semsearch.index.embedded import EmbeddedIndex
from semsearch.index.folder import IndexFolder
from semsearch.indexing.threads import joining
from semsearch.options import VisibilityOptions
from semsearch.rules import Rule
from semsearch.ruleset import RuleSet
from semsearch.search.hidden import KINDS, hidden_page
from semsearch.search.rule_preview import preview
from semsearch.search.searcher import Searcher
from semsearch.search.suggest import SuggestRequest
from semsearch.search.types import RelatedRequest, SearchRequest
from tests.fakes import HashingEncoder
from tests.index.making import engine_at

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HIDE = VisibilityOptions()
SECRET = "zyzzyva"
TEXT = "The storm tore the harbour ferry from its pier, and the rescue took all night in Merrow bay."


def ferry(number: int, **values: object) -> Article:
    """An article of one story, which all of them are copies or developments of."""
    kept: dict[str, object] = {
        "title": f"Harbour ferry adrift in storm, report {number}",
        "body": f"{TEXT} Part {number % 2}.",
        "section": "Local",
        "authors": ("Ada Marsh",),
        "tags": ("harbour",),
        "published_at": NOON - timedelta(hours=number),
    }
    return Article(f"ferry-{number}", **{**kept, **values})  # type: ignore[arg-type]


def secret(number: int = 0, **values: object) -> Article:
    """One more of that story, whose every field has the secret word."""
    kept: dict[str, object] = {
        "title": f"{SECRET.title()} Trust ferry adrift in storm",
        "body": f"{TEXT} It was the {SECRET.title()} Trust of Merrow, and the {SECRET}.",
        "url": f"https://news.example/{SECRET}/{number}",
        "section": f"{SECRET} desk",
        "authors": (f"{SECRET} writer",),
        "tags": (f"{SECRET} tag",),
        "source": f"{SECRET} wire",
        "published_at": NOON - timedelta(days=1),
    }
    return Article(f"{SECRET}-{number}", **{**kept, **values})  # type: ignore[arg-type]


def another(number: int) -> Article:
    """An article about something else, so that the words of the story tell something."""
    words = ("school budget vote", "museum painting theft", "drought reservoir water")[number % 3]
    body = f"The {words} went on in week{number}, they said of matter{number}."
    return Article(f"b{number}", f"{words} {number}", body, published_at=NOON - timedelta(days=20 + number))


class Readers:
    """Everything that readers and editors can ask of an index, on a clock of the test."""

    def __init__(self, folder: IndexFolder, options: VisibilityOptions) -> None:
        self.now = NOON.timestamp()
        self.index = EmbeddedIndex(folder, joining=joining(), visibility=options, clock=lambda: self.now)
        self.rules: list[Rule] = []
        self.encoder = HashingEncoder()
        self.searcher = Searcher(
            self.index, self.encoder, rules=lambda: RuleSet(self.rules), now=lambda: self.now
        )

    def answers(self) -> dict[str, object]:
        """An answer of each kind, by what was asked."""
        found: dict[str, object] = {}
        search, related = self.searcher.search, self.searcher.related
        for query in ("ferry storm", "", "latest on ferry", SECRET, f"{SECRET[:-2]}av", f'"the {SECRET}"'):
            for knobs in (
                {"mode": "semantic"},
                {"mode": "lexical"},
                {"facets": FACET_FIELDS, "collapse": "duplicate"},
                {"sort": "newest", "collapse": "story"},
                {"explain": True, "limit": 50},
            ):
                found[f"search {query!r} {knobs}"] = search(SearchRequest(query, **knobs)).hits
                found[f"facets {query!r} {knobs}"] = dict(search(SearchRequest(query, **knobs)).facets)
            found[f"meant {query!r}"] = search(SearchRequest(query)).did_you_mean
        for asked in ({"article_id": "ferry-1"}, {"article_id": "none"}, {"text": TEXT}):
            for knobs in ({}, {"fallback": "section", "limit": 30}, {"window": "latest"}):
                found[f"related {asked} {knobs}"] = related(RelatedRequest(**asked, **knobs)).hits
        typed = [SECRET[:n] for n in range(1, len(SECRET) + 1)] + [f"{SECRET[:-2]}va", "", "ferry"]
        for one in typed:
            found[f"suggest {one}"] = self.searcher.suggest(SuggestRequest(one, limit=50)).suggestions
        found["story"] = self.searcher.story("ferry-1")
        with self.index.snapshot() as view:
            draft = read_draft(
                view, self.encoder, DraftSource(text=f"{TEXT} The {SECRET.title()} Trust said so.")
            )
            found["coverage"] = [
                (one.article, one.shared) for one in check_coverage(view, draft, limit=50).articles
            ]
            links = suggest_links(view, self.encoder, draft, limit=50, older=50, least=0.0)
            found["links"] = [one.article for one in (*links.links, *links.older)]
        return found

    def telling(self) -> list[str]:
        """What was asked of the answers that hold the secret word, beyond an echo of the draft."""
        return [name for name, answer in self.answers().items() if SECRET in repr(answer).casefold()]


@pytest.fixture
def readers(tmp_path) -> Iterator[Callable[..., Readers]]:
    """Makes an index of articles of which half were there when it was built, and its readers."""
    made: list[Callable[[], None]] = []

    def make(*articles: Article, options: VisibilityOptions = HIDE, live: bool = False) -> Readers:
        engine = engine_at(tmp_path)
        engine.add_articles([*map(ferry, range(6)), *map(another, range(18))])
        if not live:
            engine.add_articles(articles)
        engine.build([])
        if live:
            engine.add_articles(articles)
        found = Readers(engine.folder, options)
        made.extend((found.index.close, engine.close))
        return found

    yield make
    for close in made:
        close()


HIDDEN = {
    "scheduled": {"published_at": NOON + timedelta(seconds=5)},
    "draft": {"status": "draft"},
    "expired": {"expires_at": NOON - timedelta(seconds=1)},
}


@pytest.mark.parametrize("live", [False, True], ids=["built", "live"])
@pytest.mark.parametrize("why", HIDDEN)
def test_no_answer_holds_anything_of_a_hidden_article(readers, why, live):
    """Not its words, fields, copies or ids, in any kind of answer, whatever hides it."""
    found = readers(*(secret(n, **HIDDEN[why]) for n in range(4)), live=live)
    assert [] == found.telling()


def test_the_same_articles_are_in_all_answers_at_their_time(readers):
    """So the test above can fail: each kind of answer holds the word once its article is there."""
    found = readers(*(secret(n, **HIDDEN["scheduled"]) for n in range(4)))
    assert [] == found.telling()
    found.now += 5
    kinds = {name.split()[0] for name in found.telling()}
    assert kinds >= {"search", "facets", "meant", "related", "suggest", "story", "coverage", "links"}
    found.now -= 1
    assert [] == found.telling()


def test_totals_and_copies_count_what_is_seen_alone(readers):
    """Totals, facets and the copies of a hit are those of an index without the hidden articles."""
    found = readers(*(secret(n, **HIDDEN["scheduled"]) for n in range(3)))

    def figures() -> tuple[int, dict[str, int], set[str]]:
        asked = SearchRequest("ferry", mode="lexical", facets=("section",), collapse="duplicate")
        answer = found.searcher.search(asked)
        copies = {one for hit in answer.hits if hit.duplicates for one in hit.duplicates.ids}
        plain = found.searcher.search(replace(asked, collapse="none"))
        return plain.total, dict(plain.facets["section"]), copies

    before = figures()
    assert (6, {"Local": 6}) == before[:2]
    assert not any(SECRET in one for one in before[2])
    found.now += 5
    assert (9, {"Local": 6, f"{SECRET} desk": 3}) == figures()[:2]
    assert any(SECRET in one for one in figures()[2])


def test_a_story_is_named_after_an_article_that_is_seen(readers):
    """The id of a story is that of the first article that readers can see, never of a hidden one."""
    early = secret(0, published_at=NOON - timedelta(days=2), expires_at=NOON + timedelta(seconds=5))
    found = readers(early, *(secret(n, **HIDDEN["draft"]) for n in (1, 2)))
    story = found.searcher.story("ferry-1")
    assert f"{SECRET}-0" in [one.id for one in story.articles]
    found.now += 5
    after = found.searcher.story("ferry-1")
    assert after.id in {one.id for one in after.articles} | {f"ferry-{n}" for n in range(6)}
    assert SECRET not in repr(after)


def test_a_rule_that_hides_holds_for_what_appears_later(readers):
    """An article that an editor hid before its time stays hidden at its time, by its id and by a filter."""
    found = readers(secret(0, **HIDDEN["scheduled"]), secret(1, **HIDDEN["scheduled"]))
    found.rules = [Rule("h", "hide", "everywhere", (f"{SECRET}-0", f"{SECRET}-1"))]
    assert 6 == found.searcher.search(SearchRequest("ferry", mode="lexical")).total
    found.now += 5
    assert 6 == found.searcher.search(SearchRequest("ferry", mode="lexical")).total
    with found.index.snapshot() as view:
        assert view.row_of(f"{SECRET}-0") >= 0


def test_a_pin_appears_at_its_time(readers):
    """A pinned article takes its place when readers may see it; until then a preview says why it does not."""
    found = readers(secret(0, **HIDDEN["scheduled"]))
    rule = Rule("p", "pin", "query", (f"{SECRET}-0",), query="ferry")
    found.rules = [rule]
    assert SECRET not in repr(found.searcher.search(SearchRequest("ferry")).hits)
    seen = preview(found.searcher, found.index, RuleSet(), rule, now=found.now)
    assert [(f"{SECRET}-0", "readers cannot see it now")] == [(a, b.split(":")[0]) for a, b in seen.problems]
    found.now += 5
    first = found.searcher.search(SearchRequest("ferry")).hits[0]
    assert (f"{SECRET}-0", True) == (first.article.id, first.pinned)


def test_settings_show_what_a_site_wants_shown(readers):
    """Scheduled articles, expired ones, and statuses that a site calls published."""
    given = [secret(number, **values) for number, values in enumerate(HIDDEN.values())]
    options = VisibilityOptions(scheduled="show", expired="show", published_statuses="live, Draft")
    found = readers(*given, options=options)
    assert 9 == found.searcher.search(SearchRequest("ferry", mode="lexical")).total


def test_a_hidden_article_is_told_like_an_unknown_one(readers):
    """No error differs by more than the id that was asked for."""
    found = readers(secret(0, **HIDDEN["draft"]))

    @contextmanager
    def noted(into: list[str], known: str) -> Iterator[None]:
        try:
            yield
        except ArticleNotFound as error:
            into.append(str(error).replace(known, "ID"))

    said: dict[str, list[str]] = {}
    for one in (f"{SECRET}-0", "xyzzy-0"):
        into = said.setdefault(one[:5], [])
        with noted(into, one):
            found.searcher.story(one)
        for source in (DraftSource(article_id=one), DraftSource(url=f"https://news.example/articles/{one}")):
            with noted(into, one), found.index.snapshot() as view:
                read_draft(view, found.encoder, source)
        with suppress(IndexError):
            listed = found.searcher.related(RelatedRequest(article_id=one))
            into.append(repr((listed.hits, listed.total, listed.fallback)))
    assert said["zyzzy"] == said["xyzzy"]
    assert 4 == len(said["zyzzy"])


def test_editors_see_what_is_hidden_by_kind(readers):
    """Scheduled ones soonest first with their time, expired ones latest first, states; page by page."""
    given = [secret(n, published_at=NOON + timedelta(hours=9 - n)) for n in range(4)]
    given += [secret(n, expires_at=NOON - timedelta(hours=n)) for n in range(4, 7)]
    given += [secret(7, status="draft"), secret(8, status="private", **HIDDEN["scheduled"])]
    never = {"published_at": NOON + timedelta(hours=2), "expires_at": NOON + timedelta(hours=1)}
    found = readers(*given, secret(9, **never))

    def listed(kind: str, limit: int = 50, offset: int = 0) -> list[str]:
        with found.index.snapshot() as view:
            page = hidden_page(view, kind, now=found.now, limit=limit, offset=offset)
        assert {"scheduled": 4, "unpublished": 2, "expired": 4} == dict(page.counts)
        return [one.article.id.removeprefix(f"{SECRET}-") for one in page.articles]

    assert (["3", "2", "1", "0"], ["1"]) == (listed("scheduled"), listed("scheduled", 1, 2))
    assert ["9", "4", "5", "6"] == listed("expired")
    assert ["8", "7"] == listed("unpublished")
    with found.index.snapshot() as view:
        soonest = hidden_page(view, "scheduled", now=found.now, limit=1, offset=0).articles[0]
        state = hidden_page(view, "unpublished", now=found.now, limit=1, offset=0).articles[0]
    assert (NOON + timedelta(hours=6), None) == (soonest.at, state.at)
    assert ("scheduled", "unpublished", "expired") == KINDS
