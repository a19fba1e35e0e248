"""Long texts take bounded memory and get the same vectors and passages as if they were read whole."""

from __future__ import annotations

import tracemalloc

import pytest

from semsearch import passages
from semsearch.articles import Article
from semsearch.encoder import tokenizing
from semsearch.encoder.factory import load_encoder
from semsearch.encoder.protocol import Encoder
from semsearch.options import EncoderOptions, PassageOptions

ORDINARY = (
    "The council of St. Ives voted 7–4 on Friday, café owners said; a 1,200-page report (PDF) followed. "
    "Die Straße wurde gesperrt. 東京都知事は金曜日に発表した。 It wasn't over: the team won't go…\n\n"
)
TEXTS = {
    "words": ORDINARY * 400,
    "signs": "漢字仮名" * 20_000,
    "blanks": ("far " + " " * 3_000) * 80,
    "one word": "x" * 60_000 + " end",
}


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The packaged model, as fast as it runs here."""
    return load_encoder(EncoderOptions())


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_vectors(encoder: Encoder, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A text is cut before its tokens are made, and its vector is to the bit that of the whole text."""
    cut = encoder.encode_passages([TEXTS[name]])
    monkeypatch.setattr(tokenizing, "heads_of", lambda texts, *_: list(texts))
    assert cut.tobytes() == encoder.encode_passages([TEXTS[name]]).tobytes()


@pytest.mark.parametrize("most", [0, 4])
@pytest.mark.parametrize("name", ["words", "signs", "blanks"])
def test_the_same_passages(encoder: Encoder, monkeypatch: pytest.MonkeyPatch, name: str, most: int) -> None:
    """An article read in parts has the passages that it has when it is read whole."""

    def split() -> list[object]:
        article = Article("a", title="A title", body=TEXTS[name])
        options = PassageOptions(max_per_article=most)
        return list(
            passages.split_passages(article, [(0, len(article.body))], encoder.token_spans, options, 254)
        )

    monkeypatch.setattr(passages, "_CALL_CHARACTERS", 5_000)
    parts = split()
    monkeypatch.setattr(passages, "_CALL_CHARACTERS", 10_000_000)
    assert parts == split()
    assert parts


def test_memory(encoder: Encoder) -> None:
    """A book without a blank takes a small multiple of its own size to be cut."""
    body = "漢字仮名" * 250_000
    article = Article("a", body=body)
    tracemalloc.start()
    try:
        found = passages.split_passages(article, [(0, len(body))], encoder.token_spans, PassageOptions(), 254)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 4 == len(found)
    assert peak < 60_000_000  # a list of all spans takes 130 MB
