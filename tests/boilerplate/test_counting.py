"""Boilerplate is what recurs in articles that otherwise differ; copies of one story are none."""

from __future__ import annotations

import random

import pytest

from semsearch.articles import Article
from semsearch.boilerplate import Boilerplate, BoilerplateCounter
from semsearch.boilerplate import counting as module
from semsearch.sources.opening import read_all
from semsearch.sources.report import Report

FOOTER = "Get the stories of the valley in your inbox every morning, free of charge."
ABOUT = (
    "Valley Herald is a great place to find informative, up-to-date news articles. We provide a wide range "
    "of articles. You can easily search for the topics that matter most to you."
)
WORDS = (
    "council bridge river school budget mayor flood train vote strike harvest clinic museum forest".split()
)


def prose(seed, sentences=4):
    """Sentences that no other seed gives."""
    chance = random.Random(seed)
    return " ".join(
        f"The {chance.choice(WORDS)} of {chance.choice(WORDS)} number {seed} {chance.choice(WORDS)} was"
        f" {chance.random():.6f} on {chance.choice(WORDS)} day."
        for _ in range(sentences)
    )


def article(number, *tail, source=None, paragraphs=4, head=()):
    """An article of its own paragraphs with these before and behind."""
    own = [prose(f"{number}-{part}") for part in range(paragraphs)]
    return Article(
        id=str(number), title=f"Title {number}", body="\n\n".join([*head, *own, *tail]), source=source
    )


def found(articles):
    """The boilerplate of these articles."""
    counter = BoilerplateCounter()
    for one in articles:
        counter.add(one)
    return counter.finish()


def texts(boilerplate):
    """The recurring texts."""
    return [one.text for one in boilerplate.found]


def kept(boilerplate, one):
    """What is left of an article's body."""
    return [one.body[start:end] for start, end in boilerplate.kept_spans(one.body, one.source)]


@pytest.mark.parametrize("count", [5, 60, 300])
def test_a_footer_is_found(count):
    """A paragraph at the end of all articles is boilerplate, in a small corpus and in a larger one."""
    boilerplate = found(article(number, FOOTER) for number in range(count))

    assert [FOOTER] == texts(boilerplate)
    assert count == boilerplate.found[0].articles


def test_a_footer_is_found_beside_other_articles():
    """A notice on four pages of a corpus of 60 is boilerplate."""
    pages = [article(number, FOOTER) for number in range(4)]
    others = [article(number) for number in range(4, 60)]

    assert [FOOTER] == texts(found(pages + others))


def test_a_headline_for_all_pages_is_found():
    """A paragraph before all articles is boilerplate, too."""
    banner = "Welcome to the pages of the valley and its people"

    assert [banner] == texts(found(article(number, head=[banner]) for number in range(20)))


def test_a_footer_of_one_source_among_many():
    """What recurs at one small source is found in a large corpus, and is no boilerplate elsewhere."""
    pages = [article(number, FOOTER, source="Herald") for number in range(12)]
    others = [article(number, source="Wire") for number in range(12, 2_000)]
    boilerplate = found(pages + others)

    assert [FOOTER] == texts(boilerplate)
    assert ("Herald",) == boilerplate.found[0].sources
    assert boilerplate.is_boilerplate(FOOTER, "Herald")
    assert not boilerplate.is_boilerplate(FOOTER, "Wire")


@pytest.mark.parametrize("copies", [3, 8, 40])
def test_copies_of_a_story_are_kept(copies):
    """However many sources print one story whole, none of its paragraphs is boilerplate."""
    story = [prose(f"story-{part}") for part in range(6)]
    printed = [
        Article(id=f"c{number}", title=f"Printed {number}", body="\n\n".join([*story, f"By desk {number}"]))
        for number in range(copies)
    ]
    others = [article(number) for number in range(60)]

    assert [] == texts(found(printed + others))


def test_copies_with_changes_are_kept():
    """Copies that editors cut and extended a little are still one story."""
    story = [prose(f"story-{part}") for part in range(10)]
    printed = []
    for number in range(12):
        body = [*story[: 10 - number % 2], prose(f"own-{number}")]
        printed.append(Article(id=f"c{number}", title=f"Printed {number}", body="\n\n".join(body)))

    assert [] == texts(found([*printed, *(article(number) for number in range(60))]))


