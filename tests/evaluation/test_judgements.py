"""Reading queries, judgements and groups."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from semsearch.errors import JudgementsInvalid
from semsearch.evaluation import Query, load_groups, load_qrels, load_queries


def written(path: Path, text: str) -> Path:
    """The path, with the text in it."""
    path.write_text(text, encoding="utf-8")
    return path


def test_queries_keep_their_order(tmp_path: Path) -> None:
    """Queries come in the order of the file; other keys, blank lines and a byte order mark do no harm."""
    path = written(
        tmp_path / "q.jsonl",
        '\ufeff{"id": "b", "text": " court rules ", "note": 1}\n\n{"id": 7, "text": "é"}\n',
    )
    assert [Query("b", "court rules"), Query("7", "é")] == load_queries(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}\n', ":2: query id 'a' was given before"),
        ('{"id": "a", "text": "x"}\n{"id": "b"', ":2: not JSON"),
        ('{"id": "a", "text": " "}\n', ":1: field 'text' is ' '"),
        ('{"text": "x"}\n', ":1: field 'id' is None"),
        ('{"id": true, "text": "x"}\n', ":1: field 'id' is True"),
        ('["a", "x"]\n', ":1: a list where an object is needed"),
        ("\n", "no query in this file"),
    ],
)
def test_bad_queries_are_named(tmp_path: Path, text: str, said: str) -> None:
    """A query file that cannot be used says where and what."""
    with pytest.raises(JudgementsInvalid) as caught:
        load_queries(written(tmp_path / "q.jsonl", text))
    assert said in str(caught.value)
    assert "; " in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "q1\ta one\t2\nq1\tb\t0\nq2\tb\t1\n",
        "q1\t0\ta one\t2\r\nq1\t0\tb\t0\r\nq2\t0\tb\t1\r\n",
        "query-id\tcorpus-id\tscore\nq1\ta one\t2\nq1\tb\t0\nq2\tb\t1",
        "q1\ta one\t2\nq1 0 b 0\nq2 Q0 b 1\nq2 Q0 b 1\n",
    ],
    ids=["three columns", "TREC with tabs and CRLF", "with a header", "mixed and repeated"],
)
def test_both_forms_of_qrels(tmp_path: Path, text: str) -> None:
    """Three columns and TREC's four give the same judgements; ids may have blanks where tabs separate."""
    qrels = load_qrels(written(tmp_path / "qrels.tsv", text))
    assert {"q1": {"a one": 2, "b": 0}, "q2": {"b": 1}} == qrels


def test_packed_qrels(tmp_path: Path) -> None:
    """A packed file is read as a plain one."""
    path = tmp_path / "qrels.tsv.gz"
    path.write_bytes(gzip.compress(b"q\ta\t-1\n"))
    assert {"q": {"a": -1}} == load_qrels(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q\ta\n", ":1: 2 columns in 'q\\ta'"),
        ("q\ta\t1\nq\tb\thigh\n", ":2: grade is 'high'"),
        ("q\ta\t0.5\n", ":1: grade is '0.5'"),
        ("q\ta\t1\nq\ta\t2\n", ":2: query 'q', article 'a' has grade 2 here and 1 above"),
        ("query\tarticle\tgrade\n", "no judgement in this file"),
        ("", "no judgement in this file"),
    ],
)
def test_bad_qrels_are_named(tmp_path: Path, text: str, said: str) -> None:
    """A judgement file that cannot be used says where and what."""
    with pytest.raises(JudgementsInvalid) as caught:
        load_qrels(written(tmp_path / "qrels.tsv", text))
    assert said in str(caught.value)
    assert "; " in str(caught.value)


def test_groups(tmp_path: Path) -> None:
    """Groups map an article to its story; two stories of one article are refused."""
    path = written(tmp_path / "stories.tsv", "a\ts1\nb\ts1\nc\ts2\nb\ts1\n")
    assert {"a": "s1", "b": "s1", "c": "s2"} == load_groups(path)
    written(path, "a\ts1\na\ts2\n")
    with pytest.raises(JudgementsInvalid, match=r":2: article 'a' is in group 's2' here and in 's1' above"):
        load_groups(path)


def test_unreadable_files(tmp_path: Path) -> None:
    """A missing file, a folder, a cut archive and a file that is not UTF-8 are clear errors."""
    with pytest.raises(JudgementsInvalid, match="No such file"):
        load_queries(tmp_path / "none.jsonl")
    with pytest.raises(JudgementsInvalid, match="directory"):
        load_qrels(tmp_path)
    cut = tmp_path / "cut.gz"
    cut.write_bytes(gzip.compress(b"q\ta\t1\n" * 100)[:-12])
    with pytest.raises(JudgementsInvalid, match="cannot be read"):
        load_qrels(cut)
    latin = tmp_path / "latin.tsv"
    latin.write_bytes(b"q\tcaf\xe9\t1\n")
    with pytest.raises(JudgementsInvalid, match=r":1: not UTF-8"):
        load_qrels(latin)
