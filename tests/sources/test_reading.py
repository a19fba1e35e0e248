"""Files, folders and standard input: good articles come through, all else is said."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
from types import SimpleNamespace

import pytest

from semsearch.errors import SourceUnreadable
from semsearch.sources.opening import open_source, read_all
from semsearch.sources.protocol import MAX_RECORD_BYTES
from semsearch.sources.report import Report


def line(article_id, title="A title", **fields):
    """One line of JSON Lines."""
    return json.dumps({"id": article_id, "title": title, **fields})


def read(*paths, kind=None):
    """Ids of the good articles and the tally."""
    report = Report()
    ids = [article.id for article in read_all([str(path) for path in paths], kind, report)]
    return ids, report.tally()


@pytest.fixture
def write(tmp_path):
    """Writes a file below tmp_path from text, bytes or lines."""

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list):
            content = "\n".join(content) + "\n"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_broken_line_costs_only_itself(write):
    """Broken JSON, no object, a missing id and blank lines: the good lines around them come through."""
    path = write(
        "news.jsonl",
        [
            line("1"),
            '{"id": "2", "title": ',
            "",
            '["id"]',
            "7",
            '{"title": "x"}',
            "  ",
            line("3"),
            "[" * 200_000,
        ],
    )

    ids, tally = read(path)

    assert ["1", "3"] == ids
    assert (2, 5) == (tally.read, tally.rejected)
    told = "\n".join(example for reason in tally.rejections for example in reason.examples)
    assert f"{path}:2: not valid JSON" in told
    assert "Expecting value at column 21" in told
    assert f"{path}:4: the line is a list" in told
    assert f"{path}:6: field 'id': the id is missing" in told
    assert f"{path}:9: not usable JSON" in told


@pytest.mark.parametrize("name", ["news.jsonl.gz", "news.gz", "news"])
def test_gzip_is_found_by_content(write, name):
    """A compressed file is read whatever its name."""
    assert ["1", "2"] == read(write(name, gzip.compress(f"{line('1')}\n{line('2')}".encode())))[0]


def test_a_cut_off_gzip_gives_what_it_has(write):
    """Articles before the damage are taken; that the rest is missing is a rejection."""
    lines = "\n".join(line(str(number), os.urandom(500).hex()) for number in range(500))
    path = write("news.jsonl.gz", gzip.compress(lines.encode())[:200_000])

    ids, tally = read(path)

    assert 50 < len(ids) < 500
    assert [str(number) for number in range(len(ids))] == ids
    assert 2 >= tally.rejected >= 1
    assert "cannot be read from here on" in str(tally.rejections)


def test_a_byte_order_mark_and_windows_newlines_are_nothing(write):
    """A BOM and CRLF change nothing and are no notes."""
    ids, tally = read(
        write("news.jsonl", b"\xef\xbb\xbf" + line("1").encode() + b"\r\n" + line("2").encode())
    )

    assert (["1", "2"], 0, 0) == (ids, tally.rejected, tally.warned)


def test_broken_bytes_are_mended_and_said(write):
    """A line in Windows-1252 is read as such; one with a broken character in UTF-8 keeps the others."""
    path = write(
        "news.jsonl",
        b'{"id": "1", "title": "caf\xe9"}\n'
        + '{"id": "2", "title": "naïve X"}\n'.encode().replace(b"X", b"\xff"),
    )
    report = Report()

    titles = [article.title for article in read_all([str(path)], None, report)]

    assert ["café", "naïve \ufffd"] == titles
    assert 2 == report.tally().warned
    assert any("Windows-1252" in note for note in report.tally().notes())


def test_a_bad_date_is_a_warning(write):
    """An article with the date "yesterday" is taken without it, and this is counted."""
    ids, tally = read(write("news.jsonl", [line("1", published_at="yesterday")]))

    assert (["1"], 0, 1) == (ids, tally.rejected, tally.warned)
    assert "yesterday" in tally.notes()[0]


def test_not_a_number_is_read_as_nothing(write):
    """NaN, which some exports write for a missing value, is no fault of the article."""
    ids, tally = read(write("news.jsonl", ['{"id": "1", "title": "T", "section": NaN}']))

    assert (["1"], 0, 1) == (ids, tally.rejected, tally.warned)


def test_an_endless_line_is_passed_over(write):
    """A line above the bound is rejected without being held, and the next one is read."""
    ids, tally = read(
        write(
            "news.jsonl",
            line("1").encode() + b"\n" + b"x" * (MAX_RECORD_BYTES + 9) + b"\n" + line("2").encode(),
        )
    )

    assert (["1", "2"], 1) == (ids, tally.rejected)


def test_a_body_of_five_megabytes_is_taken(write):
    """A very long body is an article."""
    path = write("news.jsonl", [line("1", body="The council met. " * 300_000)])

    assert (["1"], 0) == (read(path)[0], read(path)[1].rejected)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.jsonl", b"", "the file is empty"),
        ("blank.jsonl", b"\n \n\xef\xbb\xbf", "the file is empty"),
        ("empty.jsonl.gz", gzip.compress(b"", mtime=0), "the file is empty"),
        ("news.jsonl", b"\x00\x01\x02" * 100, "binary data"),
        ("news.txt", b"%PDF-1.7 ...", "a PDF file"),
        ("news.jsonl", b"PK\x03\x04....", "a damaged zip archive"),
        ("feed.xml", b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>", "a feed or a sitemap"),
        ("data.xml", b"<?xml version='1.0'?><table/>", "XML of no kind that is known"),
        ("news.jsonl.gz", b"\x1f\x8b damaged", "gzip"),
        ("news.jsonl.gz", gzip.compress(b"x" * 99, mtime=0)[:12], "gzip"),
    ],
)
def test_what_gives_no_article_is_an_error_at_once(write, name, content, words):
    """Empty, binary and damaged files are refused in clear words when they are opened."""
    path = write(name, content)

    with pytest.raises(SourceUnreadable, match=words) as caught:
        open_source(str(path))
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("/no/such/file.jsonl", "no such file"),
        ("https://example.com/feed", "address"),
        ("/dev/null", "neither a file nor a folder"),
        ("a\0b", "cannot be opened|no such file"),
        ("x" * 5_000, "cannot be opened|no such file"),
    ],
)
def test_what_is_not_there_is_said(spec, words):
    """Missing files, addresses and devices are refused in clear words."""
    with pytest.raises(SourceUnreadable, match=words):
        open_source(spec)


def test_all_sources_are_opened_before_any_is_read(write):
    """A wrong second source is told before the first one is read."""
    path = write("news.jsonl", [line("1")])

    with pytest.raises(SourceUnreadable):
        read_all([str(path), "/no/such/file"], None, Report())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_no_permission_is_said(write):
    """A file without read permission is refused in clear words."""
    path = write("news.jsonl", [line("1")])
    path.chmod(0)

    with pytest.raises(SourceUnreadable, match="permission"):
        open_source(str(path))


def test_no_permission_is_translated(write, monkeypatch):
    """The error of the system becomes ours with the way out."""
    path = write("news.jsonl", [line("1")])

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(SourceUnreadable, match="no permission to read it"):
        open_source(str(path))


def test_an_unknown_kind_is_said(write):
    """--kind names what is known."""
    with pytest.raises(SourceUnreadable, match="known are jsonl, json, csv"):
        open_source(str(write("a.txt", "T")), kind="docx")


def test_a_folder_is_read_in_order_with_all_below(write, tmp_path):
    """Files are sorted by name; hidden, unknown, empty, binary ones and links are passed over."""
    write("site/b.jsonl", [line("b")])
    write("site/a/1.txt", "A page\n\nIts text.")
    write("site/a/2.txt.gz", gzip.compress(b"Another page\n\nIts text."))
    write("site/.hidden/x.jsonl", [line("hidden")])
    write("site/picture.png", b"\x89PNG")
    write("site/empty.txt", b"")
    write("site/c.jsonl", b"\x00\x01")
    (tmp_path / "site/round").symlink_to(tmp_path / "site")

    ids, tally = read(tmp_path / "site")

    assert ["a/1", "a/2", "b"] == ids
    assert 4 == tally.warned
    assert {"picture.png", "empty.txt", "c.jsonl", "round"} == {
        example.split(":")[0].rsplit("/", 1)[-1] for reason in tally.warnings for example in reason.examples
    }


def test_a_folder_with_nothing_to_read_is_an_error(write, tmp_path):
    """A folder in which no file can be read is told with an example."""
    write("site/picture.png", b"\x89PNG")

    with pytest.raises(SourceUnreadable, match=r"no file that can be read.*picture\.png"):
        open_source(str(tmp_path / "site"))


def test_a_page_is_title_lead_and_body(write):
    """The first line of a text page is its title; the id is the file's name."""
    path = write("talks-begin.txt", "\n  Talks begin \n\n\nThe lead.\n\nThe body\nof it.\n")

    (article,) = read_all([str(path)], None, Report())

    assert ("talks-begin", "Talks begin", "The lead.\n\nThe body\nof it.") == (
        article.id,
        article.title,
        article.body,
    )


