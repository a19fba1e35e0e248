"""Snapshots from the command line."""

from tests.cli.conftest import write_lines


def test_a_snapshot_is_written_and_restored(built, home):
    """Under another name of index; what was said at the end of each names counts and file."""
    outcome = built("index", "snapshot", "backup.tar.gz")
    assert 0 == outcome.code
    assert ": 4 articles, " in outcome.out
    assert "in backup.tar.gz; written and read back." in outcome.out
    assert (
        "With it: 0 rules (0 changes in the history), 0 saved searches (0 matches), no sources" in outcome.out
    )
    report = built("index", "restore", "backup.tar.gz", "--index", "copy", "--format", "json").json()
    assert (4, []) == (report["articles"], report["notes"])
    assert 0 == built("index", "verify", "--index", "copy").code


def test_restoring_over_newer_changes_says_how_to_get_them_back(built, home):
    """On standard error, as a note."""
    built("index", "snapshot", "backup.tar")
    write_lines(home / "more.jsonl", [{"id": "new", "title": "A new article about trains"}])
    built("articles", "add", "more.jsonl")
    outcome = built("index", "restore", "backup.tar")
    assert 0 == outcome.code
    assert "Note: changes made since the snapshot are not in it; semsearch index rollback" in outcome.err


def test_what_is_no_snapshot_is_exit_1_and_one_line(built, home):
    """And the live index stays."""
    (home / "backup.tar").write_bytes(b"nonsense")
    outcome = built("index", "restore", "backup.tar")
    assert 1 == outcome.code
    assert "backup.tar cannot be restored" in outcome.err
    assert 4 == built("index", "status", "--format", "json").json()["articles"]


def test_what_is_hidden_stays_hidden_on_another_machine(built, home):
    """The rules come with the articles, and the restore says so; keys on request, as hashes."""
    built("keys", "create", "--scope", "admin")
    hidden = built("search", "bank", "--format", "json").json()["hits"][0]["id"]
    built("rules", "hide", "retracted", hidden, "--in", "everywhere")
    outcome = built("index", "snapshot", "backup.tar", "--with-keys")
    assert "With it: 1 rule (1 change in the history)" in outcome.out
    assert "1 key, as hashes" in outcome.out
    elsewhere = ("--indexes", "elsewhere")
    outcome = built("index", "restore", "backup.tar", *elsewhere)
    assert (0, "") == (outcome.code, outcome.err)
    assert "With it: 1 rule (1 change in the history)" in outcome.out
    found = built("search", "bank", "--format", "json", *elsewhere).json()["hits"]
    assert hidden not in [hit["id"] for hit in found]
    assert (home / "elsewhere" / "keys.json").read_bytes() == (home / "indexes" / "keys.json").read_bytes()


def test_a_restore_says_what_it_replaced_and_where_that_is(built, home):
    """A later rule is named, with the file that still has it."""
    built("rules", "hide", "early", "a", "--in", "everywhere")
    built("index", "snapshot", "backup.tar")
    built("rules", "hide", "late", "b", "--in", "everywhere")
    outcome = built("index", "restore", "backup.tar")
    assert 0 == outcome.code
    assert "Kept as it was before: indexes/default/rules.db.before-restore-" in outcome.out
    assert "1 rule of this index is not in the snapshot" in outcome.err
    assert ": late; " in outcome.err
    report = built("index", "restore", "backup.tar", "--only-articles", "--format", "json").json()
    assert (None, [], []) == (report["beside"], report["kept"], report["set_aside"])
