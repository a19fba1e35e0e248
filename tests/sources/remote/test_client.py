"""The one way out: bounds that hold against a server that means harm, and patience with one that stumbles."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import UTC, datetime

import pytest

from semsearch.errors import SourceUnreadable
from semsearch.options import SourceOptions
from semsearch.sources.remote.client import Answered, Fetcher, NotJson, Policy, retry_after
from semsearch.sources.remote.making import policy_of
from tests.sources.remote.servers import Reply, Waits, bomb, cut_off, endless, once, serving


@pytest.fixture
def server():
    """A server that answers with the path."""
    with serving(lambda request: Reply(body=request.path.encode())) as made:
        yield made


@pytest.fixture
def waits():
    """Nothing is waited for."""
    return Waits()


@pytest.fixture
def fetcher(server, waits):
    """A fetcher whose own host may be private."""
    with Fetcher(policy(server), sleep=waits.sleep, clock=waits.clock) as made:
        yield made


def policy(server, **more):
    """The server's own host, on loopback."""
    return Policy(home=server.url, private_hosts=frozenset({"localhost"}), **more)


def redirecting(target):
    """Every path but /end leads to another address."""
    return lambda request: None if request.path == "/end" else Reply(302, headers={"Location": target})


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://0/",
        "http://2130706433/",
    ],
)
def test_a_redirect_into_the_own_network_is_refused(server, fetcher, waits, target):
    """Though the source's own host may be private, no other one may; and it is not tried again."""
    server.fault = redirecting(target)
    with pytest.raises(SourceUnreadable, match=r"private or special.*allow_private"):
        fetcher.get(f"{server.url}/")
    assert 1 == len(server.requests)


def test_allow_private_is_for_the_port_of_the_url_alone(server, waits):
    """The same host on another port is another service: neither a redirect nor a link leads there."""
    options = SourceOptions(kind="feed", url=f"{server.url}/feed", allow_private=True)
    with serving(lambda request: Reply()) as other:
        server.fault = redirecting(f"{other.url}/")
        with Fetcher(policy_of("own", options, {}), sleep=waits.sleep, clock=waits.clock) as fetcher:
            assert 200 == fetcher.get(f"{server.url}/end").status
            with pytest.raises(SourceUnreadable, match=rf"port {other.port}\), which is private"):
                fetcher.get(f"{server.url}/")
        assert [] == other.requests


def test_a_private_address_is_refused_where_the_settings_do_not_allow_it(server, waits):
    """The first address is checked as the later ones are."""
    with (
        Fetcher(Policy(home=server.url), sleep=waits.sleep, clock=waits.clock) as fetcher,
        pytest.raises(SourceUnreadable, match="allow_private = true"),
    ):
        fetcher.get(f"{server.url}/")
    assert [] == server.requests


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://localhost/x", "gopher://localhost/", "javascript:1"]
)
def test_only_http_and_https_are_followed(server, fetcher, target):
    """Whatever a redirect says."""
    server.fault = redirecting(target)
    with pytest.raises(SourceUnreadable, match=r"only http and https|not a web address"):
        fetcher.get(f"{server.url}/")


def test_redirects_on_the_same_site_are_followed_to_their_end(server, fetcher):
    """Relative ones too; the answer knows its last address."""
    server.fault = redirecting("/end")
    answer = fetcher.get(f"{server.url}/start")
    assert (f"{server.url}/end", b"/end") == (answer.url, answer.body)


def test_endless_redirects_end(server, fetcher):
    """With a word on the last one."""
    server.fault = redirecting("/again")
    with pytest.raises(SourceUnreadable, match="more than 5 redirects"):
        fetcher.get(f"{server.url}/")
    assert 6 == len(server.requests)


def test_a_body_without_end_is_cut_at_the_bound(server, fetcher):
    """It is refused after that many bytes, not read for ever."""
    server.fault = lambda request: endless()
    with pytest.raises(SourceUnreadable, match="more than 100,000 bytes"):
        fetcher.get(f"{server.url}/", most=100_000)


