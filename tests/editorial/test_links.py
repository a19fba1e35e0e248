"""Links to add to a draft, and older articles that should link to it, over a real index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from semsearch.articles import Article, Filter
from semsearch.editorial.draft import DraftSource, read_draft
from semsearch.editorial.link_marks import Linked, read_links
from semsearch.editorial.links import Links, suggest_links
from semsearch.engine import Engine
from tests.fakes import HashingEncoder
from tests.index.making import engine_at

WORDS = "meadow copper violin lantern harvest pebble saddle thimble walnut orchard beacon kettle".split()


def filler(number: int) -> Article:
    """An article about nothing that others are about."""
    words = [f"{WORDS[number % 12]}{number}", f"{WORDS[(number + 5) % 12]}{number}"]
    return Article(
        f"filler-{number}", f"A {words[0]} and a {words[1]}", f"The {words[0]} met the {words[1]}."
    )


def day(number: int) -> datetime:
    """A day of 2020."""
    return datetime(2020, 3, number, tzinfo=UTC)


OLD = Article(
    "old",
    "Zweller Bridge closed over cracks",
    "Cracks had closed the Zweller Bridge over the river for cars.",
    url="https://news.example/old",
    published_at=day(2),
)
NEWER = Article(
    "newer",
    "Over cracks: Zweller Bridge closed",
    "Cracks had closed the Zweller Bridge over the river for carts.",
    url="https://news.example/newer",
    published_at=day(9),
)
MAYOR = Article(
    "mayor",
    "Mayor Quoll wins again",
    "Mayor Berta Quoll wins the vote again, for the third time.",
    published_at=day(5),
)
DRAFT = (
    "The cars are back: cracks had closed the Zweller Bridge over the river for a year.\n\n"
    "Nobody had expected it to take so long, and those who live by the water had long given up on the "
    "promises that were made to them in the old days by the town and its many officers.\n\n"
    "Mayor Berta Quoll, who wins every vote, cut the ribbon."
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine over forty articles about nothing and three about a bridge and a mayor."""
    made = engine_at(tmp_path, encoder=HashingEncoder(512, max_tokens=64))
    made.add_articles([*(filler(number) for number in range(40)), OLD, NEWER, MAYOR])
    yield made
    made.close()


def suggested(
    engine: Engine,
    source: DraftSource,
    *,
    where: Filter | None = None,
    linked: Linked | None = None,
    **knobs: float,
) -> Links:
    """What is suggested for a draft."""
    with engine.index.snapshot() as view:
        draft = read_draft(view, engine.encoder, source)
        return suggest_links(view, engine.encoder, draft, where=where, linked=linked, **knobs)  # type: ignore[arg-type]


def told(found: Sequence[object]) -> list[tuple[str, str]]:
    """Phrase and article of each suggestion."""
    return [(one.phrase, one.article.id) for one in found]  # type: ignore[attr-defined]


def test_phrases_lead_to_the_articles_about_them(engine: Engine) -> None:
    """The whole name, where it stands first, leads to the latest article that fits; the reason says so."""
    found = suggested(engine, DraftSource(text=DRAFT), least=0.3)
    assert [("Zweller Bridge", "newer"), ("Berta Quoll", "mayor")] == told(found.links)
    first, second = found.links
    assert ["Zweller Bridge", "Berta Quoll"] == [found.draft.text[one.start : one.end] for one in found.links]
    assert "Both name Zweller Bridge; ran 9 March 2020, the latest of 2 that fit" == first.reason
    assert "Both name Berta Quoll; ran 5 March 2020" == second.reason
    assert DRAFT.split("\n\n")[2] == second.sentence
    assert all(0.3 <= one.confidence <= 1 for one in found.links)


def test_where_nothing_fits_nothing_is_suggested(engine: Engine) -> None:
    """A draft about something else, one in another script, and one that only looks alike."""
    for text in ("Nobody came to the fair on Sunday.", "東京で橋が閉鎖された。", "A bridge is a card game."):
        assert ((), ()) == (
            suggested(engine, DraftSource(text=text)).links,
            suggested(engine, DraftSource(text=text)).older,
        )


def test_limit_and_floor(engine: Engine) -> None:
    """Fewer links are the likeliest ones; what is under the floor is not suggested."""
    found = suggested(engine, DraftSource(text=DRAFT), least=0.3).links
    other, likeliest = sorted(found, key=lambda one: one.confidence)
    assert (likeliest,) == suggested(engine, DraftSource(text=DRAFT), least=0.3, limit=1).links
    floor = other.confidence + 0.001
    assert (likeliest,) == suggested(engine, DraftSource(text=DRAFT), least=floor).links
    assert () == suggested(engine, DraftSource(text=DRAFT), least=0.0, limit=0).links


