"""The measurements run on any collection that lies in the data folder."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from benchmarks import corpora, quality, related
from tests.fakes import HashingEncoder

STORIES = {"flood": "river flood water rain bridge", "vote": "ballot vote council mayor election"}


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A collection of twelve articles over two stories, in a folder of its own."""
    monkeypatch.setattr(corpora, "DATA", tmp_path / "data")
    monkeypatch.setattr(corpora, "WORK", tmp_path / "work")
    monkeypatch.setattr(quality, "WORK", tmp_path / "work")
    folder = tmp_path / "data" / "tiny"
    folder.mkdir(parents=True)
    with gzip.open(folder / "articles.jsonl.gz", "wt") as file:
        for number in range(12):
            story = "flood" if number % 2 else "vote"
            words = STORIES[story].split()
            body = " ".join(words[(number + place) % 5] for place in range(8)) + f" place{number}."
            file.write(json.dumps({"id": f"a{number}", "title": f"{words[0]} {number}", "body": body}) + "\n")
    (folder / "queries.jsonl").write_text(
        "".join(json.dumps({"id": story, "text": words}) + "\n" for story, words in STORIES.items())
    )
    stories = {f"a{number}": "flood" if number % 2 else "vote" for number in range(12)}
    (folder / "qrels.tsv").write_text(
        "".join(f"{story}\t{article}\t1\n" for article, story in stories.items())
    )
    (folder / "stories.tsv").write_text(
        "".join(f"{article}\t{story}\n" for article, story in stories.items())
    )
    return "tiny"


def test_a_collection_is_measured(collection: str) -> None:
    """Each mode gives means with intervals, a run to compare later, and a line of the table."""
    corpus = corpora.load(collection)
    engine = corpora.engine_for(corpus, encoder=HashingEncoder())
    try:
        rows = [
            {"collection": corpus.name, "articles": 12} | quality.measure_mode(engine, corpus, mode)
            for mode in ("hybrid", "lexical")
        ]
    finally:
        engine.close()
    assert ["hybrid", "lexical"] == [row["mode"] for row in rows]
    assert [1.0, 1.0, 1.0] == rows[1]["nDCG@10"]
    assert 2 == rows[0]["queries"]
    assert "| tiny | 12 | 2 | lexical | 1.000 (1.000 to 1.000) |" in quality.table(rows)
    assert (corpora.WORK / "runs" / "tiny-hybrid.trec").is_file()


def test_related_lists_are_measured(collection: str) -> None:
    """The rival and ours are asked the same articles; the table has both."""
    corpus = corpora.load(collection)
    engine = corpora.engine_for(corpus, encoder=HashingEncoder())
    try:
        rival = related.MeanVectors(engine)
        assert 10 == len(rival.related("a3"))
        assert "a3" not in rival.related("a3")
        assert {f"a{number}" for number in (1, 5, 7, 9, 11)} == set(rival.related("a3")[:5])
        assert "a3" not in related.related(engine, "a3")
    finally:
        engine.close()


def test_an_index_is_built_once(collection: str) -> None:
    """A second measurement uses the index of the first."""
    encoder = HashingEncoder()
    for _ in range(2):
        corpora.engine_for(corpora.load(collection), encoder=encoder).close()
    assert 1 == len(list((corpora.WORK / "indexes" / "tiny" / "generations").iterdir()))
    assert 12 == encoder.encoded


def test_a_slice_holds_whole_queries(collection: str) -> None:
    """A slice has the judged articles of the queries that it keeps, filled up to its size."""
    corpus = corpora.load(collection, 12)
    assert ["flood"] == [query.id for query in corpus.queries]
    assert {"flood"} == corpus.qrels.keys()
    with corpus.articles.open() as lines:
        ids = {json.loads(line)["id"] for line in lines}
    assert corpus.qrels["flood"].keys() <= ids
    assert 12 == len(ids)


def test_a_missing_collection_is_told(collection: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is no collection ends with a clear word, not with a traceback."""
    assert 1 == quality.main(["--collections", "nowhere"])
    assert "no collection 'nowhere'" in capsys.readouterr().err
    assert 1 == related.main(["--collections", "nowhere"])
    with pytest.raises(SystemExit):
        quality.main(["--modes", "magic"])
