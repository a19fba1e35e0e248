"""Files that are damaged: all other records are read, and the damage is told with line and count.

The oracle of every case is the set of articles whose records were not touched: they come out as they do
from the file before it was damaged, nothing else comes out, and something is told or the source refused.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

import pyarrow as pa
import pytest
from pyarrow import parquet

from semsearch.errors import SourceUnreadable
from tests.sources.making import WORDPRESS, read_back

COUNT = 12
CUTS = 20
TITLES = {str(number): f"Harbour story {number}" for number in range(1, COUNT + 1)}
BODIES = {
    key: f'Füße, and "quotes"; {{braces}} [too].\n\nThe council, it says, agreed on plan {key}.'
    for key in TITLES
}


@dataclass(frozen=True)
class Format:
    """A file as its head, the text of each record, and its foot; ``breaks`` damage one record."""

    name: str
    head: str
    records: list[str]
    foot: str
    breaks: dict[str, Callable[[str], str]] = field(default_factory=dict)
    between: str = ""

    def written(self, records: list[str] | None = None) -> bytes:
        """The whole file, of these records."""
        return (self.head + self.between.join(records or self.records) + self.foot).encode()


def objects(indent: int | None = None) -> list[str]:
    """The articles as JSON, each with a list of objects in it."""
    return [
        json.dumps(
            {
                "id": key, "title": TITLES[key], "body": BODIES[key],
                "related": [{"id": "r1", "title": "No article"}, {"id": "r2", "title": "No article"}],
            },
            indent=indent, ensure_ascii=False,
        )
        for key in TITLES
    ]  # fmt: skip


def rows(delimiter: str) -> list[str]:
    """The articles as rows of a table in which all is quoted."""
    lines = []
    for key, title in TITLES.items():
        file = io.StringIO()
        csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerow(
            [key, title, BODIES[key], "News"]
        )
        lines.append(file.getvalue())
    return lines


def item(key: str) -> str:
    """An article as an item of a WordPress export; its title is no CDATA."""
    body = BODIES[key].replace("\n\n", "</p><p>")
    return (
        f"<item>\n<title>{TITLES[key]}</title>\n<link>https://a.example/{key}</link>\n"
        f"<content:encoded><![CDATA[<p>{body}</p>]]></content:encoded>\n<wp:post_id>{key}</wp:post_id>\n"
        "<wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>\n"
    )


def put(old: str, new: str) -> Callable[[str], str]:
    """Damage that puts a text in the place of another, once."""

    def damage(record: str) -> str:
        assert old in record
        return record.replace(old, new, 1)

    return damage


JSON_BREAKS = {
    "quote": put('"title": "', '"title": '),
    "value": put('"Harbour', 'bad, "Harbour'),
    "inner quote": put("Harbour", 'Har"bour'),
    "cut": lambda record: record[: len(record) // 3],
    "brace": lambda record: record[:-1],
    "NUL": put("Harbour", "Har\0bour"),
    "newline": put("Harbour", "Har\nbour"),
}
CSV_BREAKS = {
    "unclosed": put("agreed on plan", 'agreed on "plan'),
    "not closed": lambda record: re.sub(r'"(.)"News"', r'\1"News"', record),
    "title not closed": lambda record: record.replace("story", 'story"', 1),
    "not doubled": lambda record: record.replace('""', '"'),
    "too long": lambda record: record.rstrip("\r\n") + record[record.index("News") - 2] + '"x"\r\n',
    "too short": lambda record: record[:14] + '"\r\n',
    "NUL": put("Harbour", "Har\0bour"),
}
XML_BREAKS = {
    "ampersand": put("Harbour", "Ropes & Sons"),
    "entity of HTML": put("Harbour", "Harbour&nbsp;"),
    "less": put("Harbour", "5 < 6"),
    "end of CDATA": put("braces", "x]]> & <p>y"),
    "prefix": put("<wp:status>", "<plugin:x>1</plugin:x><wp:status>"),
    "control": put("Harbour", "Har\x0bbour"),
    "NUL": put("Harbour", "Har\0bour"),
    "reference": put("Harbour", "Har&#11;bour&#x1F;"),
    "tag": put("</title>", ""),
    "open CDATA": put("]]></content:encoded>", "</content:encoded>"),
    "no end": put("</item>", ""),
    "no beginning": put("<item>", ""),
    "cut": lambda record: record[: len(record) // 2],
    "cut in CDATA": lambda record: record[: record.index("braces")],
    "comment": put("<link>", "<!-- <link>"),
}
TABLE = '"id"{0}"title"{0}"body"{0}"section"\r\n'
TEXTS = {
    one.name: one
    for one in (
        Format("lines.jsonl", "", objects(), "\n", JSON_BREAKS, "\n"),
        Format("list.json", "[", objects(), "]", JSON_BREAKS, ", "),
        Format("pretty.json", "[\n", objects(1), "\n]\n", JSON_BREAKS, ",\n"),
        Format("wrapped.json", '{"total": 12, "articles": [\n', objects(), "\n]}", JSON_BREAKS, ",\n"),
        Format("joined.json", "", objects(1), "\n", JSON_BREAKS, "\n"),
        Format("comma.csv", TABLE.format(","), rows(","), "", CSV_BREAKS),
        Format("semicolon.csv", TABLE.format(";"), rows(";"), "", CSV_BREAKS),
        Format("tab.tsv", TABLE.format("\t"), rows("\t"), "", CSV_BREAKS),
        Format("export.xml", WORDPRESS, [item(key) for key in TITLES], "</channel>\n</rss>\n", XML_BREAKS),
    )
}
PLACES = {"first": 0, "middle": COUNT // 2, "last": COUNT - 1}


def packed_table(**options: object) -> bytes:
    """The articles as Parquet, three in each group of rows."""
    file = io.BytesIO()
    columns = {"id": list(TITLES), "title": list(TITLES.values()), "body": list(BODIES.values())}
    parquet.write_table(pa.table(columns), file, row_group_size=3, use_dictionary=False, **options)
    return file.getvalue()


ALL = {name: one.written() for name, one in TEXTS.items()} | {"table.parquet": packed_table()}


def read(path, content: bytes):
    """What comes out of a file, and whether anything was told of it; None where it is refused."""
    path.write_bytes(content)
    try:
        found, report = read_back(path)
    except SourceUnreadable:
        return None, report_of_nothing()
    tally = report.tally()
    assert all(path.name in note for note in tally.notes())
    return {key: (one.title, one.body) for key, one in found.items()}, tally


def report_of_nothing():
    """What is told of a refused source does not matter: the command ends with its error."""
    from semsearch.sources.report import Tally

    return Tally(lost=1)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What comes out of every file that is not damaged."""
    folder = tmp_path_factory.mktemp("whole")
    return {name: read(folder / name, content)[0] for name, content in ALL.items()}


