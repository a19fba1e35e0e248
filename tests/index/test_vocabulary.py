"""The vocabulary counts articles, not words, and shows words as they are mostly written."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.index.protocol import WordCount
from semsearch.index.vocabulary import Vocabulary, WordCounter

TEXTS = st.lists(st.lists(st.sampled_from("Putin putin PUTIN Élysée elysee police's".split())).map(" ".join))


def counted(*texts, titles=(), **options):
    """The vocabulary of some texts without titles."""
    counter = WordCounter()
    for text in texts:
        counter.add("", text)
    return counter.vocabulary(titles, **options)


@settings(deadline=None, max_examples=60)
@given(TEXTS)
def test_counts_articles(texts):
    """Each article counts once for a word, however it is written in it."""
    folded = {"putin": {"Putin", "putin", "PUTIN"}, "elysee": {"Élysée", "elysee"}, "police": {"police's"}}
    expected = Counter(
        {word: sum(bool(ways & set(text.split())) for text in texts) for word, ways in folded.items()}
    )
    vocabulary = counted(*texts)
    assert {word: n for word, n in expected.items() if n > 1} == dict(
        zip(vocabulary.words, vocabulary.counts.tolist(), strict=True)
    )


def test_shows_the_most_frequent_writing():
    """NATO is shown in capitals; a title's capitals do not count where the text writes it otherwise."""
    counter = WordCounter()
    counter.add("Police Hold Suspect", "The police hold a suspect for NATO.")
    counter.add("Police Say NATO", "Now police say so.")
    assert [WordCount("police", 2)] == counter.vocabulary().completions("polic", 5)
    assert [WordCount("NATO", 2)] == counter.vocabulary().completions("nato", 5)


def test_keeps_words_of_two_articles_and_of_titles():
    """A word that stands once is mostly a misprint, unless a title holds it."""
    texts = ("korea korea missile", "korea launch")
    assert ["korea"] == counted(*texts).words
    assert ["korea", "launch"] == counted(*texts, titles=["launch"]).words
    assert ["korea"] == counted(*texts, titles=["launch"], most=1).words


def test_later_words_count_at_once():
    """Articles added later raise counts and bring words of their own."""
    vocabulary = counted("korea", "korea")
    vocabulary.add("Zelensky speaks", "In Korea.")
    vocabulary.add("", "Zelensky left.")
    assert [WordCount("korea", 3)] == vocabulary.completions("kor", 5)
    assert [WordCount("Zelensky", 2)] == vocabulary.completions("zel", 5)
    assert [(WordCount("Zelensky", 2), 1)] == vocabulary.near("zelenskiy", 2)


def test_is_the_same_after_saving():
    """What was saved is found again."""
    vocabulary = counted("Élysée NATO", "Élysée NATO")
    again = Vocabulary.load(vocabulary.save())
    assert [WordCount("Élysée", 2)] == again.completions("ely", 5)
    assert [(WordCount("NATO", 2), 1)] == again.near("natto", 1)
    assert [] == Vocabulary.load(counted().save()).completions("a", 5)


def test_memory_is_bounded_and_frequent_words_survive():
    """However many words come once, those that come in every article are kept."""
    counter = WordCounter(most=100)
    for number in range(200):
        rare = " ".join("".join(chr(97 + int(digit)) for digit in f"{number:04}{n:02}") for n in range(5))
        counter.add("", f"korea {rare}")
    assert len(counter.articles) <= 110
    assert 200 == counter.articles["korea"]