def test_a_page_without_title_is_all_body(write):
    """A first line as long as a paragraph is no title."""
    (article,) = read_all([str(write("a.txt", "word " * 100))], None, Report())

    assert ("", ("word " * 100).strip()) == (article.title, article.body)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_standard_input(monkeypatch, pack):
    """- reads JSON Lines from standard input, compressed or not."""
    content = pack(f"{line('1')}\n{line('2')}\n".encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(content))))
    report = Report()

    reading = read_all(["-"], None, report)

    assert ["1", "2"] == [article.id for article in reading]
    assert "standard input:2" == reading.place
    assert reading.fraction() is None


def test_text_from_standard_input_has_no_id(monkeypatch):
    """A page on standard input is refused: there is no name to make an id of."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"A title\n\nText")))

    with pytest.raises(SourceUnreadable, match="no name here to make an id of"):
        open_source("-")


def test_the_same_id_twice(write):
    """The first is kept; a different one is rejected with both places, an equal one is left out and said."""
    first = write("a.jsonl", [line("1"), line("2"), line("1")])
    second = write("b.jsonl", [line("2", "Another title"), line("3")])

    ids, tally = read(first, second)

    assert ["1", "2", "3"] == ids
    assert (3, 1, 1) == (tally.read, tally.rejected, tally.warned)
    assert f"{second}:1" in tally.rejections[0].examples[0]
    assert f"it stands at {first}:2" in tally.rejections[0].examples[0]
    assert f"{first}:3" in tally.warnings[0].examples[0]


def test_articles_come_lazily(write):
    """The first article is there before the second line is read, and the place is its line."""
    path = write("news.jsonl", [line("1"), "broken"])
    report = Report()
    reading = read_all([str(path)], None, report)

    assert "1" == next(reading).id
    assert f"{path}:1" == reading.place
    assert 0 == report.tally().rejected


def test_sources_without_any_good_article_are_an_error(write):
    """A file of which every line is rejected never passes for an empty site; the first reason is told."""
    path = write("news.jsonl", ["x", '{"id": 1}'])
    report = Report()

    with pytest.raises(
        SourceUnreadable, match=r"no article could be taken; 2 rejected, the first: .*:1: not valid"
    ):
        list(read_all([str(path)], None, report))
    assert 2 == report.tally().rejected


def test_progress_goes_from_nothing_to_all(write):
    """The part read never shrinks and ends at 1."""
    path = write("news.jsonl", [line(str(number), "word " * 50) for number in range(2_000)])
    reading = read_all([str(path)], None, Report())

    parts = [reading.fraction(), *(reading.fraction() for _ in reading), reading.fraction()]

    assert 0.0 == parts[0]
    assert 1.0 == parts[-1]
    assert sorted(parts) == parts


@pytest.mark.data
def test_the_albion_page(data):
    """The page of the first site reads as title, lead and body."""
    (article,) = read_all([str(data / "albion")], None, Report())

    assert "putin-north-korea-military-talks" == article.id
    assert article.title.startswith("President Vladimir Putin confirms")
    assert article.body.startswith("President Vladimir Putin has confirmed Russia is “in discussions”")
    assert article.body.endswith("You May Also Like")