@pytest.mark.parametrize("name", ALL)
def test_a_file_that_is_not_damaged(name, tmp_path, whole):
    """All is read, and nothing is told."""
    found, tally = read(tmp_path / name, ALL[name])
    assert list(TITLES) == list(found)
    assert list(TITLES.values()) == [title for title, _ in found.values()]
    assert (0, True, 0, 0) == (tally.lost, tally.lost_is_exact, tally.rejected, tally.warned)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("name", "damage"), [(one.name, damage) for one in TEXTS.values() for damage in one.breaks]
)
def test_one_damaged_record(name, damage, place, tmp_path, whole):
    """All others are read as before; of the damaged one, its place is told, and it is lost or mended."""
    one, number = TEXTS[name], PLACES[place]
    records = list(one.records)
    records[number] = one.breaks[damage](records[number])
    found, tally = read(tmp_path / name, one.written(records))
    assert found is not None
    damaged = str(number + 1)
    others = {key: found[key] for key in found if key != damaged}
    assert {key: whole[name][key] for key in TITLES if key != damaged} == others
    assert (damaged in found) or tally.lost >= 1
    assert tally.notes() or damage in {"control", "NUL"}  # XML that is told to hold none of them
    assert tally.lost <= 2


@pytest.mark.parametrize("part", range(1, CUTS + 1))
@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_is_cut_off(name, part, tmp_path, whole):
    """What is whole before the cut is read; that the file ends too early is told, or it is refused."""
    one = TEXTS[name]
    content = one.written()
    size = len(content) * part // (CUTS + 1)
    end, kept = len(one.head.encode()), []
    for key, record in zip(TITLES, one.records, strict=True):
        end += len(record.encode())
        if end <= size:
            kept.append(key)
        end += len(one.between.encode())
    found, tally = read(tmp_path / name, content[:size])
    assert {key: whole[name][key] for key in kept} == (found or {})
    assert tally.lost >= 1 or not tally.lost_is_exact
    assert not tally.lost_is_exact or found is None


