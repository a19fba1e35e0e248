"""A real Ghost on 127.0.0.1 with a MariaDB of its own, for as long as a test needs it.

Ghost comes from npm once, into a cache; nothing is compiled. It needs Node 18, 20 or 22 with npm, and
MariaDB (``mariadb-server`` of Debian). Everything else is made in a folder that the test gives.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

VERSION = "5.130.6"  # the last 5.x; 6.x asks for Node 22
OWNER = {
    "name": "Edda Holm",
    "email": "edda@example.org",
    "password": "quay-and-crane-7",
    "blogTitle": "Quayside",
}
_SECONDS = 180.0  # for the first start, which makes all tables


def missing() -> str:
    """What the machine lacks, in words; empty if it has all of it."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    programs = ("node", "npm", "mariadbd", "mariadb", "mariadb-install-db")
    return ", ".join(name for name in programs if shutil.which(name, path=path) is None)


def cache() -> Path:
    """Where what was fetched is kept: SEMSEARCH_REAL_CACHE, or a folder in the user's cache."""
    given = os.environ.get("SEMSEARCH_REAL_CACHE")
    return Path(given) if given else Path.home() / ".cache" / "semsearch-real"


def package() -> Path:
    """Ghost with all it needs, fetched where it is not there yet (some minutes)."""
    target = cache() / f"ghost-{VERSION}"
    if target.is_dir():
        return target
    cache().mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=cache(), prefix="ghost-part-"))
    subprocess.run(
        ["npm", "pack", "--silent", f"ghost@{VERSION}"], cwd=part, check=True, stdout=subprocess.DEVNULL
    )
    with tarfile.open(part / f"ghost-{VERSION}.tgz") as archive:
        archive.extractall(part, filter="data")
    described = part / "package" / "package.json"
    facts = json.loads(described.read_text())
    facts.pop("devDependencies", None)  # one of them is in no registry
    needed = facts["dependencies"]
    facts["overrides"] = {  # npm's word for yarn's resolutions
        name: f"${name}" if name in needed else version
        for name, version in facts.get("resolutions", {}).items()
    }
    described.write_text(json.dumps(facts))
    quiet = (
        "--omit=dev",
        "--legacy-peer-deps",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    )
    subprocess.run(["npm", "install", *quiet], cwd=part / "package", check=True, stdout=subprocess.DEVNULL)
    (part / "package").rename(target)
    shutil.rmtree(part)
    return target


@dataclass(frozen=True)
class Ghost:
    """A site that runs: its ``url``, and its interfaces as the owner uses them."""

    url: str
    client: httpx.Client
    key: str
    socket: Path

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> dict[str, object]:
        """The answer of the Admin API, with the key of an integration."""
        number, secret = self.key.split(":")
        now = int(time.time())
        claims = {"iat": now, "exp": now + 240, "aud": "/admin/"}
        head = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': number})}.{_part(claims)}"
        signed = hmac.new(bytes.fromhex(secret), head.encode(), hashlib.sha256).digest()
        token = f"{head}.{base64.urlsafe_b64encode(signed).decode().rstrip('=')}"
        return self._told(httpx.request(
            method, f"{self.url}/ghost/api/admin/{path}", json=body, timeout=60, trust_env=False,
            headers={"Authorization": f"Ghost {token}"},
        ))  # fmt: skip

    def ask_as_owner(self, method: str, path: str, **more: object) -> dict[str, object]:
        """The answer of the Admin API with the owner's session: what an integration may not do."""
        return self._told(self.client.request(method, f"/ghost/api/admin/{path}", **more))  # type: ignore[arg-type]

    def activate(self, theme: str) -> None:
        """Show the site in another theme."""
        self.ask("PUT", f"themes/{theme}/activate/")

    def rows(self, query: str) -> list[dict[str, object]]:
        """The rows of a query that selects one JSON object each, from the database itself."""
        run = [
            "mariadb",
            "--no-defaults",
            "--default-character-set=utf8mb4",
            "-uroot",
            f"--socket={self.socket}",
            "-N",
            "-r",
            "ghost",
            "-e",
            query,
        ]
        told = subprocess.run(run, check=True, capture_output=True, text=True).stdout
        return [json.loads(line) for line in told.splitlines()]

    @staticmethod
    def _told(answer: httpx.Response) -> dict[str, object]:
        assert answer.is_success, (
            f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:500]}"
        )
        return answer.json() if answer.text.startswith("{") else {}


