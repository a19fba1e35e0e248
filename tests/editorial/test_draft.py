"""A draft as text, or an article of the archive by id or address, over a real index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from semsearch.articles import Article, Filter
from semsearch.editorial.draft import MAX_TEXT, MAX_TITLE, Draft, DraftSource, read_draft
from semsearch.engine import Engine
from semsearch.errors import ArticleNotFound, EncoderMismatch, InputError
from semsearch.text import same_page_key
from tests.fakes import HashingEncoder
from tests.index.making import engine_at

BODY = "The old bridge over the river was closed on Monday. Buses take the road by the harbour."
ADDRESS = "https://www.news.example/2026/01/old-bridge-closed?id=7"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine over an index of three articles, two with an address, which no test changes."""
    made = engine_at(tmp_path_factory.mktemp("draft"))
    made.add_articles(
        [
            Article("bridge", "Bridge closed", BODY, url=ADDRESS),
            Article("a/b ü", "Cup final", "Nobody scored in the final."),
            Article(
                "other", "Another", "Something else.", url="https://news.example/2026/01/old-bridge-open?id=7"
            ),
        ]
    )
    yield made
    made.close()


def read(engine: Engine, **source: str) -> Draft:
    """The draft of a source."""
    with engine.index.snapshot() as view:
        return read_draft(view, engine.encoder, DraftSource(**source))


def test_a_pasted_text_loses_its_tags(engine: Engine) -> None:
    """Passages lie in the text as it was read, and each has its vector."""
    draft = read(engine, text=f"<p>{BODY}</p><script>x</script>", title=" Bridge  <b>shut</b> ")
    assert (BODY, "Bridge shut", None) == (draft.text, draft.title, draft.article)
    texts = [f"Bridge shut\n{draft.text[one.start : one.end]}" for one in draft.passages]
    assert texts == [one.text for one in draft.passages]
    assert np.array_equal(HashingEncoder().encode_passages(texts), draft.vectors)


def test_an_article_is_read_from_the_index(engine: Engine) -> None:
    """Its passages and vectors are those that are stored: nothing is encoded."""
    encoder = engine.encoder
    assert isinstance(encoder, HashingEncoder)
    before = encoder.encoded
    draft = read(engine, article_id="bridge")
    assert (before, BODY, "bridge") == (encoder.encoded, draft.text, draft.article and draft.article.id)
    assert len(draft.passages) == len(draft.vectors) > 0


@pytest.mark.parametrize(
    "url",
    [
        ADDRESS,
        "http://news.example/2026/01/old-bridge-closed/?id=7",
        f"  {ADDRESS}&utm_source=mail#top ",
        "https://m.NEWS.example/2026/01/old-bridge-closed?id=7",
        "http://127.0.0.1:8000/articles/bridge",
    ],
)
def test_an_address_is_found_in_any_of_its_forms(engine: Engine, url: str) -> None:
    """Trackers, anchors, mirrors and the page of the article here all lead to it."""
    found = read(engine, url=url).article
    assert found is not None
    assert "bridge" == found.id


def test_an_id_in_the_address_of_a_page_here(engine: Engine) -> None:
    """It is decoded as the page decodes it."""
    found = read(engine, url="https://desk.example/articles/a%2Fb%20%C3%BC").article
    assert found is not None
    assert "a/b ü" == found.id


def test_the_newest_version_at_an_address_is_found(tmp_path: Path) -> None:
    """After a change the new version is read, after a deletion none."""
    engine = engine_at(tmp_path)
    engine.add_articles([Article("bridge", "Bridge closed", BODY, url=ADDRESS)])
    engine.add_articles([Article("bridge", "Bridge open again", "It opened.", url=ADDRESS)])
    assert "Bridge open again" == read(engine, url=ADDRESS).title
    engine.delete(["bridge"])
    with pytest.raises(ArticleNotFound):
        read(engine, url=ADDRESS)
    engine.close()


@pytest.mark.parametrize(
    "url",
    ["https://elsewhere.example/", "https://news.example/2026/01/old-bridge?id=7", "http://x/%", "http://é"],
)
def test_an_address_that_is_not_held(engine: Engine, url: str) -> None:
    """The error says to paste the text, as nothing is fetched."""
    with pytest.raises(ArticleNotFound, match="paste its text instead: nothing is fetched"):
        read(engine, url=url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "bridge",
        "javascript:alert(1)",
        "ftp://a.example/b",
        "http://[",
        "https://",
        "http://a/" + 4_000 * "b",
    ],
)
def test_what_is_no_address(engine: Engine, url: str) -> None:
    """It is told with what to give."""
    with pytest.raises(InputError, match=r"url is .*; give an http or https address"):
        read(engine, url=url)


def test_an_unknown_id(engine: Engine) -> None:
    """It is told with its name, cut short."""
    with pytest.raises(ArticleNotFound, match=r"no article 'n{79}…'; give another id, or paste its text"):
        read(engine, article_id=300 * "n")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({}, "give exactly one of text, id and url; none of them came"),
        ({"text": "a", "url": "b"}, "give exactly one of text, id and url; text and url came"),
        ({"article_id": "a", "title": "b"}, "title goes with text; an article found by its id has its own"),
        ({"text": "a" * (MAX_TEXT + 1)}, "text has 200,001 characters; give at most 200,000"),
        ({"text": "a", "title": "b" * (MAX_TITLE + 1)}, "title has 1,001 characters; give at most 1,000"),
    ],
)
def test_what_is_no_source(source: dict[str, str], words: str) -> None:
    """Each wrong field is named with what to give."""
    with pytest.raises(InputError) as caught:
        DraftSource(**source)
    assert words == str(caught.value)


@pytest.mark.parametrize("text", ["", " \n", "…!?", "<p></p>", "<script>words</script>"])
def test_a_text_without_a_word(engine: Engine, text: str) -> None:
    """It is refused with its length."""
    with pytest.raises(InputError, match=rf"text has {len(text)} characters and no word"):
        read(engine, text=text)


@pytest.mark.parametrize("text", ["\ud83d broken", "مرحبا بالعالم", "東京で橋が閉鎖された。", "7"])
def test_any_text_is_read(engine: Engine, text: str) -> None:
    """Broken, foreign and short texts have at least one passage."""
    assert len(read(engine, text=text).passages) >= 1


def test_vectors_of_another_encoder(engine: Engine) -> None:
    """They are not compared with those of the index."""
    with engine.index.snapshot() as view, pytest.raises(EncoderMismatch):
        read_draft(view, HashingEncoder(name="another"), DraftSource(text="a word"))


def test_addresses_are_looked_up_as_comparing_each_one_does(engine: Engine) -> None:
    """The row of any form of an address is the newest live one with the same key, found one by one."""
    asked = [
        ADDRESS,
        ADDRESS.replace("https://www.", "http://"),
        "https://news.example/2026/01/old-bridge-open/?id=7&utm_medium=x",
        "https://news.example/2026/01/old-bridge-open",
        "https://news.example/",
        "https://news.example/2026/01/OLD-BRIDGE-OPEN?id=7",
        "https://news.example/%E2%9C%93",
    ]
    with engine.index.snapshot() as view:
        held = {one.url: view.row_of(one.id) for one in view.articles(view.matching(Filter())) if one.url}
        for url in asked:
            same = [row for known, row in held.items() if same_page_key(known) == same_page_key(url)]
            assert max(same, default=-1) == view.row_at(url)
