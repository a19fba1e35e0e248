"""Building an index and looking after its generations from the command line."""

import json
import os

import pytest

from tests.cli.conftest import ARTICLES, write_lines
from tests.index.making import flip


def test_build_says_what_is_live_and_what_to_do_next(call, articles):
    """The last lines name generation, counts and the next command."""
    outcome = call("index", "build", str(articles))
    assert 0 == outcome.code
    lines = outcome.out.splitlines()
    assert lines[0].startswith("Index 'default' is live with generation 000001-")
    assert ": 4 articles, " in lines[0]
    assert 'Next: semsearch search "some words", or: semsearch serve' == lines[-1]


def test_build_reports_in_json_alone(call, articles):
    """With --format json nothing else is on standard output."""
    report = call("index", "build", str(articles), "--format", "json").json()
    assert (4, 0, None) == (report["articles"], report["rejected"], report["rejects_file"])
    assert report["embedded"] == report["passages"]


def test_a_second_build_encodes_nothing(built, articles):
    """Every text is known from the first build."""
    report = built("index", "build", str(articles), "--format", "json").json()
    assert 0 == report["embedded"]
    assert report["reused"] == report["passages"]


def test_build_without_sources_folds_the_changes_in(built, home):
    """What was added to the live index is part of the new generation, and the delta is empty."""
    write_lines(home / "more.jsonl", [{"id": "new", "title": "A new article about trains"}])
    assert 0 == built("articles", "add", "more.jsonl").code
    assert 1 == built("index", "status", "--format", "json").json()["delta_articles"]
    report = built("index", "build", "--format", "json").json()
    assert 5 == report["articles"]
    assert 0 == built("index", "status", "--format", "json").json()["delta_articles"]


def test_rejected_articles_are_counted_and_kept_in_a_file(call, home):
    """The good ones are indexed; a warning names the number and the file that holds each with its reason."""
    file = home / "mixed.jsonl"
    write_lines(file, ARTICLES[:2])
    file.write_text(file.read_text("utf-8") + "{broken\n" + json.dumps({"title": "no id"}) + "\n", "utf-8")
    outcome = call("index", "build", "mixed.jsonl", "--format", "json")
    report = outcome.json()
    assert (0, 2, 2) == (outcome.code, report["articles"], report["rejected"])
    assert (
        f"Warning: 2 articles were rejected; each with its reason in {report['rejects_file']}." in outcome.err
    )
    assert 2 == len((home / report["rejects_file"]).read_text("utf-8").splitlines())


@pytest.mark.parametrize(
    "content", [None, b"", b"\x00\x01\x02\xff\xfe binary \x00"], ids=["missing", "empty", "binary"]
)
def test_a_source_without_articles_is_a_clear_error(call, home, content):
    """Nothing is built, nothing is left live, and the source is named."""
    if content is not None:
        (home / "bad.jsonl").write_bytes(content)
    outcome = call("index", "build", "bad.jsonl")
    assert (1, "") == (outcome.code, outcome.out)
    assert outcome.err.startswith("semsearch: ")
    assert "bad.jsonl" in outcome.err
    assert 1 == call("index", "status").code


def test_ctrl_c_in_a_build_keeps_what_was_encoded_and_the_live_index(built, home, encoder, monkeypatch):
    """Exit 130 with a word; the old generation answers, and the next build goes on."""
    before = built("index", "status", "--format", "json").json()["generation"]
    write_lines(home / "more.jsonl", [*ARTICLES, {"id": "x", "title": "Something else entirely"}])

    def stop(texts):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(encoder, "encode_passages", stop)
        outcome = built("index", "build", "more.jsonl")
    assert (130, "") == (outcome.code, outcome.out)
    assert "Stopped. What was encoded is kept" in outcome.err
    assert before == built("index", "status", "--format", "json").json()["generation"]
    report = built("index", "build", "more.jsonl", "--format", "json").json()
    assert (5, 1) == (report["articles"], report["embedded"])


