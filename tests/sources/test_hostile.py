"""Files that mean harm do none, are told, and cost nothing of what stands beside them."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
import zipfile

import pytest

from semsearch.errors import SourceUnreadable
from semsearch.sources import unpacking, zip_archive
from semsearch.sources.opening import open_source
from tests.sources.making import WORDPRESS, html_page, read_back
from tests.sources.test_same_articles import sample  # noqa: F401 - a fixture

GOOD = b'{"id": "good", "title": "A good one"}\n'


def said(report) -> str:
    """All that was rejected or noted, as a user reads it."""
    return "\n".join(report.tally().notes())


def zipped(path, members, **options):
    """An archive of names and bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_gzip_bomb_ends_early(tmp_path):
    """What was before the bomb is read; the blanks stop after the bound, of which no more is held."""
    path = tmp_path / "news.jsonl.gz"
    path.write_bytes(gzip.compress(GOOD + b" " * 2**28))
    tracemalloc.start()
    found, report = read_back(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ["good"] == list(found)
    assert "as a bomb does" in said(report)
    assert peak < 2**28


def test_a_gzip_bomb_in_one_page_is_rejected(tmp_path):
    """A page has a bound of its own, long before that of the packing."""
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(b"<html>" + b" " * 2**26))
    (tmp_path / "good.jsonl").write_bytes(GOOD)
    found, report = read_back(tmp_path)
    assert ["good"] == list(found)
    assert "the page is longer than 20,000,000 bytes" in said(report)


def test_a_zip_bomb_is_not_opened(tmp_path):
    """The table of contents of the archive says enough."""
    path = zipped(tmp_path / "bomb.zip", {f"{one}.txt": b"\0" * 2**25 for one in range(5)})
    with pytest.raises(SourceUnreadable, match=r"bomb\.zip: .* bytes unpack to 167,772,160 in 5 files, as a"):
        open_source(str(path))


def test_a_zip_bomb_that_lies_about_its_size_ends_early(tmp_path, monkeypatch):
    """What comes out is counted, whatever the archive says of itself."""
    path = zipped(tmp_path / "bomb.zip", {"a.jsonl": GOOD + b"\n" * 2**20, "b.jsonl": GOOD})
    monkeypatch.setattr(unpacking, "UNBOUNDED_BYTES", 2**17)
    monkeypatch.setattr(zip_archive, "UNBOUNDED_BYTES", 2**40)
    found, report = read_back(path)
    assert ["good"] == list(found)
    assert "as a bomb does" in said(report)


def test_a_zip_with_too_many_files_is_not_opened(tmp_path, monkeypatch):
    """The number of files has a bound."""
    monkeypatch.setattr(zip_archive, "MOST_MEMBERS", 2)
    path = zipped(tmp_path / "many.zip", {f"{one}.jsonl": GOOD for one in range(3)})
    with pytest.raises(SourceUnreadable, match="3 files"):
        open_source(str(path))


@pytest.mark.parametrize(
    "name",
    ["../../outside.jsonl", "/etc/outside.jsonl", "a/../../outside.jsonl", "..\\out.jsonl", "C:\\o.jsonl"],
)
def test_a_path_that_leads_out_of_an_archive_is_refused(name, tmp_path):
    """Said, and the other files are read; nothing is written anywhere."""
    folder = tmp_path / "given"
    folder.mkdir()
    path = zipped(folder / "news.zip", {name: GOOD.replace(b"good", b"evil"), "news.jsonl": GOOD})
    found, report = read_back(path)
    assert ["good"] == list(found)
    assert "a file in an archive whose path leads out of it; passed over" in said(report)
    assert [path] == [one for one in tmp_path.rglob("*") if one.is_file()]


def test_links_archives_and_locked_files_in_an_archive_are_said(tmp_path):
    """A link is not followed, an archive in an archive not opened, a locked file not read."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("news.jsonl", GOOD)
    path = tmp_path / "news.zip"
    link = zipfile.ZipInfo("passwd.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("news.jsonl", GOOD)
        archive.writestr(link, "/etc/passwd")
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("looks-harmless.jsonl", inner.getvalue())
        archive.writestr("locked.jsonl", GOOD)
    content = bytearray(path.read_bytes())
    content[content.rindex(b"locked.jsonl") - 46 + 8] |= 1  # the bit of its entry that says encrypted
    path.write_bytes(content)
    found, report = read_back(path)
    assert ["good"] == list(found)
    for words in ("a link in an archive", "an archive inside an archive is not opened", "an encrypted file"):
        assert words in said(report)


BOMB = "".join(f'<!ENTITY l{one} "{f"&l{one - 1};" * 10}">' for one in range(1, 10))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE rss [<!ENTITY l0 "lol">{BOMB}]>',
        '<!DOCTYPE rss [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY % l9 SYSTEM "http://127.0.0.1:9/evil.dtd"> %l9;]>',
    ],
    ids=["laughs", "file", "network"],
)
def test_entities_in_an_export_are_refused(doctype, tmp_path):
    """Neither multiplied nor fetched: the reading stops before the first post, and says why."""
    item = "<item><title>&l9;</title><wp:post_id>1</wp:post_id></item></channel></rss>"
    path = tmp_path / "export.xml"
    path.write_text(WORDPRESS.replace("<rss", f"{doctype}<rss", 1) + item)
    with pytest.raises(SourceUnreadable, match="the XML declares entities, which an export never does"):
        read_back(path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    """Neither to a file nor to a folder; both are said."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jsonl").write_bytes(GOOD.replace(b"good", b"secret"))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "news.jsonl").write_bytes(GOOD)
    (folder / "file.jsonl").symlink_to(outside / "secret.jsonl")
    (folder / "below").symlink_to(outside)
    (folder / "round").symlink_to(folder)
    found, report = read_back(folder)
    assert ["good"] == list(found)
    notes = said(report)
    assert "a link out of the folder; passed over" in notes
    assert "2 times: " in notes
    assert "a link to a folder; passed over" in notes


