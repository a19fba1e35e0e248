"""Nothing leaves the machine that was not configured: seen by the calls that programs make to the kernel."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from semsearch.encoder.silence import silence_libraries

ROOT = Path(__file__).resolve().parents[1]
# Libraries that send something by themselves unless they are told not to.
TALKATIVE = {"onnxruntime", "huggingface_hub", "transformers", "sentence_transformers", "optimum"}
CALLS = "connect,sendto,sendmsg,sendmmsg"
SECONDS = 60  # the first look-ups came 10 and 45 seconds after a session of ONNX Runtime was opened
_TO = re.compile(r"sin6?_port=htons\((\d+)\).*?(?:inet_addr\(|inet_pton\(AF_INET6, )\"([^\"]+)\"")

COMMAND = (sys.executable, "-c", "from semsearch_cli.app import main; main()")
LIBRARY = """
import sys, time
from pathlib import Path
from semsearch import Engine, Settings
engine = Engine(Settings(indexes=Path("indexes")))
engine.searcher
print(len(engine.encoder.encode_queries(["a harbour"])), flush=True)
sys.stdin.read()
"""


def sent_to(trace: str) -> set[tuple[str, int]]:
    """Internet addresses and ports that something was sent or connected to, by the lines of strace."""
    return {
        (found[2], int(found[1]))
        for line in trace.splitlines()
        if "AF_INET" in line and (found := _TO.search(line)) is not None
    }


def test_a_look_up_in_a_trace_is_seen():
    """Connections and single messages, of both families; sockets of this machine's own are none."""
    trace = """
7 connect(5, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT (No such file)
7 connect(5, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.53")}, 16) = 0
8 sendto(5, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(54), sin_addr=inet_addr("192.0.2.54")}, 16) = 1
9 connect(5, {sa_family=AF_INET6, sin6_port=htons(443), inet_pton(AF_INET6, "2001:db8::1", &a)}, 28 <unf
"""
    assert {("192.0.2.53", 53), ("192.0.2.54", 54), ("2001:db8::1", 443)} == sent_to(trace)


def test_whoever_imports_a_talkative_library_silences_it_first():
    """In every module, also within functions."""
    found = 0
    for path in (*ROOT.glob("src/**/*.py"), *ROOT.glob("cli/**/*.py")):
        text = path.read_text("utf-8")
        tree = ast.parse(text)
        typing = {
            id(one)
            for node in ast.walk(tree)
            if isinstance(node, ast.If)
            for one in ast.walk(node)
            if ast.unparse(node.test) == "TYPE_CHECKING"
        }
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if id(node) not in typing and {name.split(".")[0] for name in names} & TALKATIVE:
                found += 1
                assert "silence_libraries()" in text, f"{path} imports {names}"
    assert found >= 4


def test_what_the_operator_set_stays(monkeypatch):
    """Whoever wants to send something may."""
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    monkeypatch.delenv("HF_HUB_DISABLE_TELEMETRY", raising=False)
    silence_libraries()
    assert ("0", "1") == (os.environ["ORT_DISABLE_TELEMETRY"], os.environ["HF_HUB_DISABLE_TELEMETRY"])


class Traced:
    """Programs under strace in one folder, with a home of their own and no sign of a test run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        more = {name: value for name, value in os.environ.items() if name.startswith("ORT_")}
        path = os.pathsep.join([str(ROOT / "src"), str(ROOT / "cli"), os.environ.get("PYTHONPATH", "")])
        self.environ = {**kept, **more, "HOME": str(self.home), "PYTHONPATH": path}
        self.processes: list[subprocess.Popen[str]] = []

    def start(self, name: str, *command: str) -> subprocess.Popen[str]:
        """Start a program whose calls are written to ``name``.trace."""
        strace = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", f"trace={CALLS}", "-o", f"{name}.trace")
        process = subprocess.Popen(
            [*strace, *command],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.folder / f"{name}.log").open("w"),
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def run(self, name: str, *command: str) -> str:
        """What a program prints; it must succeed."""
        process = self.start(name, *command)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, (self.folder / f"{name}.log").read_text()
        return said

    def stop(self) -> None:
        """End what still runs, in its order."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(60)
            for stream in (process.stdin, process.stdout):
                assert stream is not None
                stream.close()


@pytest.fixture
def traced(tmp_path: Path):
    """Programs under strace, stopped at the end."""
    made = Traced(tmp_path)
    try:
        yield made
    finally:
        made.stop()


@pytest.mark.slow
@pytest.mark.model
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_build_search_serve_and_library_reach_nobody(traced: Traced):
    """Two workers, a command and a program of the user's, for longer than telemetry waits: no look-up."""
    lines = [
        {"id": f"a{n}", "title": f"Harbour {n}", "body": f"The harbour wall {n} is high."} for n in range(9)
    ]
    (traced.folder / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    traced.run("build", *COMMAND, "index", "build", "a.jsonl")
    serving = traced.start("serve", *COMMAND, "serve", "--workers", "2", "--port", "0", "--format", "json")
    library = traced.start("library", sys.executable, "-c", LIBRARY)
    assert serving.stdout is not None
    assert library.stdout is not None
    address = json.loads(serving.stdout.readline())["address"]
    assert "1" == library.stdout.readline().strip()
    ends = time.monotonic() + SECONDS
    assert "a1" in traced.run("search", *COMMAND, "search", "harbour wall 1", "--format", "json")
    while time.monotonic() < ends:
        with urllib.request.urlopen(f"{address}v1/search?q=wall+{time.monotonic_ns()}", timeout=20) as answer:
            assert json.load(answer)["hits"]
        time.sleep(1)
    assert serving.poll() is None
    assert library.poll() is None
    traced.stop()
    port = int(address.rstrip("/").rpartition(":")[2])
    reached = {
        (path.stem, *where)
        for path in traced.folder.glob("*.trace")
        for where in sent_to(path.read_text("utf-8", "replace"))
        if where != ("127.0.0.1", port)
    }
    assert set() == reached
    assert {"build", "serve", "library", "search"} == {path.stem for path in traced.folder.glob("*.trace")}
    assert [] == list(traced.home.glob(".cache/Microsoft"))
