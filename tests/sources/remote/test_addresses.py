"""Only public addresses are connected to, and the checked one is the one that is used."""

from __future__ import annotations

import httpcore
import pytest

from semsearch.errors import SourceUnreadable
from semsearch.sources.remote.addresses import CheckedBackend, is_public
from tests.sources.remote.servers import Reply, serving

REFUSED = """127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1
0.0.0.0 255.255.255.255 224.0.0.1 240.0.0.1 192.0.2.1 198.18.0.1 :: ::1 fe80::1 fe80::1%eth0
fc00::1 fd12::1 ff02::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 2002:7f00:1:: 2002:c0a8:101::1
2001:0:7f00:1::1
::7f00:1 ::a00:1 ::ffff:0:7f00:1 64:ff9b:1::7f00:1 64:ff9b::c0a8:101 fec0::1 feb0::1
fc00::1%2 2001:db8::1 3fff::1 100::1 5f00::1 192.88.99.1 0.1.2.3 nonsense 2606:4700::5efe:a00:1
2002:a9fe:a9fe::1 2001:0:4136:e378:8000:63bf:f5ff:fffe 2606:4700::200:5efe:7f00:1""".split()
PUBLIC = """93.184.216.34 8.8.8.8 172.32.0.1 2606:2800:220:1:248:1893:25c8:1946 64:ff9b::808:808
::ffff:8.8.8.8 2002:808:808::1 2a00:1450:4001:800::200e""".split()


@pytest.mark.parametrize("address", REFUSED)
def test_private_and_special_addresses_are_not_public(address):
    """Also where IPv6 carries them."""
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_internet_are_public(address):
    """Those go through."""
    assert is_public(address)


def test_a_name_that_resolves_to_a_private_address_is_refused_with_both():
    """The name itself says nothing."""
    backend = CheckedBackend(frozenset(), lambda host, port: ["10.1.2.3"])
    with pytest.raises(SourceUnreadable, match=r"rebound\.example is at 10\.1\.2\.3.*allow_private"):
        backend.connect_tcp("rebound.example", 80)


@pytest.mark.parametrize(
    "host",
    "127.1 0x7f000001 2130706433 017700000001 0x7f.1 127.0.0.1. localhost localhost. 0 :: ::1 "
    "::ffff:127.0.0.1 ::127.0.0.1 64:ff9b::127.0.0.1 fe80::1%lo".split(),
)
def test_no_spelling_of_this_machine_is_connected_to(host):
    """The resolver of the machine says what a spelling means, and that is what is checked."""
    with serving(lambda request: Reply()) as server:
        with pytest.raises((SourceUnreadable, httpcore.ConnectError)):
            CheckedBackend(frozenset()).connect_tcp(host, server.port, timeout=5)
        assert [] == server.requests


def test_a_named_port_of_a_host_is_that_port_alone():
    """host:port opens one port, host all of them; an IPv6 address stands in brackets."""
    private = CheckedBackend(frozenset({"own.example:1", "[::1]:1"}), lambda host, port: ["127.0.0.1"])
    for host in ("own.example", "OWN.example", "::1"):
        with pytest.raises(httpcore.ConnectError):
            private.connect_tcp(host, 1, timeout=5)
        with pytest.raises(SourceUnreadable, match=r"port 2\), which is private"):
            private.connect_tcp(host, 2, timeout=5)


def test_a_second_answer_of_the_resolver_cannot_slip_in():
    """It is asked once for each connection, and what was checked is what is connected to."""
    with serving(lambda request: Reply()) as server:
        answers = [["127.0.0.1"], ["10.0.0.1"]]
        backend = CheckedBackend(frozenset({"own.example"}), lambda host, port: answers.pop(0))
        stream = backend.connect_tcp("own.example", server.port, timeout=5)
        assert ("127.0.0.1", server.port) == stream.get_extra_info("server_addr")
        stream.close()
    assert [["10.0.0.1"]] == answers


def test_only_the_public_ones_of_several_addresses_are_tried():
    """A private one among them is passed over."""
    tried = []
    backend = CheckedBackend(frozenset(), lambda host, port: ["127.0.0.1", "203.0.113.9", "8.8.8.8"])

    class Watching(httpcore.SyncBackend):
        def connect_tcp(self, host, *rest, **more):
            tried.append(host)
            raise httpcore.ConnectError("refused")

    backend._inner = Watching()
    with pytest.raises(httpcore.ConnectError):
        backend.connect_tcp("mixed.example", 80)
    assert ["8.8.8.8"] == tried
