"""Serving and the demo from the command line."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from semsearch.errors import SettingsInvalid
from semsearch_cli import demo
from semsearch_cli.common import find_settings
from semsearch_cli.serve import check_port, free_port


@pytest.fixture
def taken():
    """A port at which a program listens already."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_taken_port_is_told_before_anything_is_loaded(call, taken):
    """The message names the address and the option."""
    for command in (["serve"], ["demo"]):
        outcome = call(*command, "--port", str(taken))
        assert (1, "") == (outcome.code, outcome.out)
        assert (
            f"semsearch: cannot listen on 127.0.0.1 port {taken}: another program is listening there"
            in outcome.err
        )
        assert "--port" in outcome.err


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 70_000), ("no.such.host.invalid", 8000), ("192.0.2.1", 8000)]
)
def test_an_address_that_is_none_is_told(host, port):
    """A port out of range, a host that is unknown, an address of another machine."""
    with pytest.raises(SettingsInvalid, match=f"cannot listen on {host} port {port}"):
        check_port(host, port)


def test_free_port_passes_over_taken_ones(taken):
    """The first free one from the one that was asked for."""
    assert taken < free_port("127.0.0.1", taken)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "news.example"])
def test_an_address_that_others_reach_needs_a_word(call, host):
    """Nobody opens the archive to the world by mistake."""
    outcome = call("serve", "--host", host)
    assert 1 == outcome.code
    assert f"{host!r}, which other machines can reach" in outcome.err


def test_demo_builds_once(call, home, encoder):
    """The second time the index is there already; the sample is what was packaged."""
    assert {"index": "demo", "indexes": "indexes", "built": True} == call(
        "demo", "--no-serve", "--format", "json"
    ).json()
    encoded = encoder.encoded
    assert encoded > 60
    assert call("demo", "--no-serve", "--format", "json").json()["built"] is False
    assert encoded == encoder.encoded
    assert call("index", "status", "--index", "demo", "--format", "json").json()["articles"] >= 60


def test_demo_builds_again_where_its_index_is_damaged_or_of_another_version(call, home, monkeypatch):
    """It works on the next try too, whatever happened to the folder."""
    settings = find_settings("demo", None)
    assert demo.build_demo(settings)
    (home / "indexes" / "demo" / "current").write_text("nonsense\n", "utf-8")
    assert demo.build_demo(settings)
    assert not demo.build_demo(settings)
    monkeypatch.setattr("semsearch.__version__", "99.0")
    assert demo.build_demo(settings)


def answer(address: str, path: str, seconds: float = 60.0) -> dict[str, object]:
    """The JSON at a path, asked again until it is there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address + path, timeout=10) as response:
                return json.load(response)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.model
def test_demo_answers_at_the_address_that_it_prints_and_ends_with_ctrl_c(home):
    """The whole way with the real model: build, serve, search, stop; nothing goes on running."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEMSEARCH_")}
    program = Path(sys.executable).with_name("semsearch")
    command = [str(program), "demo", "--format", "json", "--port", str(free_port("127.0.0.1", 18_000))]
    with subprocess.Popen(
        command, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            address = json.loads(line)["address"]
            assert answer(address, "v1/search?q=school&limit=3")["hits"]
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
    assert 0 == process.returncode
