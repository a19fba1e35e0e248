"""The file of rules: durable changes with their history, seen by every process, and its faults."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from semsearch.errors import IndexCorrupt, RuleInvalid, RuleNotFound, StorageFailed
from semsearch.index import rules_store
from semsearch.index.rules_store import RuleStore
from semsearch.rules import Rule
from semsearch.ruleset import NO_RULES


@pytest.fixture
def store(tmp_path):
    """A store that nothing was written to."""
    store = RuleStore(tmp_path / "news" / "rules.db")
    yield store
    store.close()


def pin(name="r", **knobs):
    """A pin for a query."""
    return Rule(name, "pin", "query", knobs.pop("articles", ("a",)), query="ferry", **knobs)


def test_reading_makes_nothing(store):
    """No rule was ever made: nothing is created by asking."""
    assert NO_RULES.rules == store.current().rules
    assert ([], []) == (store.all(), store.history())
    with pytest.raises(RuleNotFound, match="'r'"):
        store.get("r")
    with pytest.raises(RuleNotFound):
        store.delete("r", "Ada")
    with pytest.raises(RuleNotFound):
        store.history("r")
    assert not store.path.parent.exists()


def test_who_made_and_changed_a_rule_is_kept(store):
    """Both versions stand in the history, newest first; a rule that is as it was is no change."""
    first, new = store.put(pin(), "Ada")
    assert (True, "Ada", "Ada", 1) == (new, first.made_by, first.changed_by, first.change)
    second, new = store.put(pin(position=2), "Ben")
    assert (False, "Ada", "Ben", 2) == (new, second.made_by, second.changed_by, second.change)
    assert first.made_at == second.made_at <= second.changed_at
    assert (second, False) == store.put(pin(position=2), "Cleo")
    assert [second] == store.all()
    store.delete("r", "Dan")
    kinds = [(one.kind, one.by, one.before, one.after) for one in store.history("r")]
    assert [
        ("deleted", "Dan", pin(position=2), None),
        ("changed", "Ben", pin(), pin(position=2)),
        ("made", "Ada", None, pin()),
    ] == kinds
    assert [3, 2] == [one.change for one in store.history(limit=2)]
    assert [1] == [one.change for one in store.history(before=2)]


def test_a_version_is_put_back(store):
    """What a change made, or what it deleted; this is a change as any other."""
    store.put(pin(), "Ada")
    store.put(pin(position=2), "Ben")
    assert pin() == store.restore("r", 1, "Cleo").rule
    store.delete("r", "Dan")
    assert pin() == store.restore("r", 4, "Eve").rule
    assert ("Eve", "made") == (store.history()[0].by, store.history()[0].kind)
    for rule_id, change in (("r", 99), ("other", 1)):
        with pytest.raises(RuleNotFound, match=f"change {change}"):
            store.restore(rule_id, change, "Eve")


def test_history_and_rules_are_bounded(store, monkeypatch):
    """The oldest changes go first; a rule too many is refused, a change of one that is there is not."""
    monkeypatch.setattr(rules_store, "MAX_HISTORY", 5)
    monkeypatch.setattr(rules_store, "MAX_RULES", 3)
    for number in range(3):
        store.put(pin(f"r{number}"), "Ada")
    with pytest.raises(RuleInvalid, match="3 rules"):
        store.put(pin("r9"), "Ada")
    for position in range(2, 9):
        store.put(pin("r0", position=position), "Ada")
    assert [10, 9, 8, 7, 6] == [one.change for one in store.history()]
    assert {"r0", "r1", "r2"} == {one.rule.id for one in store.all()}
    assert [] == store.history("r1"), "its changes are no longer kept, and the rule is there"


def test_another_connection_sees_a_change_at_once(store):
    """As in another worker: neither restart nor pause; no change, and the set is the same object."""
    other = RuleStore(store.path)
    assert () == other.current().rules
    store.put(pin(), "Ada")
    seen = other.current()
    assert ((pin(),), 1) == (seen.rules, seen.version)
    assert seen is other.current()
    store.delete("r", "Ada")
    assert ((), 2) == (other.current().rules, other.current().version)
    other.close()


def test_another_process_sees_a_change_and_makes_one(store):
    """Two processes on one file."""
    store.put(pin(), "Ada")
    code = (
        "import sys; from pathlib import Path; from semsearch.index.rules_store import RuleStore\n"
        "store = RuleStore(Path(sys.argv[1])); kept = store.all()[0].rule\n"
        "import dataclasses; store.put(dataclasses.replace(kept, position=7), 'other'); store.close()"
    )
    subprocess.run([sys.executable, "-c", code, str(store.path)], check=True, timeout=60)
    assert 7 == store.current().rules[0].position


def test_two_who_write_at_once_lose_nothing(store):
    """Each change is in the history, with what was there before it."""

    def write(name):
        own = RuleStore(store.path)
        for position in range(1, 11):
            own.put(pin("r", position=position, note=name), name)
        own.close()

    threads = [threading.Thread(target=write, args=(name,)) for name in ("Ada", "Ben")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    changes = store.history()[::-1]
    assert {20} == {len(changes)}
    assert [one.after for one in changes[:-1]] == [one.before for one in changes[1:]]


def test_a_change_that_waits_for_another_process_holds_up_no_search(store):
    """While somebody holds the file, a change waits, and what is known can be asked."""
    store.put(pin(), "Ada")
    holder = sqlite3.connect(store.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    waiting = threading.Thread(target=store.put, args=(pin(position=9), "Ben"))
    waiting.start()
    waiting.join(0.1)
    assert (1, True) == (store.current().rules[0].position, waiting.is_alive())
    holder.execute("ROLLBACK")
    holder.close()
    waiting.join()
    assert 9 == store.current().rules[0].position


def test_the_last_known_rules_hold_on_while_the_file_is_damaged(store, caplog):
    """What is hidden stays hidden; a new process says what is wrong and shows nothing that may be hidden."""
    store.put(Rule("h", "hide", "everywhere", ("a",)), "Ada")
    store.current()
    store.close()
    for ending in ("-wal", "-shm"):
        store.path.with_name(store.path.name + ending).unlink(missing_ok=True)
    store.path.write_bytes(b"no database at all, and longer than the header of one" * 100)
    assert ["h"] == [one.id for one in store.current().rules]
    assert "last known" in caplog.text
    fresh = RuleStore(store.path)
    with pytest.raises(IndexCorrupt, match=r"rules\.db"):
        fresh.current()
    with pytest.raises(IndexCorrupt, match="put back a copy"):
        fresh.put(pin(), "Ada")


def test_a_copy_that_is_put_back_is_read(store, tmp_path):
    """Another file under the same name, even one with as many changes."""
    store.put(pin(), "Ada")
    store.close()
    saved = tmp_path / "saved.db"
    shutil.copy(store.path, saved)
    store.put(pin(position=2), "Ada")
    elsewhere = RuleStore(saved)
    elsewhere.put(pin(position=3), "Ben")
    elsewhere.close()
    assert 2 == store.current().rules[0].position
    store.close()
    os.replace(saved, store.path)
    assert (3, 2) == (store.current().rules[0].position, store.current().version)
    store.close()
    store.path.unlink()
    assert () == store.current().rules


def test_a_rule_of_a_newer_version_is_told(store):
    """A field that is not known is no traceback."""
    store.put(pin(), "Ada")
    store.close()
    connection = sqlite3.connect(store.path)
    connection.execute("UPDATE rules SET body = replace(body, '\"note\"', '\"colour\"')")
    connection.commit()
    connection.close()
    with pytest.raises(IndexCorrupt, match="newer"):
        RuleStore(store.path).current()


def test_a_folder_that_cannot_be_written_is_read(store, monkeypatch):
    """A service over a read-only mount has the rules that are there, and says why it keeps no other."""
    store.put(pin(), "Ada")
    store.close()
    monkeypatch.setattr(rules_store.os, "access", lambda *_: False)
    reader = RuleStore(store.path)
    assert (pin(),) == reader.current().rules
    with pytest.raises(StorageFailed, match="readonly"):
        reader.put(pin("other"), "Ada")
    reader.close()


@pytest.mark.parametrize(("point", "survives"), [("rules:before", False), ("rules:after", True)])
def test_a_kill_loses_nothing_that_was_acknowledged(store, point, survives):
    """Killed before its end a change is not there at all, neither rule nor history; after it, both are."""
    store.put(pin(), "Ada")
    code = (
        "import sys; from pathlib import Path; from semsearch.rules import Rule\n"
        "from semsearch.index.rules_store import RuleStore\n"
        "RuleStore(Path(sys.argv[1])).put(Rule('k', 'hide', 'search', ('a',)), 'killed')"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code, str(store.path)],
        env={**os.environ, "SEMSEARCH_FAILPOINT": point},
        check=False,
        timeout=60,
    )
    assert -9 == killed.returncode
    expected = {"r", "k"} if survives else {"r"}
    assert expected == {one.rule.id for one in store.all()}
    assert expected == {one.id for one in store.history()}
    assert expected == {one.id for one in store.current().rules}


class Changes(RuleBasedStateMachine):
    """Any order of changes, through two connections, against a plain dictionary and a plain list."""

    @initialize(number=st.integers())
    def begin(self, number):
        """A fresh file for each run."""
        import tempfile

        self.folder = Path(tempfile.mkdtemp(prefix="rules-"))
        self.stores = [RuleStore(self.folder / "rules.db") for _ in range(2)]
        self.held: dict[str, Rule] = {}
        self.log: list[tuple[str, Rule | None, Rule | None]] = []

    @rule(which=st.integers(0, 1), name=st.sampled_from("abc"), position=st.integers(1, 3))
    def put(self, which, name, position):
        """A change is one where something differs."""
        made = replace(pin(name), position=position)
        _, new = self.stores[which].put(made, "x")
        assert new == (name not in self.held)
        if self.held.get(name) != made:
            self.log.append((name, self.held.get(name), made))
        self.held[name] = made

    @rule(which=st.integers(0, 1), name=st.sampled_from("abc"))
    def delete(self, which, name):
        """What is not there is told."""
        if name not in self.held:
            with pytest.raises(RuleNotFound):
                self.stores[which].delete(name, "x")
            return
        self.stores[which].delete(name, "x")
        self.log.append((name, self.held.pop(name), None))

    @rule(which=st.integers(0, 1), back=st.integers(1, 5))
    def restore(self, which, back):
        """A version of the past, of whichever rule."""
        if len(self.log) < back:
            return
        name, before, after = self.log[-back]
        version = after or before
        change = len(self.log) - back + 1
        assert version == self.stores[which].restore(name, change, "x").rule
        if self.held.get(name) != version:
            self.log.append((name, self.held.get(name), version))
        self.held[name] = version

    @invariant()
    def both_agree(self):
        """Both connections hold what the dictionary and the list hold."""
        for store in getattr(self, "stores", ()):
            assert self.held == {one.id: one for one in store.current().rules}
            assert self.log == [(one.id, one.before, one.after) for one in store.history()[::-1]]

    def teardown(self):
        """Leave nothing behind."""
        for store in getattr(self, "stores", ()):
            store.close()
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