def test_updates_of_a_running_story_are_kept():
    """A story told again nine times, half of it new each time, keeps its paragraphs."""
    told = [prose(f"story-{part}") for part in range(6)]
    updates = []
    for number in range(9):
        body = [*(prose(f"new-{number}-{part}") for part in range(2)), *told]
        updates.append(Article(id=f"u{number}", title=f"Update {number}", body="\n\n".join(body)))

    assert [] == texts(found([*updates, *(article(number) for number in range(60))]))


def test_a_footer_longer_than_its_pages_is_found():
    """Pages of one sentence under a long notice of the site have the notice found, not their sentence."""
    pages = [Article(id=str(number), body=f"{prose(number, 1)}\n\n{ABOUT}") for number in range(12)]
    boilerplate = found(pages)

    assert ABOUT[:200] in texts(boilerplate)
    assert [prose(7, 1)] == kept(boilerplate, pages[7])


def test_the_background_of_a_running_story_is_kept():
    """A paragraph without words of a notice in five of 60 articles is background, no boilerplate."""
    background = "The bridge was closed in March after engineers found cracks in two of its four pillars."
    running = [article(number, background, prose(f"end-{number}")) for number in range(5)]
    others = [article(number) for number in range(5, 60)]

    assert [] == texts(found(running + others))


def test_a_corpus_of_one_or_two_has_none():
    """Two articles with the same end are too few to tell."""
    assert [] == texts(found([article(1, FOOTER), article(2, FOOTER)]))
    assert [] == texts(found([article(1, FOOTER)]))
    assert [] == texts(found([]))


def test_sentences_at_the_ends_of_one_paragraph_are_found():
    """Bodies that lost their paragraphs have their recurring last and first sentences found."""
    articles = [
        Article(id=str(number), body=f"This is a rush transcript. {prose(number, 30)} {FOOTER}")
        for number in range(30)
    ]
    boilerplate = found(articles)

    assert {"This is a rush transcript.", FOOTER} == set(texts(boilerplate))
    assert [prose(7, 30)] == kept(boilerplate, articles[7])


def test_order_does_not_matter():
    """The same articles in another order have the same boilerplate."""
    articles = [article(number, FOOTER, *([ABOUT] if number % 2 else [])) for number in range(40)]
    mixed = random.Random(1).sample(articles, len(articles))

    assert found(articles).found == found(mixed).found


def test_memory_is_bounded(monkeypatch):
    """With little room for texts the footer is still found: the often seen stays, the once seen goes."""
    monkeypatch.setattr(module, "_MOST_ONCE", 300)
    monkeypatch.setattr(module, "_MOST_AGAIN", 20)
    counter = BoilerplateCounter()
    for number in range(400):
        counter.add(article(number, FOOTER))
        assert len(counter._once) <= 300
        assert len(counter._again) <= 20

    assert [FOOTER] == texts(counter.finish())


def test_articles_without_body_are_no_trouble():
    """Titles alone count nothing."""
    assert [] == texts(found(Article(id=str(number), title="T") for number in range(20)))


@pytest.mark.data
def test_real_news_keeps_its_text(data):
    """On a thousand real articles only known notices are found, and less than two hundredths of the text."""
    articles = []
    for one in read_all([str(data / "allsides" / "articles.jsonl.gz")], None, Report()):
        articles.append(one)
        if len(articles) == 1_000:
            break
    boilerplate = found(articles)
    cut = sum(len(one.body) - sum(map(len, kept(boilerplate, one))) for one in articles)

    assert any("Washington Times, LLC" in text for text in texts(boilerplate))
    assert any("contributed to this report" in text for text in texts(boilerplate))
    assert cut < 0.02 * sum(len(one.body) for one in articles)


@pytest.mark.data
def test_the_albion_page(data):
    """The page's own words about its site and its empty list are cut, alone and after a build with others."""
    (page,) = read_all([str(data / "albion")], None, Report())
    (left,) = kept(Boilerplate(), page)

    assert left.startswith("President Vladimir Putin has confirmed")
    assert left.endswith("the well-being of all nations involved.")
    about = page.body.split("\n\n")[-2]
    boilerplate = found([page, *(article(number, about, "You May Also Like") for number in range(4))])
    assert {about[:200], "You May Also Like"} <= set(texts(boilerplate))
    assert [left] == kept(boilerplate, page)