@pytest.mark.parametrize("name", ["page.md", "page.html"])
def test_scripts_are_gone_from_the_text(name, tmp_path):
    """No code, no style, no handler is left, and the words around them are."""
    page = (
        "Before.\n\n<script>alert('evil-code')</script>\n\n<style>evil {}</style>\n\n"
        '<p onclick="evil()">Inside <b>bold</b> words of a paragraph that is long enough.</p>\n\n'
        "<a href='javascript:evil()'>Behind</a><iframe srcdoc='evil'></iframe>\n"
    )
    head = (
        "---\ntitle: A page\nid: one\n---\n"
        if name.endswith("md")
        else "<!doctype html><title>A page</title>"
    )
    (tmp_path / name).write_text(head + page)
    found, _ = read_back(tmp_path)
    (article,) = found.values()
    assert "evil" not in f"{article.title} {article.body}"
    assert "Inside bold words of a paragraph" in article.body


@pytest.mark.parametrize(
    "line",
    [
        "evil: !!python/object/apply:os.system ['touch {marker}']",
        "evil: !!python/object/new:subprocess.Popen [['touch', '{marker}']]",
        "title: !!python/name:os.system",
    ],
)
def test_yaml_makes_no_objects(line, tmp_path):
    """A tag of YAML is nothing but a value's text, or the page is rejected; nothing is run."""
    marker = tmp_path / "marker"
    (tmp_path / "page.md").write_text(
        f"---\ntitle: A title\n{line.format(marker=marker)}\n---\n\nThe text.\n"
    )
    (tmp_path / "news.jsonl").write_bytes(GOOD)
    found, _ = read_back(tmp_path)
    assert "good" in found
    assert not marker.exists()
    assert all(isinstance(value, str | list) for one in found.values() for value in one.extra.values())


def test_yaml_with_anchors_is_rejected(tmp_path):
    """A few lines of anchors stand for gigabytes."""
    lines = ["a0: &a0 [x]", *(f"a{one}: &a{one} [{', '.join([f'*a{one - 1}'] * 9)}]" for one in range(1, 12))]
    (tmp_path / "page.md").write_text("---\n" + "\n".join(lines) + "\n---\nText\n")
    (tmp_path / "news.jsonl").write_bytes(GOOD)
    found, report = read_back(tmp_path)
    assert ["good"] == list(found)
    assert "YAML anchors are not read" in said(report)


def test_a_page_nested_without_end_is_read_or_rejected(sample, tmp_path):  # noqa: F811
    """Fifty thousand open elements and brackets end neither the reading nor the memory."""
    (tmp_path / "deep.html").write_text(html_page(sample[0], head="<div>" * 50_000))
    (tmp_path / "deep.json").write_text("[" * 50_000)
    (tmp_path / "deep.md").write_text("---\ntitle: Deep\n---\n" + "> " * 50_000 + "text")
    (tmp_path / "flow.md").write_text("---\ntitle: " + "[" * 50_000 + "\n---\ntext")
    (tmp_path / "news.jsonl").write_bytes(GOOD)
    found, _ = read_back(tmp_path)
    assert "good" in found


@pytest.mark.parametrize(
    "lines",
    [
        "a." * 1_499 + "a=1",
        "[" + "a." * 30_000 + "a]",
        "x = {" + "a . " * 2_000 + "a = 1}",
        "x = " + "[" * 900 + "]" * 900,
        '"a".' * 800 + "a = 1",
    ],
    ids=["name", "table", "inline", "lists", "quoted"],
)
def test_toml_without_end_costs_its_own_page_alone(tmp_path, lines):
    """Names of thousands of parts and deep lists are rejected with a reason; the page beside is read."""
    (tmp_path / "deep.md").write_text(f"+++\ntitle = 'Deep'\n{lines}\n+++\nText.", "utf-8")
    (tmp_path / "good.md").write_text("+++\ntitle = 'Good'\n[a.b.c]\nd.e = 1\n+++\nText.", "utf-8")
    tracemalloc.start()
    found, report = read_back(tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert ["Good"] == [article.title for article in found.values()]
    assert "the front matter is not valid TOML" in said(report)
    assert f"more than {50}" in said(report)
    assert peak < 2**25


def test_a_deep_record_of_a_list_costs_itself_alone(tmp_path):
    """A record of lists within lists is rejected, in about the time of a flat one as long and broken."""
    took = {}
    bodies = {"flat": "[" * 1_000 + "]" * 1_000 + "[]" * 100_000, "deep": "[" * 100_000 + "]" * 100_000}
    for name, inner in bodies.items():
        path = tmp_path / f"{name}.json"
        good = GOOD.decode().strip()
        deep = f'{{"id": "deep", "title": "Deep", "x": {inner}}}'
        path.write_text(f"[{good}, {deep}, {good.replace('good', 'also')}]", "utf-8")
        begun = time.process_time()
        found, report = read_back(path)
        took[name] = time.process_time() - begun
        assert ["good", "also"] == list(found)
        assert "JSON" in said(report)
    assert took["deep"] < 10 * took["flat"] + 0.1
