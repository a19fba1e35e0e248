"""What a build leaves out of searched texts is counted and said, and stays in what is shown."""

from __future__ import annotations

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.indexing.cleaning import cuts_note
from semsearch.search.types import SearchRequest
from semsearch.settings import Settings
from tests.fakes import HashingEncoder


def test_nothing_cut_says_nothing():
    """A clean corpus has no note."""
    assert cuts_note({}) is None
    assert cuts_note({"byline": 0}) is None


def test_the_most_frequent_comes_first():
    """Numbers have their thousands apart; a kind without a name of its own is told as it is."""
    assert "shown but not searched: 1,200 datelines, 3 bylines, 1 odd (docs/cleaning.md)" == cuts_note(
        {"byline": 3, "dateline": 1_200, "odd": 1}
    )


def test_a_build_counts_and_the_shown_text_keeps_all(tmp_path):
    """The byline is found in no search by words, and stands in the article as it was given."""
    body = "By Zebedee Quince\n\nThe council met on Tuesday.\n\nA bridge will be built."
    engine = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    engine.add_articles([Article("a", "Bridge agreed", body)])
    notes = [note for note in engine.build([]).notes if "searched" in note]
    found = engine.searcher.search(SearchRequest(query="Zebedee Quince", mode="lexical")).hits
    shown = engine.show("a").body
    engine.close()

    assert ["shown but not searched: 1 bylines (docs/cleaning.md)"] == notes
    assert [] == list(found)
    assert body == shown