@pytest.mark.parametrize("part", range(1, CUTS + 1))
def test_a_compressed_file_that_is_cut_off(part, tmp_path, whole):
    """The first articles are read and no other; how many are lost is not known."""
    content = gzip.compress(TEXTS["lines.jsonl"].written())
    found, tally = read(tmp_path / "lines.jsonl.gz", content[: len(content) * part // (CUTS + 1)])
    assert list(found or {}) == list(TITLES)[: len(found or {})]
    assert found is None or not tally.lost_is_exact


@pytest.mark.parametrize("name", ALL)
def test_an_empty_file(name, tmp_path):
    """Is refused."""
    path = tmp_path / name
    path.write_bytes(b"")
    with pytest.raises(SourceUnreadable, match="the file is empty"):
        read_back(path)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("content", ALL)
def test_a_file_of_another_format_than_its_name(name, content, tmp_path, whole):
    """All is read, or it is refused: never a part."""
    found, tally = read(tmp_path / name, ALL[content])
    assert found in (None, whole[content])
    assert tally.lost >= (found is None)


@pytest.mark.parametrize("part", range(1, CUTS + 1))
def test_parquet_that_is_cut_off(part, tmp_path):
    """Is refused: its table of contents stands at its end."""
    content = ALL["table.parquet"]
    found, _ = read(tmp_path / "table.parquet", content[: len(content) * part // (CUTS + 1)])
    assert found is None


@pytest.mark.parametrize("group", range(4))
def test_a_damaged_group_of_rows(group, tmp_path, whole):
    """Loses its own rows, which are counted, and no others."""
    content = bytearray(packed_table(write_page_checksum=True))
    column = parquet.ParquetFile(io.BytesIO(content)).metadata.row_group(group).column(2)
    middle = column.data_page_offset + column.total_compressed_size - 10
    content[middle] ^= 0xFF
    found, tally = read(tmp_path / "table.parquet", bytes(content))
    lost = {str(number) for number in range(group * 3 + 1, group * 3 + 4)}
    assert {key: whole["table.parquet"][key] for key in TITLES if key not in lost} == found
    assert (3, True) == (tally.lost, tally.lost_is_exact)
    assert f"rows {group * 3 + 1} to {group * 3 + 3} are lost" in tally.notes()[0]


@pytest.mark.parametrize("damaged", range(3))
def test_a_damaged_member_of_an_archive(damaged, tmp_path):
    """Loses none of the others."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, text in enumerate(objects()[:3]):
            archive.writestr(f"{number}.jsonl", text)
    content = bytearray(buffer.getvalue())
    member = zipfile.ZipFile(io.BytesIO(content)).infolist()[damaged]
    for at in range(member.header_offset + 45, member.header_offset + 65):
        content[at] ^= 0xFF
    found, tally = read(tmp_path / "news.zip", bytes(content))
    assert {"1", "2", "3"} - {str(damaged + 1)} == set(found)
    assert (tally.lost, tally.lost_is_exact) >= (1, False)
    (note,) = tally.notes()
    assert f"news.zip/{damaged}.jsonl" in note
    assert "zip data" in note
    assert "gzip" not in note


def test_a_table_with_unknown_names_counts_all_its_rows(tmp_path):
    """Beside a good file: sixteen rows are lost, and the file is named as one that gave nothing."""
    (tmp_path / "good.jsonl").write_text('{"id": "a", "title": "Old"}\n')
    lines = ["Nummer;Schlag;Inhalt", *(f'{number};"Eins\nzwei";Text' for number in range(16))]
    (tmp_path / "new.csv").write_text("\n".join(lines))
    found, report = read_back(tmp_path / "good.jsonl", tmp_path / "new.csv")
    tally = report.tally()
    assert (["a"], 16, True) == (list(found), tally.lost, tally.lost_is_exact)
    assert (str(tmp_path / "new.csv"),) == tally.unread


def test_a_file_in_a_folder_that_cannot_be_read_is_lost(tmp_path):
    """Data that is no text under the name of a table may have held any number of articles."""
    (tmp_path / "good.jsonl").write_text('{"id": "a", "title": "Old"}\n')
    (tmp_path / "bad.csv").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    _, report = read_back(tmp_path)
    tally = report.tally()
    assert (1, False, (str(tmp_path / "bad.csv"),)) == (tally.lost, tally.lost_is_exact, tally.unread)


@pytest.mark.parametrize(
    ("first", "delimiter"),
    [("sep=;\r\n", ";"), ("\ufeffsep=,\r\n", ","), ('"sep=;"\n', ";"), ("sep=\t\n", "\t")],
)
def test_a_line_that_names_the_delimiter(first, delimiter, tmp_path):
    """Excel's first line is no row and no names."""
    path = tmp_path / "news.csv"
    path.write_text(first + TABLE.format(delimiter) + "".join(rows(delimiter)), newline="")
    found, report = read_back(path)
    assert (list(TITLES), []) == (list(found), report.tally().notes())


def test_lines_above_the_names_of_a_table(tmp_path):
    """The title of a report is passed over, and said."""
    path = tmp_path / "news.csv"
    path.write_text("All articles of 2024\r\n\r\n" + TABLE.format(";") + "".join(rows(";")), newline="")
    found, report = read_back(path)
    assert list(TITLES) == list(found)
    assert "lines above the names of the columns; passed over" in str(report.tally().notes())


def test_a_row_that_repeats_the_names_of_the_columns(tmp_path):
    """As in a file made of several exports: it is no article, and this is said."""
    found, tally = read(tmp_path / "news.csv", b"id,title,body\n1,A,Text a\nid,title,body\n2,B,Text b\n")
    assert {"1", "2"} == set(found)
    assert any("news.csv:3" in note and "repeats the names" in note for note in tally.notes())


def test_a_quote_that_is_never_closed_and_another_that_closes_it(tmp_path):
    """Rows that became part of a cell are rows again, even where a sign of inches closes the quote."""
    path = tmp_path / "news.csv"
    path.write_text(
        'id;title;body\n1;Ferry;"Fares rise\n2;Cafe;It opened\n3;Pipes;A pipe of 5"\n4;Bus;It runs\n'
    )
    found, report = read_back(path)
    assert ["Fares rise", "It opened", 'A pipe of 5"', "It runs"] == [one.body for one in found.values()]
    assert "news.csv:2: a quote that is never closed" in str(report.tally().notes())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["news.csv", "news.jsonl"])
def test_utf_16_with_and_without_a_mark(name, encoding, tmp_path):
    """As old systems export it; nothing of it is taken for binary data."""
    text = "id;title;body\r\n1;Café;Füße\r\n" if name.endswith("csv") else '{"id": "1", "title": "Café"}\n'
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    found, report = read_back(path)
    assert (["Café"], []) == ([one.title for one in found.values()], report.tally().notes())


def test_verses_in_a_cell_are_no_rows(tmp_path):
    """Lines with as many commas as the table stay where a good quote keeps them."""
    path = tmp_path / "news.csv"
    path.write_text('id,title,body\n1,Results,"1, Smith, 2:03\n2, Jones, 2:05"\n2,Bus,It runs\n')
    found, report = read_back(path)
    assert (["1", "2"], []) == (list(found), report.tally().notes())
    assert "1, Smith, 2:03\n\n2, Jones, 2:05" == found["1"].body


@pytest.mark.parametrize(
    ("encoding", "words"), [("cp1252", "read as Windows-1252"), ("mac_roman", "read as Mac OS Roman")]
)
def test_old_encodings_of_a_table_are_told(encoding, words, tmp_path):
    """Letters come out right, and it is said as what they were read."""
    path = tmp_path / "news.csv"
    text = "id;title;body\r\n1;Café opens;The “café” at the quay – José’s – opened. Füße, Übung.\r\n"
    path.write_bytes(text.encode(encoding))
    found, report = read_back(path)
    assert ("Café opens", "The “café” at the quay – José’s – opened. Füße, Übung.") == (
        found["1"].title, found["1"].body
    )  # fmt: skip
    assert words in str(report.tally().notes())


@pytest.mark.parametrize("before", ["\n \n", "\ufeff\n", "<br />\n<b>Warning</b>: x &amp; y<br />\n"])
def test_what_stands_before_an_xml_declaration(before, tmp_path):
    """Blank lines, and what PHP prints, lose no item."""
    found, _ = read(tmp_path / "export.xml", before.encode() + ALL["export.xml"])
    assert list(TITLES) == list(found)


def test_a_line_that_goes_on_behind_one_that_was_cut_off(tmp_path):
    """A program that fell while it wrote a line wrote the next one behind it: that one is read."""
    lines = objects()
    lines[3:5] = [lines[3][:40] + lines[4]]
    found, tally = read(tmp_path / "lines.jsonl", "\n".join(lines).encode())
    assert (set(TITLES) - {"4"}, 1) == (set(found), tally.lost)


def test_nul_bytes_around_lines(tmp_path, whole):
    """What a file system leaves of a machine that fell is no part of the first line or the last."""
    content = b"\0" * 5_000 + ALL["lines.jsonl"] + b"\0" * 5_000
    assert whole["lines.jsonl"] == read(tmp_path / "lines.jsonl", content)[0]


def test_names_that_are_not_utf_8(tmp_path):
    """Two Latin-1 names are two articles, and no text that comes out is one that cannot be written."""
    for name in (b"caf\xe9.txt", b"caf\xe8.txt", b"x\xe9.unknown"):
        with open(bytes(tmp_path) + b"/" + name, "wb") as file:
            file.write(b"A title\n\nThe text of " + name[:4] + b".\n")
    found, report = read_back(tmp_path)
    assert {"café", "cafè"} == set(found)
    assert "xé.unknown" in "".join(report.tally().notes()).encode().decode()
