"""Running the service: where it may listen, how settings reach the workers, start and stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from semsearch.errors import SettingsInvalid
from semsearch.options import EncoderOptions, PassageOptions, ServiceOptions
from semsearch.service.serve import check_bind, is_loopback, serve, settings_environ
from semsearch.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running(code: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that runs ``code``; it is stopped at the end."""
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(ROOT)]),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=(folder / "log").open("w"),
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        assert process.stdout is not None
        process.stdout.close()


def read(address: str) -> str:
    """The text at an address."""
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read(), "utf-8")


def ask(address: str) -> tuple[int, Any]:
    """Status and JSON of an address."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


class TestBind:
    @pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
    def test_this_machine(self, host: str) -> None:
        """Addresses of this machine alone need no word."""
        check_bind(host, allowed=False)

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "news.example", ""])
    def test_others(self, host: str) -> None:
        """An address that others can reach is refused, with the way out, unless told to be open."""
        assert not is_loopback(host)
        with pytest.raises(SettingsInvalid, match=r"service\.open = true"):
            serve(Settings(), host=host, port=0)
        check_bind(host, allowed=True)
        check_bind(host, allowed=False, keys=True)

    def test_port_in_use(self) -> None:
        """A port in use is told with both values."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(SettingsInvalid, match=f"127.0.0.1 port {port}"):
                serve(Settings(), port=port)

    @pytest.mark.parametrize(
        ("host", "port", "words"),
        [
            ("127.0.0.1", 99_999, "give 0 to 65535"),
            ("127.0.0.999", 0, "cannot listen"),
            ("192.0.2.1", 0, "cannot listen"),
        ],
    )
    def test_no_such_address(self, host: str, port: int, words: str) -> None:
        """An address that cannot be is told."""
        with pytest.raises(SettingsInvalid, match=words):
            serve(replace(Settings(), service=ServiceOptions(open=True)), host=host, port=port)

    def test_no_workers(self) -> None:
        """No workers is refused."""
        with pytest.raises(SettingsInvalid, match="workers is 0"):
            serve(Settings(), port=0, workers=0)


def test_settings_reach_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the variables of some settings the same settings are made again."""
    monkeypatch.chdir(tmp_path)
    settings = Settings(
        indexes=tmp_path / "in dexes",
        index="news",
        encoder=EncoderOptions(query_prompt="query: "),
        passages=PassageOptions(tokens=100),
        service=ServiceOptions(open=True, max_waiting=3),
    )
    assert settings == load_settings(environ=settings_environ(settings))


SERVE_FAKE = """
    import semsearch.engine
    from tests.service.fakes import FakeEngine, an_article
    from semsearch.service.serve import serve
    from semsearch.settings import Settings

    semsearch.engine.Engine = lambda settings, **_: FakeEngine([an_article(n) for n in range(3)])
    serve(Settings(), port=0, ready_callback=lambda address: print(address, flush=True))
"""


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_one_process(tmp_path: Path, stop: signal.Signals) -> None:
    """The address is told once searches are answered there; a signal stops the service in order."""
    with running(SERVE_FAKE, tmp_path) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        status, body = ask(f"{address}/v1/search?q=court")
        assert (200, 2) == (status, body["total"])
        process.send_signal(stop)
        code = process.wait(30)
    log = (tmp_path / "log").read_text()
    assert code in {0, -stop}, log
    assert "GET /v1/search 200" in log
    assert "Traceback" not in log


SERVE_WORKERS = """
    from semsearch.service.serve import serve
    from semsearch.settings import Settings

    if __name__ == "__main__":
        serve(Settings(index="none-of-this-name"), port={port}, workers=2)
"""


@pytest.mark.slow
def test_workers(tmp_path: Path) -> None:
    """Several workers start without an index, say what is missing, count together and stop together."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with running(SERVE_WORKERS.format(port=port), tmp_path) as process:
        deadline = time.monotonic() + 60
        while True:
            try:
                status, body = ask(f"{address}/health/ready")
                if "none-of-this-name" in str(body["reason"]):
                    break
            except OSError:
                pass
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.2)
        assert (503, False) == (status, body["ready"])
        for _ in range(40):
            assert 200 == ask(f"{address}/version")[0]
        # A request is counted just after it is answered, perhaps by the other worker.
        while 'route="/version",status="200"} 40.0' not in (text := read(f"{address}/metrics")):
            assert time.monotonic() < deadline, text
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in {0, -signal.SIGTERM}
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