def test_a_build_with_nothing_new_copies_unless_told_otherwise(built, articles, encoder):
    """It says since when nothing is new; --fresh builds all anew, --if-new publishes nothing."""

    def build(*options: str):
        return built("index", "build", str(articles), "--format", "json", *options)

    before = built("index", "status", "--format", "json").json()["generation"]
    copied = build()
    assert f"nothing is new since generation {before}: its files were copied" in copied.err
    assert before == copied.json()["same_as"] != copied.json()["generation"]
    fresh = build("--fresh")
    assert (0, None, False) == (fresh.code, fresh.json()["same_as"], "nothing is new" in fresh.err)
    live = fresh.json()["generation"]
    left = build("--if-new")
    assert (live, live) == (left.json()["same_as"], left.json()["generation"])
    assert f"nothing is new since generation {live}, which stays live" in left.err
    assert 3 == len(built("index", "list", "--format", "json").json())
    both = build("--fresh", "--if-new")
    assert (2, "") == (both.code, both.out)
    assert "--fresh" in both.err


def test_two_indexes_live_beside_each_other(built, home):
    """--index and --indexes choose, after the sub-command."""
    write_lines(home / "other.jsonl", [{"id": "o", "title": "Only this one"}])
    assert 0 == built("index", "build", "other.jsonl", "--index", "other").code
    assert 1 == built("index", "status", "--index", "other", "--format", "json").json()["articles"]
    assert 4 == built("index", "status", "--format", "json").json()["articles"]
    assert 0 == built("index", "build", "other.jsonl", "--indexes", "elsewhere").code
    assert (home / "elsewhere" / "default" / "current").is_file()


def test_indexes_folder_comes_from_the_environment(call, articles, home, monkeypatch):
    """SEMSEARCH_INDEXES is the default of --indexes."""
    monkeypatch.setenv("SEMSEARCH_INDEXES", "from-environment")
    assert 0 == call("index", "build", str(articles)).code
    assert (home / "from-environment" / "default" / "current").is_file()


def test_status_shows_size_encoder_and_dates(built):
    """A person sees what is live at a glance."""
    outcome = built("index", "status")
    for word in ("default", "hashing, 256 dimensions", "2026-01-30 08:00 to 2026-02-02 17:30", "on disk"):
        assert word in outcome.out


def test_an_index_that_is_not_there_names_the_command_that_builds_it(call):
    """Every reading command says how to get an index."""
    for command in (["index", "status"], ["index", "list"], ["search", "x"], ["articles", "show", "x"]):
        outcome = call(*command, "--index", "nowhere")
        assert (1, "") == (outcome.code, outcome.out)
        assert "semsearch index build SOURCE --index nowhere" in outcome.err


def test_a_name_that_leaves_the_folder_is_refused(call):
    """An index name is no path."""
    outcome = call("index", "status", "--index", "../secret")
    assert 1 == outcome.code
    assert "'../secret'" in outcome.err


def test_list_activate_and_rollback(built, articles):
    """Generations are listed oldest first; one is live; activate and rollback move it."""
    built("index", "build", str(articles))
    first, second = built("index", "list", "--format", "json").json()
    assert (False, True) == (first["live"], second["live"])
    outcome = built("index", "rollback")
    assert 0 == outcome.code
    assert f"Live before: generation {second['id']}, built " in outcome.out
    assert f"Live now: generation {first['id']}, built " in outcome.out
    assert "live changes made since it was built: 0 added, 0 updated, 0 deleted" in outcome.out
    assert "Both generations hold the same articles." in outcome.out
    assert first["id"] == built("index", "status", "--format", "json").json()["generation"]
    assert second["id"] == built("index", "activate", second["id"], "--format", "json").json()["id"]
    assert second["id"] == built("index", "status", "--format", "json").json()["generation"]
    table = built("index", "list").out
    assert "live" in table
    assert first["id"] in table


def test_rollback_of_the_only_generation_is_a_clear_error(built):
    """There is nothing to go back to."""
    outcome = built("index", "rollback")
    assert 1 == outcome.code
    assert "has nothing before generation" in outcome.err


def test_activate_of_an_unknown_generation_names_those_there_are(built):
    """The ids are in the message, to copy."""
    known = built("index", "status", "--format", "json").json()["generation"]
    outcome = built("index", "activate", "000009-20260101T000000Z")
    assert 1 == outcome.code
    assert known in outcome.err


