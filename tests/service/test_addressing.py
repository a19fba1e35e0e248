"""Hosts, prefixes and callers: only what was configured or a trusted proxy says is believed."""

from __future__ import annotations

import http.client
import re
from contextlib import contextmanager
from dataclasses import replace

import pytest

from semsearch.errors import SettingsInvalid
from semsearch.options import ServiceOptions
from semsearch.service.addressing import Rules
from semsearch.service.rates import Rate, client_of
from tests.service.fakes import FakeEngine, an_article
from tests.service.real_server import ask, serving

EVIL = "evil.example"
PLACES = (
    "/",
    "/?q=court",
    "/articles/a-1",
    "/docs",
    "/openapi.json",
    "/v1/search?q=court",
    "/v1/articles/a-1/related",
    "/v1/articles/a-1/related.html",
    "/desk/sign-in",
    "/widget.js",
)


@contextmanager
def served(**options):
    """The port of the real server with these options."""
    engine = FakeEngine([an_article(number, url=None) for number in range(12)])
    settings = replace(engine.settings, service=replace(engine.settings.service, **options))
    with serving(settings, engine) as port:
        yield port


def test_a_strange_host_is_nowhere_repeated():
    """Neither from Host nor from X-Forwarded-Host, in bodies or in headers, whoever asks next."""
    with served() as port:
        for path in PLACES:
            for headers in ({"Host": EVIL}, {"X-Forwarded-Host": EVIL}, {"Host": f"{EVIL}:8000"}, {}):
                status, answered, body = ask(port, "GET", path, headers=headers)
                assert status in {200, 303, 307, 404}, (path, status)
                assert EVIL.encode() not in body, (path, headers)
                assert EVIL not in str(answered), (path, headers)


def test_the_public_address_stands_in_links_read_elsewhere():
    """Whatever the Host says."""
    with served(public_url="https://news.example/search") as port:
        body = ask(port, "GET", "/v1/articles/a-1/related.html", headers={"Host": EVIL})[2].decode()
        assert 'href="https://news.example/search/articles/' in body
        assert b"https://news.example/search" in ask(port, "GET", "/openapi.json")[2]


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("search.example", 200),
        ("SEARCH.example:80", 200),
        ("a.news.example", 200),
        ("localhost", 200),
        (EVIL, 421),
        ("search.example.evil.example", 421),
        ("news.example", 421),
        ("a b", 400),
        ("[::1", 400),
        ("host:99999", 400),
    ],
)
def test_only_allowed_hosts_are_answered(host, status):
    """Watchers of health are answered under any; this machine may call itself by its name."""
    with served(allowed_hosts=("search.example", "*.news.example")) as port:
        assert status == ask(port, "GET", "/v1/search?q=court", headers={"Host": host})[0]
        assert 200 == ask(port, "GET", "/health/live", headers={"Host": host})[0]


@pytest.mark.parametrize("way", ["setting", "header", "whole path", "public address"])
def test_pages_stay_below_their_path(way):
    """Links, styles, scripts, forms and redirects, whether the proxy takes the prefix off or not."""
    options, headers, before = {
        "setting": ({"root_path": "/search"}, {}, ""),
        "header": ({}, {"X-Forwarded-Prefix": "/search"}, ""),
        "whole path": ({"root_path": "/search"}, {}, "/search"),
        "public address": ({"public_url": "https://news.example/search"}, {}, ""),
    }[way]
    with served(**options) as port:
        for path in ("/", "/?q=court", "/articles/a-1", "/docs", "/desk/sign-in"):
            status, _, body = ask(port, "GET", before + path, headers=headers)
            assert 200 == status, path
            found = re.findall(r'(?:href|src|action)="(/[^"]*)"', body.decode())
            assert found, path
            assert [] == [one for one in found if not one.startswith("/search")], path
            style = next(one for one in found if one.endswith(".css") or ".css?" in one)
            assert 200 == ask(port, "GET", style.removeprefix("/search") if not before else style)[0]
        status, answered, _ = ask(port, "GET", before + "/desk", headers=headers)
        assert (303, True) == (status, answered["location"].startswith("/search/desk"))