def _part(value: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@contextmanager
def running(folder: Path) -> Iterator[Ghost]:
    """A fresh site with an owner; it and its database end with the block."""
    app = package()
    os.environ["PATH"] = f"{os.environ.get('PATH', '')}:/usr/sbin"
    short = Path(tempfile.mkdtemp(prefix="gh-"))  # the path of a socket has 107 bytes at most
    processes: list[subprocess.Popen[bytes]] = []
    try:
        with (folder / "db.log").open("wb") as log:
            processes.append(_database(folder, short / "s", log))
        port = _free_port()
        url = f"http://127.0.0.1:{port}"
        shutil.copytree(app / "content", folder / "content")
        (folder / "current").symlink_to(app)
        (folder / "config.production.json").write_text(json.dumps(_config(url, port, folder, short / "s")))
        with (folder / "ghost.log").open("wb") as log:
            command = ["node", "current/index.js"]
            environment = {**os.environ, "NODE_ENV": "production"}
            processes.append(subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log))
        _wait(
            lambda: httpx.get(f"{url}/ghost/api/admin/site/", trust_env=False).is_success, processes, folder
        )
        with httpx.Client(base_url=url, headers={"Origin": url}, timeout=60, trust_env=False) as client:
            yield Ghost(url, client, _set_up(client), short / "s")
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            process.wait(60)
        shutil.rmtree(short, ignore_errors=True)


def _database(folder: Path, at: Path, log: object) -> subprocess.Popen[bytes]:
    data, user = folder / "db", os.environ.get("USER") or "root"
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--user={user}", f"--datadir={data}",
         "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True, stdout=log, stderr=log,
    )  # fmt: skip
    process = subprocess.Popen(
        ["mariadbd", "--no-defaults", f"--user={user}", f"--datadir={data}", f"--socket={at}",
         f"--pid-file={folder / 'db.pid'}", "--skip-networking", "--innodb-flush-log-at-trx-commit=0",
         "--innodb-buffer-pool-size=64M"],
        stdout=log, stderr=log,
    )  # fmt: skip
    make = [
        "mariadb",
        "--no-defaults",
        "-uroot",
        f"--socket={at}",
        "-e",
        "CREATE DATABASE ghost CHARACTER SET utf8mb4",
    ]
    _wait(lambda: subprocess.run(make, check=False, capture_output=True).returncode == 0, [process], folder)
    return process


def _config(url: str, port: int, folder: Path, at: Path) -> dict[str, object]:
    connection = {"socketPath": str(at), "user": "root", "password": "", "database": "ghost"}
    return {
        "url": url, "server": {"host": "127.0.0.1", "port": port},
        "database": {"client": "mysql", "connection": connection},
        "paths": {"contentPath": str(folder / "content")},
        "mail": {"transport": "stub", "from": OWNER["email"]}, "security": {"staffDeviceVerification": False},
        "privacy": {"useUpdateCheck": False, "useGravatar": False, "useRpcPing": False},
        "imageOptimization": {"resize": False}, "logging": {"level": "error", "transports": ["stdout"]},
    }  # fmt: skip


def _set_up(client: httpx.Client) -> str:
    """Make the owner, open a session, and return the key of an integration."""
    Ghost._told(client.post("/ghost/api/admin/authentication/setup/", json={"setup": [OWNER]}))
    login = {"username": OWNER["email"], "password": OWNER["password"]}
    answer = client.post("/ghost/api/admin/session/", json=login)
    assert answer.is_success, answer.text[:500]
    made = Ghost._told(
        client.post(
            "/ghost/api/admin/integrations/?include=api_keys", json={"integrations": [{"name": "tour"}]}
        )
    )
    keys = {key["type"]: key for key in made["integrations"][0]["api_keys"]}  # type: ignore[index]
    admin = keys["admin"]
    return admin["secret"] if ":" in admin["secret"] else f"{admin['id']}:{admin['secret']}"


def _wait(is_done: object, processes: list[subprocess.Popen[bytes]], folder: Path) -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        for process in processes:
            assert process.poll() is None, f"a process ended; see the logs in {folder}"
        try:
            if is_done():  # type: ignore[operator]
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise AssertionError(f"nothing answers; see the logs in {folder}")


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