def test_prune_keeps_as_many_as_said(built, articles):
    """The oldest go, and are named."""
    for _ in range(2):
        built("index", "build", str(articles))
    first, *kept = [one["id"] for one in built("index", "list", "--format", "json").json()]
    assert {"removed": [first]} == built("index", "prune", "--keep", "2", "--format", "json").json()
    assert kept == [one["id"] for one in built("index", "list", "--format", "json").json()]
    assert "Nothing to remove.\n" == built("index", "prune", "--keep", "2").out


def test_verify_of_a_sound_index(built):
    """All is well is said, with what was looked at."""
    outcome = built("index", "verify")
    assert 0 == outcome.code
    assert "4 articles" in outcome.out
    assert "all is well" in outcome.out


def test_verify_of_a_damaged_index_is_exit_1_and_names_the_file(built, home):
    """A flipped bit is found; JSON stays whole, and what to do stands on standard error."""
    file = max(home.glob("indexes/default/generations/*/vectors*"), key=lambda path: path.stat().st_size)
    flip(file, file.stat().st_size // 2)
    outcome = built("index", "verify", "--format", "json")
    assert 1 == outcome.code
    assert any(file.name in problem for problem in outcome.json()["problems"])
    assert "Next: semsearch index rollback" in outcome.err


def test_a_file_that_is_cut_off_loses_at_least_one(call, home):
    """What is whole is live, and the loss is told on standard error as the least number."""
    file = home / "cut.jsonl"
    write_lines(file, ARTICLES)
    file.write_bytes(file.read_bytes()[:-20])
    outcome = call("index", "build", "cut.jsonl", "--format", "json")
    report = outcome.json()
    assert (0, 3, 1, False) == (outcome.code, report["articles"], report["lost"], report["lost_is_exact"])
    assert "Warning: at least 1 record could not be read" in outcome.err
    assert "cut.jsonl:4: not valid JSON" in outcome.err


def test_a_file_that_gives_nothing_is_named(call, home):
    """The build is refused, and says why; with a flag all its rows are counted."""
    write_lines(home / "good.jsonl", ARTICLES)
    (home / "new.csv").write_text("Nummer;Inhalt\n" + "1;Text\n" * 16)
    refused = call("index", "build", "good.jsonl", "new.csv")
    assert 1 == refused.code
    assert "new.csv: nothing could be read" in " ".join(refused.err.split())
    assert "no column is a title or a body" in " ".join(refused.err.split())
    outcome = call("index", "build", "good.jsonl", "new.csv", "--allow-loss", "--format", "json")
    assert (16, ["new.csv"]) == (outcome.json()["lost"], outcome.json()["unread"])
    assert "Warning: 16 articles were rejected" in outcome.err
    assert "Warning: new.csv: no article could be taken from this file." in outcome.err


def test_file_names_and_arguments_that_are_not_utf_8(call, home):
    """Latin-1 names are read, and Latin-1 arguments are words; nothing is a traceback."""
    folder = os.fsencode(home / "in")
    os.mkdir(folder)
    for name in (b"caf\xe9.txt", b"caf\xe8.txt", b"x\xe9.unknown"):
        with open(folder + b"/" + name, "wb") as file:
            file.write(b"A title\n\nThe council met in the village hall.\n")
    assert 0 == call("index", "build", "in").code
    assert 0 == call("index", "build", os.fsdecode(b"in/caf\xe9.txt"), "--index", "one").code
    assert 0 == call("search", os.fsdecode(b"caf\xe9")).code
    assert "café" in call("articles", "show", os.fsdecode(b"caf\xe9")).out
    missing = call("articles", "delete", os.fsdecode(b"\xff\xfe"))
    assert (1, "semsearch: not in the index: ÿþ") == (missing.code, missing.err.strip())
    refused = call("index", "build", "in", "--indexes", os.fsdecode(b"ind\xe9"))
    assert 0 == refused.code
    os.mkdir(os.fsencode(home) + b"/odd\xe9")
    refused = call("index", "build", "in", "--indexes", os.fsdecode(b"odd\xe9"))
    assert 1 == refused.code
    assert "has a name that is not UTF-8" in refused.err