def test_an_answer_that_takes_too_long_as_a_whole_is_given_up(server, fetcher, waits):
    """Each chunk alone came in time."""
    server.fault = lambda request: endless()
    ticking = iter(range(0, 10**6, 60))
    fetcher._clock = lambda: next(ticking)
    with pytest.raises(SourceUnreadable, match="not over after 180 seconds"):
        fetcher.get(f"{server.url}/")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_is_refused_before_it_unfolds(server, fetcher, encoding):
    """200 MB of zeros in 200 kB."""
    packed = bomb(200 * 2**20).body if encoding == "gzip" else zlib.compress(b"\0" * (200 * 2**20))
    server.fault = lambda request: Reply(body=packed, headers={"Content-Encoding": encoding})
    with pytest.raises(SourceUnreadable, match="more than 67,108,864 bytes"):
        fetcher.get(f"{server.url}/")


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, lambda body: zlib.compress(body)[2:-4]])
def test_compressed_answers_are_unpacked(server, fetcher, pack):
    """gzip, deflate, and the bare deflate of some servers."""
    kind = "gzip" if pack is gzip.compress else "deflate"
    server.fault = lambda request: Reply(body=pack(b"words " * 999), headers={"Content-Encoding": kind})
    assert b"words " * 999 == fetcher.get(f"{server.url}/").body


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda: cut_off(b"x" * 9000, 4000), id="cut in the body"),
        pytest.param(lambda: Reply(raw=lambda connection: None), id="closed at once"),
        pytest.param(
            lambda: Reply(body=gzip.compress(b"x" * 9000)[:-9], headers={"Content-Encoding": "gzip"}),
            id="half a gzip",
        ),
        pytest.param(lambda: Reply(502), id="502"),
    ],
)
def test_faults_that_pass_are_tried_again_with_growing_waits(server, fetcher, waits, fault):
    """Twice wrong, then right."""
    server.fault = once(fault(), times=2)
    assert b"/a" == fetcher.get(f"{server.url}/a").body
    assert 3 == len(server.requests)
    assert waits.now >= 1 + 2


def test_a_fault_that_stays_is_told_with_the_number_of_tries(server, fetcher, waits):
    """And what to do."""
    server.fault = lambda request: Reply(503)
    with pytest.raises(Answered, match=r"503 .*\(5 tries\).*run it again later") as told:
        fetcher.get(f"{server.url}/a")
    assert (503, 5) == (told.value.status, len(server.requests))


def test_retry_after_is_honoured(server, fetcher, waits):
    """As seconds; the wait is at least so long."""
    server.fault = once(Reply(429, headers={"Retry-After": "42"}))
    fetcher.get(f"{server.url}/a")
    assert any(42 <= wait < 60 for wait in waits.slept)


def test_a_wait_that_is_too_long_ends_the_run_at_once(server, fetcher, waits):
    """An hour is for the next run."""
    server.fault = lambda request: Reply(429, headers={"Retry-After": "3600"})
    with pytest.raises(Answered, match="asks to wait 3,600 seconds"):
        fetcher.get(f"{server.url}/a")
    assert (1, 0) == (len(server.requests), sum(waits.slept))


def test_retry_after_as_a_date():
    """Seconds from now; what says nothing is no wait."""
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert 90.0 == retry_after("Sun, 01 Mar 2026 12:01:30 GMT", now)
    assert [0.0, 0.0, 0.0] == [
        retry_after(text, now) for text in ("Sun, 01 Mar 2020 12:00:00 GMT", "soon", "")
    ]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_not_tried_again(server, fetcher, status):
    """Its status is kept."""
    server.fault = lambda request: Reply(status)
    with pytest.raises(Answered, match=str(status)) as told:
        fetcher.get(f"{server.url}/a")
    assert (status, 1) == (told.value.status, len(server.requests))


def test_what_is_never_json_is_told_with_its_beginning(server, fetcher):
    """After all tries."""
    server.fault = lambda request: Reply(body=b"<b>Fatal error</b>")
    with pytest.raises(NotJson, match="Fatal error"):
        fetcher.get_json(f"{server.url}/a")
    server.fault = once(Reply(body=b"[1, 2"), times=3)
    server.answer = lambda request: Reply(body=json.dumps([1, 2]).encode())
    assert [1, 2] == fetcher.get_json(f"{server.url}/a")[0]


def test_requests_keep_their_distance(server, waits):
    """Two a second: half a second between any two, whatever the answers."""
    with Fetcher(policy(server, rate=2.0), sleep=waits.sleep, clock=waits.clock) as fetcher:
        for _ in range(5):
            fetcher.get(f"{server.url}/a")
        assert [0.5] * 4 == waits.slept
        fetcher.pace.slow_down("localhost", 7.0)
        fetcher.get(f"{server.url}/a")
        fetcher.get(f"{server.url}/a")
    assert [0.5, 7.0] == waits.slept[4:]


def test_it_says_who_it_is_and_sends_no_login_elsewhere(server, waits):
    """The login goes to the source's own scheme, host and port alone."""
    with serving(lambda request: Reply(body=b"other")) as other:
        with Fetcher(
            policy(server, login=("ann", "pass word")), sleep=waits.sleep, clock=waits.clock
        ) as fetcher:
            fetcher.get(f"{server.url}/a")
            server.fault = redirecting(f"{other.url}/")
            assert b"other" == fetcher.get(f"{server.url}/b").body
        assert server.requests[0].headers["authorization"].startswith("Basic ")
        assert server.requests[0].headers["user-agent"].startswith("semsearch/")
        assert "authorization" not in other.requests[0].headers
    assert "pass word" not in repr(policy(server, login=("ann", "pass word")))


def test_the_environment_names_no_proxy(server, fetcher, monkeypatch):
    """A proxy would resolve names where nobody checks them."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Fetcher(policy(server)) as again:
        assert b"/a" == again.get(f"{server.url}/a").body
