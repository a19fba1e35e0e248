"""What the doctor looks at, and what it says."""

import socket
from types import SimpleNamespace

import pytest

from semsearch_cli import checks
from semsearch_cli.serve import port_problem


def states(outcome):
    """The state of each check by its name."""
    return {check["name"]: check["state"] for check in outcome.json()["checks"]}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """The packaged model is hashed once in a test of its own."""
    monkeypatch.setattr(
        checks, "_model", lambda settings: iter([checks.Check("model", "ok", "not looked at")])
    )


def test_all_is_well_beside_a_built_index(built):
    """Exit 0; each check has one line."""
    outcome = built("doctor")
    assert 0 == outcome.code, outcome.out
    for name in ("python", "packages", "model", "encoder", "folder", "disk", "locks", "index", "port"):
        assert f"{name}: " in outcome.out


def test_without_an_index_the_doctor_warns_and_says_how_to_build_one(call):
    """A new installation is not ill."""
    outcome = call("doctor", "--format", "json")
    assert 0 == outcome.code
    assert "warn" == states(outcome)["index"]
    assert "semsearch index build" in outcome.out


def test_a_damaged_index_fails(built, home):
    """Exit 1, with the words of the error that a search would give."""
    (home / "indexes" / "default" / "current").write_text("nonsense\n", "utf-8")
    outcome = built("doctor", "--format", "json")
    assert (1, False) == (outcome.code, outcome.json()["ok"])
    assert "fail" == states(outcome)["index"]


def test_a_taken_port_is_a_warning(call, monkeypatch):
    """The service may simply be running."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("SEMSEARCH_SERVICE_PORT", str(server.getsockname()[1]))
        assert "another program is listening there" == port_problem("127.0.0.1", server.getsockname()[1])
        assert "warn" == states(call("doctor", "--format", "json"))["port"]


@pytest.mark.parametrize(("free", "state"), [(10**8 - 1, "fail"), (10**9, "warn"), (10**10, "ok")])
def test_little_disk_is_a_warning_and_hardly_any_a_failure(call, monkeypatch, free, state):
    """Below two thresholds the state changes."""
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert state == states(call("doctor", "--format", "json"))["disk"]


def test_a_held_lock_is_named(built, home):
    """A build at work elsewhere is seen."""
    from semsearch.index.locks import exclusive

    with exclusive(home / "indexes" / "default" / "build.lock", "a test"):
        outcome = built("doctor", "--format", "json")
    assert "warn" == states(outcome)["locks"]
    assert "build.lock" in outcome.out


def test_a_check_that_breaks_is_a_failure_and_not_the_end(call, monkeypatch):
    """The others are still made."""

    def _broken(settings):
        raise RuntimeError("no such thing")
        yield

    monkeypatch.setattr(checks, "_model", _broken)
    outcome = call("doctor", "--format", "json")
    assert 1 == outcome.code
    assert "RuntimeError: no such thing" in outcome.out
    assert "port" in states(outcome)


def test_a_folder_that_cannot_be_made_fails(call, home):
    """A file where the folder should be is found out before a build is tried."""
    (home / "indexes").write_text("a file", "utf-8")
    assert "fail" == states(call("doctor", "--format", "json"))["folder"]


def test_missing_packages_are_named(call, monkeypatch):
    """The requirement is given as it has to be installed."""
    monkeypatch.setattr(
        checks.metadata, "requires", lambda name: ["no-such-package>=2", 'pytest>=9; extra == "dev"']
    )
    outcome = call("doctor", "--format", "json")
    assert "missing: no-such-package>=2" in outcome.out
