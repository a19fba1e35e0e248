"""Changing and showing single articles from the command line."""

from tests.cli.conftest import ARTICLES, write_lines


def test_added_articles_are_found_at_once(built, home):
    """The counts say what became of each, and a search sees the new one."""
    new = {"id": "new", "title": "Zeppelin lands on the market square"}
    write_lines(home / "more.jsonl", [new, ARTICLES[0], ARTICLES[1] | {"title": "Parents march again"}])
    report = built("articles", "add", "more.jsonl", "--format", "json").json()
    assert (1, 1, 1) == (report["added"], report["updated"], report["unchanged"])
    hits = built("search", "zeppelin", "--mode", "lexical", "--format", "json").json()["hits"]
    assert ["new"] == [hit["id"] for hit in hits]


def test_an_article_older_than_what_is_stored_changes_nothing(built, home):
    """It is counted as such, so that nobody wonders."""
    stored = {"id": "v", "title": "Second version", "updated_at": "2026-02-02T00:00:00Z"}
    write_lines(home / "v2.jsonl", [stored])
    write_lines(
        home / "v1.jsonl", [stored | {"title": "First version", "updated_at": "2026-02-01T00:00:00Z"}]
    )
    built("articles", "add", "v2.jsonl")
    outcome = built("articles", "add", "v1.jsonl")
    assert outcome.out.startswith("0 added, 0 updated, 0 unchanged, 1 older than what the index has")
    assert "Second version" in built("articles", "show", "v").out


def test_deleted_articles_are_gone(built):
    """A search does not find it, and showing it is a clear error."""
    assert "1 deleted.\n" == built("articles", "delete", "rates").out
    outcome = built("articles", "show", "rates")
    assert (1, "") == (outcome.code, outcome.out)
    assert "'rates'" in outcome.err
    assert [] == built("search", "dearer", "--mode", "lexical", "--format", "json").json()["hits"]


def test_deleting_what_is_not_there_is_exit_1_and_named(built):
    """What could be deleted is; what could not is never passed over silently."""
    outcome = built("articles", "delete", "rates", "no-such")
    assert (1, "1 deleted.\n") == (outcome.code, outcome.out)
    assert "not in the index: no-such" in outcome.err


def test_show_prints_the_whole_article(built):
    """Facts first, then the text with its paragraphs."""
    out = built("articles", "show", "school").out
    for words in ("Council closes village school", "2026-01-30T08:00:00Z", "Ann Ode", "education, council"):
        assert words in out
    assert out.rstrip().endswith("Parents will appeal.")


def test_show_as_json_is_the_article(built):
    """Every field is there, lists as lists."""
    article = built("articles", "show", "school", "--format", "json").json()
    assert (["Ann Ode"], ["education", "council"]) == (article["authors"], article["tags"])
    assert ARTICLES[0]["body"] == article["body"]


def test_show_says_whether_readers_see_an_article(built, home):
    """A draft, one that is scheduled and one that has expired are marked; JSON has the fields."""
    hidden = {
        "d": {"status": "draft"},
        "s": {"date": "2099-01-02"},
        "e": {"expires_at": "2020-01-02"},
        "p": {},
    }
    write_lines(
        home / "more.jsonl", [{"id": key, "title": "Zeppelin lands", **more} for key, more in hidden.items()]
    )
    built("articles", "add", "more.jsonl")
    assert "draft (not shown to readers)" in built("articles", "show", "d").out
    assert "published (not shown to readers yet)" in built("articles", "show", "s").out
    assert "published (not shown to readers any more)" in built("articles", "show", "e").out
    assert "not shown" not in built("articles", "show", "p").out
    found = built("articles", "show", "e", "--format", "json").json()
    assert (None, "2020-01-02T00:00:00Z") == (found["status"], found["expires_at"])
