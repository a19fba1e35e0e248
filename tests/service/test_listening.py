"""Sockets of workers: one each at one address, and never two services at it."""

from __future__ import annotations

import pickle
import socket
import sys
from collections import Counter

import pytest

from semsearch.errors import SettingsInvalid
from semsearch.service.listening import address_of, each_its_own, listen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux deals connections out")


def accepted(listeners: list[socket.socket]) -> Counter[int]:
    """How many connections wait at each."""
    found: Counter[int] = Counter()
    for place, one in enumerate(listeners):
        one.setblocking(False)
        while True:
            try:
                one.accept()[0].close()
            except BlockingIOError:
                break
            found[place] += 1
    return found


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_connections_are_dealt_out_among_workers(host):
    """What is pickled for a new process is a socket of its own; none is lost to the one that only holds."""
    try:
        held = listen(host, 0)
    except SettingsInvalid:
        pytest.skip(f"this machine has no {host}")
    with each_its_own(held) as own:
        workers = [pickle.loads(pickle.dumps(own)) for _ in range(2)]
        assert {own.getsockname()} == {one.getsockname() for one in workers}
        for one in workers:
            one.listen(128)
        callers = [socket.create_connection(own.getsockname()[:2], timeout=5) for _ in range(100)]
        dealt = accepted(workers)
        assert 100 == dealt.total()
        assert min(dealt.values()) > 20  # of 100 by chance: less than once in a billion

        workers[0].close()  # its process has died: the other has all that come
        callers += [socket.create_connection(own.getsockname()[:2], timeout=5) for _ in range(20)]
        assert {0: 20} == accepted(workers[1:])
        for one in (*callers, workers[1]):
            one.close()


def test_a_second_service_at_the_address_is_refused():
    """Though its workers could share the port, too."""
    with each_its_own(listen("127.0.0.1", 0)) as own:
        worker = pickle.loads(pickle.dumps(own))
        worker.listen()
        port = own.getsockname()[1]
        with pytest.raises(SettingsInvalid, match=rf"cannot listen on 127\.0\.0\.1 port {port}"):
            listen("127.0.0.1", port)
        worker.close()


def test_elsewhere_all_share_the_one(monkeypatch):
    """Other systems give all connections to one of several sockets."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with listen("127.0.0.1", 0) as held, each_its_own(held) as shared:
        assert shared is held
        assert address_of(held) == f"http://127.0.0.1:{held.getsockname()[1]}"
