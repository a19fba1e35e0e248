"""What folders of a site say of the pages below them, and what lies in a folder of drafts."""

from __future__ import annotations

import zipfile

import pytest

from semsearch.sources.content import content_digest
from tests.sources.making import read_back

PAGE = "---\ntitle: Bread\n---\nDough."


def site(folder, files):
    """Write files by their paths."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def seen(folder):
    """The ids of the articles that readers see, and of those that have a status or dates of their own."""
    found, report = read_back(folder)
    shown = {key for key, one in found.items() if not (one.status or one.expires_at or one.published_at)}
    return shown, set(found) - shown, report


@pytest.mark.parametrize(
    "cascade",
    [
        "cascade:\n  draft: true",
        "Cascade: {Draft: True}",
        "cascade:\n- draft: true",
        "cascade:\n- _target:\n    path: /rye/**\n  expiryDate: 2020-01-01",
        "cascade:\n- target: {path: '{/oats/**,/rye/**}', kind: page}\n  publishDate: 2099-01-01",
        "cascade:\n- target: {environment: production}\n  draft: true",
    ],
)
def test_a_cascade_of_hugo_hides_all_pages_below(cascade, tmp_path):
    """At any depth; a page that says otherwise goes before it, pages beside it are not meant."""
    site(
        tmp_path / "content",
        {
            "rye/_index.md": f"---\ntitle: Rye\n{cascade}\n---\n",
            "rye/one.md": PAGE,
            "rye/deep/two/index.md": PAGE,
            "rye/own.md": "---\ntitle: Own\ndraft: false\nexpiryDate: ''\n---\nDough.",
            "wheat/three.md": PAGE,
        },
    )
    shown, hidden, _ = seen(tmp_path)
    assert {"content/rye/one", "content/rye/deep/two"} <= hidden
    assert "content/wheat/three" in shown
    if "draft" in cascade.lower():
        assert "content/rye/own" in shown


@pytest.mark.parametrize(
    "cascade",
    ["build: {render: never, list: never}", "_build:\n    list: never", "headless: true"],
)
def test_a_cascade_that_makes_no_pages(cascade, tmp_path):
    """Those below are skipped, and this is reported."""
    site(tmp_path, {"rye/_index.md": f"---\ncascade:\n  {cascade}\n---\n", "rye/a.md": PAGE, "b.md": PAGE})
    found, report = read_back(tmp_path)
    assert ["b"] == list(found)
    assert "rye/a.md" in str(report.tally().notes())


@pytest.mark.parametrize(
    "front",
    [
        "draft: true",
        "cascade:\n  color: red",
        "cascade:\n- target: {path: /oats/**}\n  draft: true",
        "cascade:\n- target: {kind: section}\n  draft: true",
        "cascade:\n- target: {environment: development}\n  draft: true",
        "cascade:\n- target: {lang: de}\n  draft: true",
    ],
)
def test_what_a_list_page_says_of_itself_or_of_others_hides_nothing(front, tmp_path):
    """A section that is a draft has pages that are none."""
    site(tmp_path, {"content/rye/_index.md": f"---\n{front}\n---\n", "content/rye/a.md": PAGE})
    shown, hidden, _ = seen(tmp_path)
    assert ({"content/rye/a"}, set()) == (shown, hidden)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hugo.toml", '[[cascade]]\ndraft = true\n[cascade.target]\npath = "/rye/**"\n'),
        ("config/_default/hugo.yaml", "cascade:\n  target:\n    path: /rye/*\n  draft: true\n"),
        ("config.toml", '[cascade]\ndraft = true\n[cascade._target]\npath = "/rye/**"\n'),
    ],
)
def test_the_cascade_of_a_site(name, text, tmp_path):
    """In its configuration, where that lies in the folder; in an archive too."""
    files = {name: text, "content/rye/a.md": PAGE, "content/oats/b.md": PAGE}
    site(tmp_path / "site", files)
    assert ({"content/oats/b"}, {"content/rye/a"}) == seen(tmp_path / "site")[:2]
    with zipfile.ZipFile(tmp_path / "site.zip", "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    assert ({"content/oats/b"}, {"content/rye/a"}) == seen(tmp_path / "site.zip")[:2]


def test_a_cascade_that_cannot_be_read_hides_the_pages_below(tmp_path):
    """Nobody knows what it says; it is reported."""
    site(
        tmp_path,
        {"rye/_index.md": "---\ncascade:\n  draft: true\nRye.", "rye/a.md": PAGE, "oats/b.md": PAGE,
         "oats/_index.md": "---\ntitle: [Oats\n---\n"},
    )  # fmt: skip
    shown, hidden, report = seen(tmp_path)
    assert ({"oats/b"}, {"rye/a"}) == (shown, hidden)
    assert "may hide the pages below it" in str(report.tally().notes())


def test_the_data_of_eleventy(tmp_path):
    """Of a folder, of a page, of the folder that is given itself; it is no article and no rejection."""
    site(
        tmp_path / "rye",
        {
            "rye.json": '{"draft": true}',
            "a.md": PAGE,
            "own.md": "---\ntitle: Own\ndraft: false\n---\nDough.",
            "oats/oats.11tydata.json": '{"published": true}',
            "oats/b.md": PAGE,
            "wheat/c.md": "---\ntitle: C\ndraft: false\n---\nDough.",
            "wheat/c.11tydata.json": '{"eleventyComputed": {}, "private": true}',
            "spelt/spelt.11tydata.js": "module.exports = { draft: true };",
            "spelt/d.md": PAGE,
        },
    )
    shown, hidden, report = seen(tmp_path / "rye")
    assert ({"own"}, {"a", "oats/b", "wheat/c", "spelt/d"}) == (shown, hidden)
    assert 0 == report.tally().rejected
    assert "no article" in str(report.tally().notes())


def test_an_article_in_json_beside_a_page_of_its_name_is_read(tmp_path):
    """It has a text, which data for other pages have not."""
    site(tmp_path, {"rye.md": PAGE, "rye.json": '{"id": 7, "title": "Rye", "body": "Dark.", "draft": true}'})
    shown, hidden, _ = seen(tmp_path)
    assert ({"rye"}, {"7"}) == (shown, hidden)


def test_the_defaults_of_jekyll(tmp_path):
    """By path and by kind."""
    site(
        tmp_path,
        {
            "_config.yml": "title: Bread\ndefaults:\n- scope: {path: '', type: notes}\n"
            "  values: {published: false}\n- scope:\n    path: secret\n  values:\n    draft: true\n"
            "- scope:\n    path: _posts\n  values:\n    layout: post\n",
            "_notes/a.md": PAGE,
            "secret/b.md": PAGE,
            "_posts/c.md": PAGE,
        },
    )
    assert ({"_posts/c"}, {"_notes/a", "secret/b"}) == seen(tmp_path)[:2]


@pytest.mark.parametrize("given", ["_drafts", "_drafts/idea.md", "_drafts/rye", "."])
def test_a_folder_of_drafts_is_one_wherever_reading_begins(given, tmp_path):
    """At the site, at the folder itself, below it, at one page."""
    site(tmp_path / "site", {"_drafts/idea.md": PAGE, "_drafts/rye/more.md": PAGE})
    found, _ = read_back(tmp_path / "site" / given)
    assert {"draft"} == {one.status for one in found.values()}


@pytest.mark.parametrize("given", ["content", "content/rye", "content/rye/deep", "content/rye/deep/a.md"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hugo.toml", '[[cascade]]\ndraft = true\n[cascade.target]\npath = "/rye/deep/**"\n'),
        ("config/_default/config.yaml", "cascade:\n  draft: true\n"),
        ("content/_index.md", "---\ncascade:\n  draft: true\n---\n"),
        ("content/rye/deep/_index.md", "---\ncascade:\n  draft: true\n---\n"),
        ("content/rye/_index.md", "---\ncascade:\n- target: {path: '/rye/*/a'}\n  draft: true\n---\n"),
    ],
)
def test_what_the_site_says_above_the_folder_that_is_given(name, text, given, tmp_path):
    """Wherever reading begins, the page is the same draft."""
    site(tmp_path / "site", {"content/rye/deep/a.md": PAGE})
    where = tmp_path / "site" / given
    before = content_digest([str(where)])
    site(tmp_path / "site", {name: text})
    found, _ = read_back(where)
    assert ["draft"] == [one.status for one in found.values()]
    assert before != content_digest([str(where)])