def test_a_prefix_of_a_stranger_is_not_believed():
    """Only trusted proxies say where we lie; what cannot be a path is left out."""
    with served(trusted_proxies=("10.0.0.0/8",)) as port:
        body = ask(port, "GET", "/", headers={"X-Forwarded-Prefix": "/search"})[2]
        assert b'="/search' not in body
    with served() as port:
        for written in ('/"><script>', "//evil.example", "/a b", "javascript:x"):
            body = ask(port, "GET", "/", headers={"X-Forwarded-Prefix": written})[2]
            assert written.encode() not in body


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "[2001:db8::5]:4711, 10.1.2.3", "2001:db8::5"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("203.0.113.1", "1.2.3.4", "203.0.113.1"),
    ],
)
def test_the_client_is_the_nearest_address_that_is_no_proxy(peer, forwarded, client):
    """What a stranger wrote before it counts for nothing."""
    rules = Rules(ServiceOptions(trusted_proxies=("127.0.0.1", "10.0.0.0/8")))
    headers = [(b"host", b"x"), (b"x-forwarded-for", forwarded.encode())]
    scope = {
        "type": "http",
        "path": "/",
        "raw_path": b"/",
        "headers": headers,
        "client": (peer, 5),
        "server": ("127.0.0.1", 80),
    }
    assert client == rules.seen(scope)["client"][0]
    assert [(b"host", b"x"), (b"x-forwarded-for", forwarded.encode())] == scope["headers"]


@pytest.mark.parametrize(
    "options",
    [
        {"trusted_proxies": ("proxy",)},
        {"allowed_hosts": ("https://a.example",)},
        {"public_url": "news.example"},
        {"public_url": "https://news.example/?q"},
        {"root_path": "/a b"},
    ],
)
def test_settings_that_cannot_be_are_named(options):
    """With the value and what to give."""
    with pytest.raises(SettingsInvalid, match="give "):
        Rules(ServiceOptions(**options))


def test_too_many_requests_of_one_address_are_refused_for_a_while():
    """With Retry-After, documented; health, files and other addresses go on."""
    with served(rate_limit="5/minute") as port:
        found = [ask(port, "GET", "/v1/search?q=court") for _ in range(8)]
        assert [200] * 5 + [429] * 3 == [status for status, _, _ in found]
        assert 1 <= int(found[-1][1]["retry-after"]) <= 60
        assert 200 == ask(port, "GET", "/health/live")[0]
        assert 200 == ask(port, "GET", "/widget.js")[0]
        assert 200 == ask(port, "GET", "/v1/search?q=court", headers={"X-Forwarded-For": "203.0.113.7"})[0]


def test_tries_to_sign_in_are_limited():
    """Before the key is looked at."""
    with served(login_limit="3/minute") as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        seen = []
        for _ in range(5):
            connection.request(
                "POST", "/desk/sign-in", "key=ss_wrong", {"Content-Type": "application/x-www-form-urlencoded"}
            )
            answer = connection.getresponse()
            answer.read()
            seen.append(answer.status)
        connection.close()
        assert [429, 429] == seen[3:]
        assert 429 not in seen[:3]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_a_form_of_another_site_is_refused(headers):
    """Signing in, too: nobody is to be signed in as another."""
    with served() as port:
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        status, _, body = ask(port, "POST", "/desk/sign-in", b"key=ss_wrong", sent)
        assert 400 <= status < 500
        assert b"came from another site" in body


def test_addresses_of_one_customer_count_together():
    """IPv6 by /64, and IPv4 that is written as IPv6 as what it is; memory stays bounded."""

    class Asking:
        def __init__(self, host: str) -> None:
            self.client = type("Client", (), {"host": host})

    assert client_of(Asking("2001:db8::1")) == client_of(Asking("2001:db8::ffff"))  # type: ignore[arg-type]
    assert client_of(Asking("2001:db8::1")) != client_of(Asking("2001:db8:0:1::1"))  # type: ignore[arg-type]
    assert "203.0.113.9" == client_of(Asking("::ffff:203.0.113.9"))  # type: ignore[arg-type]
    with pytest.raises(SettingsInvalid, match="give a number and a time"):
        Rate("many", "service.rate_limit")
    assert 0 == Rate("", "service.rate_limit").wait("anyone")
    shared = Rate("4/minute", "service.rate_limit", workers=2)
    assert [0, 0, True] == [shared.wait("one"), shared.wait("one"), shared.wait("one") > 0]
