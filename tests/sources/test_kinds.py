"""Which format a file has is found by its content and name, or given; and what each format alone knows."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from semsearch.articles import Article
from semsearch.errors import SettingsInvalid, SourceUnreadable
from semsearch.sources.kinds import KINDS
from semsearch.sources.opening import open_source
from semsearch.sources.report import Report
from tests.sources.making import FORMATS, WORDPRESS, html_page, read_back, written

ONE = Article(
    "https://a.example/1",
    "Ferries sail again in the harbour",
    "The ferries sail again.\n\nThe harbour was shut for a week, the company said on Monday.",
    url="https://a.example/1",
    published_at=datetime(2024, 3, 5, 9, tzinfo=UTC),
)
TWO = dataclasses.replace(
    ONE, id="https://a.example/2", url="https://a.example/2", title="A second, quieter one"
)
MDX = "import X from 'x'\n\n<X a='1' />Text."
RECORDS = ("jsonl", "json", "csv", "tsv", "parquet", "wxr")


def content_of(kind):
    """One file in a format."""
    (content,) = FORMATS[kind]([ONE, TWO] if kind in RECORDS else [ONE]).values()
    return content


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_with_a_name_that_says_nothing_is_known_by_its_content(kind, packed, tmp_path):
    """Whatever it is called, and gzip or not."""
    path = tmp_path / "export.dat"
    path.write_bytes(gzip.compress(content_of(kind)) if packed else content_of(kind))
    found, report = read_back(path)
    assert ONE.id in found
    assert (ONE.title, 0) == (found[ONE.id].title, report.tally().rejected)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("given", [True, False])
def test_standard_input_is_known_by_its_content_or_given(kind, given, monkeypatch):
    """``-`` for every format, with --kind and without."""
    raw = io.BytesIO(content_of(kind))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=raw))
    if KINDS[kind].is_page and kind != "html":
        with pytest.raises(SourceUnreadable, match="has no name here to make an id of"):
            open_source("-", kind=kind if given else None)
        return
    found, _ = read_back("-", kind=kind if given else None)
    assert ONE.title == found[ONE.id].title


@pytest.mark.parametrize("kind", FORMATS)
def test_a_kind_that_is_given_overrules_the_name(kind, tmp_path):
    """Endings that mislead do no harm with --kind."""
    path = tmp_path / ("export.md" if kind != "markdown" else "export.csv")
    path.write_bytes(content_of(kind))
    found, _ = read_back(path, kind=kind)
    assert ONE.title == found[ONE.id].title


@pytest.mark.parametrize("kind", RECORDS)
@pytest.mark.parametrize("fields", [{"id": "nowhere"}, {"section": "id"}])
def test_the_field_map_works_for_every_format_with_records(kind, fields, tmp_path):
    """A name that is nowhere changes nothing but is no error; one that is there is taken."""
    path = written(FORMATS[kind]([ONE, TWO]), tmp_path / "given", "plain")
    if "section" in fields and kind != "csv":
        with pytest.raises(
            SourceUnreadable, match=r"say in \[fields\] of semsearch\.toml which of them is the id"
        ):
            read_back(path, fields=fields)
        found, _ = read_back(path, fields={**fields, "id": "id"})
        assert ONE.id == found[ONE.id].section
    elif "id" in fields:
        assert ONE.id in read_back(path, fields=fields)[0]


def test_a_field_that_articles_do_not_have_is_said_before_anything_is_read(tmp_path):
    """With the name that was meant."""
    path = tmp_path / "news.csv"
    path.write_text("id,title\n1,One\n")
    with pytest.raises(
        SettingsInvalid, match="names 'titel', which articles do not have; did you mean 'title'"
    ):
        open_source(str(path), fields={"titel": "title"})


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_dialect_of_a_table_is_found(delimiter, encoding, tmp_path):
    """Delimiters, marks and encodings that spreadsheets write, with each delimiter in the text as well."""
    body = '"One, two; three | four: Zürich – ""quoted"".\r\n\r\nA paragraph, more."'
    rows = [["Article ID", "Headline", "Content"], ["1", '"A, b; c"', body], ["2", "Two", "Text"]]
    path = tmp_path / "news.csv"
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    found, report = read_back(path)
    assert (["1", "2"], 0) == (list(found), report.tally().rejected)
    assert "A, b; c" == found["1"].title
    assert 'One, two; three | four: Zürich – "quoted".\n\nA paragraph, more.' == found["1"].body


def test_values_of_a_table_follow_the_rules_of_records(tmp_path):
    """Dates in five forms, a list in a cell, an empty body, a long title, a date that is none."""
    rows = [
        "id,title,body,date,author,tags",
        '1,One,Text,2024-03-05T10:00:00+01:00,"Ann Ode, Bo Fry","[""a"", ""b""]"',
        "2,Two,Text,\"Tue, 05 Mar 2024 09:00:00 GMT\",Ann Ode; Bo Fry,\"['a', 'b']\"",
        '3,Three,Text,1709629200,Ann Ode and Bo Fry,"a, b"',
        '4,Four,Text,"March 5, 2024, 9:00 am",Ann Ode & Bo Fry,a;b',
        '5,Five,Text,2024-03-05 09:00:00,"[""Ann Ode"", ""Bo Fry""]",a;b',
        f"6,{'word ' * 60},,yesterday,,",
        "7,,,2024-03-05,,",
    ]
    path = tmp_path / "news.csv"
    path.write_text("\n".join(rows))
    found, report = read_back(path)
    for key in "12345":
        assert (key, "2024-03-05T09:00:00+00:00") == (key, found[key].published_at.isoformat())
        assert (key, ("Ann Ode", "Bo Fry"), ("a", "b")) == (key, found[key].authors, found[key].tags)
    assert (299, "", None) == (len(found["6"].title), found["6"].body, found["6"].published_at)
    notes = str(report.tally().notes())
    assert (6, 1) == (len(found), report.tally().rejected)
    assert "news.csv:8: field 'title': title and body are both missing or empty" in notes
    assert "a relative date" in notes


def test_a_row_that_does_not_fit_costs_only_itself(tmp_path):
    """Told with its line, what it has and what the first row names."""
    path = tmp_path / "news.csv"
    path.write_text("id,title,body\n1,One,Text\n2,Two, with, commas\n3,Three,Text\n")
    found, report = read_back(path)
    assert ["1", "3"] == list(found)
    assert "news.csv:3: the row has another number of columns than the first row" in str(
        report.tally().notes()
    )


def test_a_table_without_names_is_no_table_of_articles(tmp_path):
    """The error shows the first row and how to name the columns."""
    path = tmp_path / "news.csv"
    path.write_text("1,One,Words\n2,Two,Words\n")
    with pytest.raises(
        SourceUnreadable, match=r"no column is a title or a body.*1, One, Words.*must name the col"
    ):
        read_back(path)


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": 1, "title": "One"}, {"id": 2, "title": "Two"}]',
        '{"count": 2, "articles": [{"id": 1, "title": "One"}, {"id": 2, "title": "Two"}]}',
        '{"response": {"status": "ok", "tags": ["x"], "results": [\n{"id": 1, "title": "One"},\n'
        '{"id": 2, "title": "Two"}\n]}}',
        '[\n  {\n    "id": 1, "title": "One"\n  },\n  {\n    "id": 2, "title": "Two"}]\n',
    ],
)
def test_the_list_in_a_json_file_is_found(text, tmp_path):
    """Alone, under a usual name, or inside the envelope of an interface."""
    path = tmp_path / "news.json"
    path.write_text(text)
    found, report = read_back(path)
    assert {"1": "One", "2": "Two"} == {key: article.title for key, article in found.items()}
    assert 0 == report.tally().rejected


def test_one_article_over_several_lines_is_an_article(tmp_path):
    """With its lists as its fields."""
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"id": 1, "title": "One", "tags": ["a", "b"]}, indent=2))
    found, _ = read_back(path)
    assert ("a", "b") == found["1"].tags


def test_a_broken_record_in_a_list_costs_only_itself(tmp_path):
    """And a list that is cut off keeps what was before."""
    path = tmp_path / "news.json"
    path.write_text(
        '[{"id": 1, "title": "One"}, {"id": 2, "title": bad}, 7, {"id": 3, "title": "Three"}, {"id": 4'
    )
    found, report = read_back(path)
    assert ["1", "3"] == list(found)
    notes = "\n".join(report.tally().notes())
    for words in ("news.json:2: not valid JSON", "news.json:3: the record is no object", "cut off"):
        assert words in notes


def test_a_damaged_parquet_file_is_said(tmp_path):
    """No traceback: what is wrong, and what to do."""
    path = tmp_path / "news.parquet"
    path.write_bytes(content_of("parquet")[:-20])
    with pytest.raises(
        SourceUnreadable, match=r"the Parquet data cannot be read from here on.*write the file again"
    ):
        read_back(path)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("2024-03-05-ferries-sail.md", "---\nlayout: post\n---\nText.", ("Ferries sail", 2024)),
        ("post.md", "+++\ntitle = 'Toml'\ndate = 2023-01-02T10:00:00+01:00\n+++\nText.", ("Toml", 2023)),
        ("post.md", '{"title": "Json", "date": "2022-01-02"}\n\nText.', ("Json", 2022)),
        ("post.mdx", f"---\ntitle: Astro\npubDate: 2021-01-02\n---\n{MDX}", ("Astro", 2021)),
        ("post.md", "---\ndate: 2020-01-02\n---\n# The heading\n\nText.", ("The heading", 2020)),
    ],
    ids=["jekyll", "hugo-toml", "hugo-json", "astro", "heading"],
)  # fmt: skip
def test_front_matter_of_every_maker(name, text, expected, tmp_path):
    """Title and date from YAML, TOML, JSON, the heading or the name of the file; the text is the text."""
    (tmp_path / name).write_text(text)
    (article,) = read_back(tmp_path)[0].values()
    assert expected == (article.title, article.published_at.year)
    assert "Text." == article.body


def test_drafts_are_articles_with_a_status(tmp_path):
    """By a field of Hugo or of Jekyll, or by their folder."""
    (tmp_path / "_drafts").mkdir()
    (tmp_path / "a.md").write_text("---\ntitle: A\ndraft: true\n---\nText.")
    (tmp_path / "b.md").write_text("---\ntitle: B\npublished: false\n---\nText.")
    (tmp_path / "_drafts/c.md").write_text("---\ntitle: C\n---\nText.")
    (tmp_path / "d.md").write_text("---\ntitle: D\ndraft: false\n---\nText.")
    found, _ = read_back(tmp_path)
    statuses = {article.title: article.status for article in found.values()}
    assert {"A": "draft", "B": "unpublished", "C": "draft", "D": None} == statuses


def test_pages_that_are_the_same_collapse(tmp_path):
    """The AMP form and a copy under another name are left out, and said; an AMP page alone is kept."""
    amp = html_page(ONE, attributes=" amp")
    (tmp_path / "a-amp.html").write_text(amp)
    (tmp_path / "b.html").write_text(html_page(ONE).replace("again.", "again, the page says."))
    (tmp_path / "c.html").write_text(html_page(ONE).replace("https://a", "http://www.a"))
    (tmp_path / "d.html").write_text(html_page(TWO, attributes=" ⚡"))
    found, report = read_back(tmp_path)
    assert [ONE.id, TWO.id] == list(found)
    assert "again, the page says." in found[ONE.id].body
    notes = str(report.tally().notes())
    assert "the AMP form of a page in this folder; left out" in notes
    assert "another form of a page in this folder, by its canonical address; left out" in notes


def test_what_is_no_published_post_in_an_export_is_said(tmp_path):
    """Pages and pictures are passed over by their reasons; drafts and posts behind a password are hidden."""

    def item(number, kind="post", status="publish", more=""):
        return (
            f"<item><title>T{number}</title><content:encoded><![CDATA[<p>[caption id=\"x\"]Text\x0b {number}"
            f"[/caption]</p>]]></content:encoded><wp:post_id>{number}</wp:post_id><wp:post_type>{kind}"
            f"</wp:post_type><wp:status>{status}</wp:status>{more}</item>"
        )  # fmt: skip

    items = [
        item(1), item(2, status="draft"), item(3, "page"), item(4, "attachment", "inherit"),
        item(5, more="<wp:post_password>x</wp:post_password>"), item(6),
    ]  # fmt: skip
    path = tmp_path / "export.xml"
    path.write_text(WORDPRESS + "".join(items) + "</channel></rss>")
    found, report = read_back(path)
    assert {"1": None, "2": "draft", "5": "password", "6": None} == {
        key: article.status for key, article in found.items()
    }
    assert "Text 6" == found["6"].body
    notes = str(report.tally().notes())
    for words in ("of type 'page'", "of type 'attachment'"):
        assert words in notes


def test_a_post_with_a_local_time_alone_is_dated_and_said(tmp_path):
    """Old imports have zeros for the time in UTC: the site's own time is read as if it were."""
    path = tmp_path / "export.xml"
    path.write_text(
        f"{WORDPRESS}<item><title>T</title><wp:post_id>1</wp:post_id><wp:post_date>2011-05-06 07:08:09"
        "</wp:post_date><wp:post_date_gmt>0000-00-00 00:00:00</wp:post_date_gmt></item></channel></rss>"
    )
    found, report = read_back(path)
    assert datetime(2011, 5, 6, 7, 8, 9, tzinfo=UTC) == found["1"].published_at
    assert "a date in the site's own time, whose zone is not known; read as UTC" in str(
        report.tally().notes()
    )


