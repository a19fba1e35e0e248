"""Snapshots from the command line."""

from tests.cli.conftest import write_lines


def test_a_snapshot_is_written_and_restored(built, home):
    """Under another name of index; what was said at the end of each names counts and file."""
    outcome = built("index", "snapshot", "backup.tar.gz")
    assert 0 == outcome.code
    assert ": 4 articles, " in outcome.out
    assert outcome.out.rstrip().endswith("in backup.tar.gz; written and read back.")
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
