"""The documents' recipes for nginx, with nginx itself before the real server."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from semsearch.settings import Settings
from tests.service.fakes import FakeEngine, an_article
from tests.service.real_server import ask, serving

DOCS = Path(__file__).parents[2] / "docs"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (apt-get install nginx-light)")

IDS = (
    "https://valley.example/2026/ferry-returns/",
    "https://valley.example/2026/ferry-returns/part-2",
    "https://valley.example/2026/half-100%25-full/",
    "https://valley.example/%d9%85%d8%b1/",
    "https://valley.example/%D9%83%D8%AA/",
    "https://valley.example/story?nr=12&page=2",
    "https://cache.example/of/https://valley.example/old",
    "fähre/zurück im hafen",
    "posts/a b",
    "船/再开",
    "c#sharp",
    "plain-7",
)
PLAIN = [one for one in IDS if not re.search(r"[?#%]", one)]

CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    ssi on; ssi_types *; root {folder}/www;
    {locations}
  }}
}}
"""


def snippet(page: str) -> str:
    """The recipe of a document."""
    found = re.search(r"```nginx\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@contextmanager
def nginx(folder: Path, page: str, service: int) -> Iterator[int]:
    """The port of an nginx that has a document's recipe before a service's port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    (folder / "www").mkdir(exist_ok=True)
    locations = snippet(page).replace("127.0.0.1:8000", f"127.0.0.1:{service}")
    config = folder / "nginx.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, locations=locations), "utf-8")
    assert NGINX is not None
    process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")])
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "error.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def an_engine() -> FakeEngine:
    """One article by each id."""
    return FakeEngine([an_article(number, id=one) for number, one in enumerate(IDS)])


class TestIncluded:
    """The recipe of docs/integrations.md: nginx puts the list into a page."""

    def including(self, folder: Path, written: str) -> str:
        """A page that includes the list of an id as it is written; its address."""
        page = f'<p>before</p><!--# include virtual="/related/{written}" --><p>after</p>'
        (folder / "www").mkdir(exist_ok=True)
        (folder / "www" / "page.html").write_text(page, "utf-8")
        return "/page.html"

    def test_the_list_of_every_id(self, tmp_path: Path) -> None:
        """Whatever an id holds, the list under its article stands in the page."""
        with serving(Settings(), an_engine()) as service, nginx(tmp_path, "integrations.md", service) as port:
            for one in IDS:
                _, _, body = ask(port, "GET", self.including(tmp_path, quote(one, safe="")))
                assert 1 == body.count(b'<aside class="semsearch-related'), one
                assert 5 == body.count(b"<li"), one
            for one in PLAIN:
                _, _, body = ask(port, "GET", self.including(tmp_path, one))
                assert 5 == body.count(b"<li"), one

    def test_or_nothing(self, tmp_path: Path) -> None:
        """An unknown article, an id that cannot be, wrong options, or no service: nothing stands there."""
        with serving(Settings(), an_engine()) as service, nginx(tmp_path, "integrations.md", service) as port:
            for written in (
                "nowhere",
                "x" * 200,
                "caf%E9",
                "plain-7?colour=red",
                "story?nr=12&page=2",
            ):
                _, _, body = ask(port, "GET", self.including(tmp_path, written))
                assert b"<p>before</p><p>after</p>" == body, written
        with nginx(tmp_path, "integrations.md", 9) as port:
            _, _, body = ask(port, "GET", self.including(tmp_path, "plain-7"))
            assert b"<p>before</p><p>after</p>" == body


class TestBelowAPath:
    """The recipe of docs/proxies.md: the whole service below a path."""

    def test_every_id_is_found(self, tmp_path: Path) -> None:
        """Articles, their lists and their pages are found by ids that nginx has changed."""
        with serving(Settings(), an_engine()) as service, nginx(tmp_path, "proxies.md", service) as port:
            for number, one in enumerate(IDS):
                named = quote(one, safe="")
                status, _, body = ask(port, "GET", f"/search/v1/articles/{named}")
                assert (200, one) == (status, json.loads(body).get("id")), one
                found = json.loads(ask(port, "GET", f"/search/v1/articles/{named}/related")[2])
                assert found["fallback"] is None, one
                assert one not in {hit["id"] for hit in found["hits"]}
                assert b"<aside" in ask(port, "GET", f"/search/v1/articles/{named}/related.html")[2], one
                for method in ("GET", "HEAD"):
                    assert 200 == ask(port, method, f"/search/articles/{named}")[0], one
                title = an_article(number).title.encode()
                assert title in ask(port, "GET", f"/search/articles/{named}")[2], one

    def test_links_of_pages_lead_on(self, tmp_path: Path) -> None:
        """A link that a page of the service writes is found behind the same nginx."""
        plain = [an_article(number, id=one, url=None) for number, one in enumerate(IDS)]
        settings = Settings()
        with (
            serving(settings, FakeEngine(plain)) as service,
            nginx(tmp_path, "proxies.md", service) as port,
        ):
            links = re.findall(r'href="(/articles/[^"]+)"', ask(port, "GET", "/search/")[2].decode())
            assert len(links) >= 10
            for link in links:
                assert 200 == ask(port, "GET", "/search" + link)[0], link

    def test_an_error_is_told_as_ever(self, tmp_path: Path) -> None:
        """What is unknown in every spelling is 404 by the id that was asked for."""
        with serving(Settings(), an_engine()) as service, nginx(tmp_path, "proxies.md", service) as port:
            named = quote("https://valley.example/nowhere", safe="")
            status, _, body = ask(port, "GET", f"/search/v1/articles/{named}")
            assert (404, "article_not_found") == (status, json.loads(body)["code"])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", f"/search/articles/{named}")
            assert 404 == connection.getresponse().status
            connection.close()