def test_filters_choose_the_articles(engine: Engine) -> None:
    """What a filter leaves out is not linked."""
    found = suggested(
        engine, DraftSource(text=DRAFT), least=0.3, where=Filter(exclude_ids=("newer", "mayor"))
    )
    assert [("Zweller Bridge", "old")] == told(found.links)


def test_a_copy_of_the_draft_is_never_linked(engine: Engine) -> None:
    """Neither the text as it ran elsewhere, nor the draft itself."""
    engine.add_articles([Article("copy", "Zweller Bridge open, cracks gone", DRAFT, published_at=day(10))])
    assert "copy" not in dict(told(suggested(engine, DraftSource(text=DRAFT), least=0.3).links)).values()
    own = suggested(engine, DraftSource(article_id="copy"), least=0.3)
    assert [("Zweller Bridge", "newer"), ("Berta Quoll", "mayor")] == told(own.links)


def test_of_one_text_that_ran_twice_one_is_linked(engine: Engine) -> None:
    """The same text under another id is no second article to link to."""
    engine.add_articles(
        [replace(MAYOR, id="mayor-2", title="Mayor Quoll wins once more", body=MAYOR.body * 3)]
    )
    engine.add_articles([replace(MAYOR, id="mayor-3", body=MAYOR.body * 3)])
    found = suggested(engine, DraftSource(text=DRAFT), least=0.1, limit=20)
    ids = [one.article.id for one in found.links]
    assert len(ids) == len(set(ids))
    assert not {"mayor-2", "mayor-3"} <= set(ids)


def test_an_article_links_to_what_ran_before_it(engine: Engine) -> None:
    """Of an article of the archive the date counts: nothing later is suggested, in either direction."""
    engine.add_articles([Article("draft", "Zweller Bridge opens without cracks", DRAFT, published_at=day(4))])
    found = suggested(engine, DraftSource(article_id="draft"), least=0.2)
    assert {"old"} == {one.article.id for one in (*found.links, *found.older)}


def test_words_and_articles_that_are_linked_get_no_other_link(engine: Engine) -> None:
    """The phrase of a link is left alone wherever it stands, and so is the article it leads to."""
    by_words = read_links(
        DRAFT.replace("Zweller Bridge", '<a href="https://else.example/">Zweller Bridge</a>')
    )
    found = suggested(engine, DraftSource(text=by_words.text), linked=by_words, least=0.3)
    assert [("Berta Quoll", "mayor")] == told(found.links)
    by_address = read_links(f'{DRAFT} <a href="http://www.news.example/newer?utm_source=x">here</a>')
    found = suggested(engine, DraftSource(text=by_address.text), linked=by_address, least=0.3)
    assert [("Zweller Bridge", "old"), ("Berta Quoll", "mayor")] == told(found.links)


def test_older_articles_should_link_to_the_draft(engine: Engine) -> None:
    """Those with the subject of its headline in their text, with the place of the phrase in that."""
    found = suggested(engine, DraftSource(text=DRAFT, title="Zweller Bridge is open again"), least=0.3)
    assert {"old", "newer"} == {one.article.id for one in found.older}
    for one in found.older:
        assert "Zweller Bridge" == one.article.body[one.start : one.end] == one.phrase
        assert one.reason.startswith("Both name Zweller Bridge; ran ")
    assert [one.confidence for one in found.older] == sorted(
        (one.confidence for one in found.older), reverse=True
    )
    assert (
        () == suggested(engine, DraftSource(text=DRAFT), least=0.3).older
    )  # without a headline no subject is known


def test_an_older_article_that_leads_there_already_is_left_out(engine: Engine) -> None:
    """Known from its text, or from what came with it."""
    url = "https://news.example/draft"
    engine.add_articles(
        [
            Article("draft", "Zweller Bridge open after cracks", DRAFT, url=url, published_at=day(20)),
            replace(OLD, body=f"{OLD.body}\n\nRead on: {url}"),
            replace(NEWER, extra={"links": [url]}),
        ]
    )
    assert [] == [
        one.article.id for one in suggested(engine, DraftSource(article_id="draft"), least=0.3).older
    ]


@pytest.mark.parametrize(
    "text", ["x" * 150_000, "Kyoto Protocol. " * 5000, "\ud83d Zweller Bridge", "<b>Zweller Bridge"]
)
def test_any_draft_is_answered(engine: Engine, text: str) -> None:
    """Long, repeated and broken drafts are answered within bounds."""
    encoder = engine.encoder
    assert isinstance(encoder, HashingEncoder)
    begun = encoder.encoded
    found = suggested(engine, DraftSource(text=text), least=0.0, limit=20)
    assert len(found.links) <= 20
    assert encoder.encoded - begun <= 200
