"""The same articles in every format, plain and packed, come back the same."""

from __future__ import annotations

import dataclasses
from itertools import islice
from pathlib import Path

import pytest

import semsearch
from semsearch.engine import Engine
from semsearch.settings import Settings
from semsearch.sources.opening import read_all
from semsearch.sources.report import Report
from tests.fakes import HashingEncoder
from tests.sources.making import FORMATS, read_back, written

SAMPLE = Path(semsearch.__file__).parent / "sample" / "articles.jsonl"
PACKINGS = ("plain", "gz", "zip")


@pytest.fixture(scope="module")
def sample():
    """The sample's articles, as far as every format can say them."""
    return [plainly(article) for article in read_all([str(SAMPLE)], None, Report())]


@pytest.fixture(scope="module")
def reuters(data):
    """Three hundred wire stories; each gets an address and a title, which a page cannot do without."""
    found = read_all([str(data / "reuters21578" / "articles.jsonl.gz")], None, Report())
    return [
        dataclasses.replace(
            plainly(article), title=article.title or f"Story {article.id}", language="en",
            url=f"https://wire.example/{article.id}", source="Wire",
        )
        for article in islice(found, 300)
    ]  # fmt: skip


def plainly(article):
    """The article with one author and the publisher of all, which is what a WordPress export knows."""
    return dataclasses.replace(article, authors=article.authors[:1], source="Harbour Post")


def expected(articles):
    """By id, with the address as id."""
    return {article.url: dataclasses.replace(article, id=article.url) for article in articles}


def compared(found, wanted):
    """Fails with the first field that differs, by its name."""
    assert list(wanted) == list(found)
    for key, article in wanted.items():
        for field in dataclasses.fields(article):
            if field.name != "extra":
                assert (key, field.name, getattr(article, field.name)) == (
                    key, field.name, getattr(found[key], field.name)
                )  # fmt: skip


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("kind", FORMATS)
def test_the_sample_in_every_format(kind, packing, sample, tmp_path):
    """Id, title, body, dates, section, authors, tags and the rest are equal, and nothing is rejected."""
    path = written(FORMATS[kind](sample), tmp_path / "given", packing)
    found, report = read_back(path, fields={"id": "url"})
    assert 0 == report.tally().rejected
    compared({key: found[key] for key in sorted(found)}, dict(sorted(expected(sample).items())))


@pytest.mark.data
@pytest.mark.parametrize("kind", FORMATS)
def test_wire_stories_in_every_format(kind, reuters, tmp_path):
    """Three hundred stories as they were telexed, some without a body."""
    path = written(FORMATS[kind](reuters), tmp_path / "given", "plain")
    found, report = read_back(path, fields={"id": "url"})
    assert 0 == report.tally().rejected
    compared({key: found[key] for key in sorted(found)}, dict(sorted(expected(reuters).items())))


def content(engine):
    """Ids with titles, and the texts of the passages, as an index holds them."""
    articles = {article.id: (article.title, article.body) for article in engine.live_articles()}
    with engine.index.snapshot() as view:
        return articles, {key: view.passages(view.row_of(key)) for key in articles}


def same_index(kind, articles, tmp_path):
    """Builds an index of JSON Lines and one of the format, and compares what they hold."""
    held = {}
    for name in ("jsonl", kind):
        path = written(FORMATS[name](articles), tmp_path / name, "plain")
        settings = Settings(indexes=tmp_path / "indexes", index=name, fields={"id": "url"})
        engine = Engine(settings, encoder=HashingEncoder())
        report = engine.build([str(path)])
        assert (len(articles), 0) == (report.articles, report.rejected)
        held[name] = content(engine)
        engine.close()
    assert held["jsonl"] == held[kind]


@pytest.mark.parametrize("kind", ["html", "wxr", "parquet"])
def test_an_index_is_the_same_whatever_its_articles_came_in(kind, sample, tmp_path):
    """A folder of pages, an export and a table give the ids, titles, texts and passages of JSON Lines."""
    same_index(kind, sample, tmp_path)


@pytest.mark.data
@pytest.mark.parametrize("kind", ["html", "wxr", "parquet"])
def test_an_index_of_wire_stories_is_the_same(kind, reuters, tmp_path):
    """Also for stories as they were telexed, with figures, tickers and capitals."""
    same_index(kind, reuters, tmp_path)