def test_an_export_that_is_cut_off_keeps_what_was_before(tmp_path):
    """And says where it broke."""
    path = tmp_path / "export.xml"
    content = content_of("wxr")
    path.write_bytes(content[: content.rindex(b"<wp:post_id>")])
    found, report = read_back(path)
    assert [ONE.id] == list(found)
    assert "the export is cut off in an item" in str(report.tally().notes())


@pytest.mark.parametrize("name", ["minutes.docx", "minutes.txt", "minutes", "minutes.md"])
def test_packed_data_is_no_article_whatever_its_name(tmp_path, name):
    """Bytes without control characters, which nothing else tells from text."""
    shuffled = bytes((number * 167 + 41) % 256 for number in range(4_000))
    data = bytes(byte for byte in shuffled if byte >= 0x80 or 0x20 <= byte < 0x7F)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(SourceUnreadable, match=r"UTF-8|binary"):
        open_source(str(tmp_path / name))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_text_with_many_accents_is_one(tmp_path, encoding):
    """In UTF-8 and in the encoding of old systems, also where the head ends within a character."""
    text = "Élève\n\n" + "À l'été, l'élève a été fêté près de l'évêché à Orléans, où ça a plu. " * 2_000
    (tmp_path / "note.txt").write_bytes(text.encode(encoding))
    assert ["Élève"] == [
        article.title for article in open_source(str(tmp_path / "note.txt")).articles(Report())
    ]
