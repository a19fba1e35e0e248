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
2001:0:7f00:1::1""".split()
PUBLIC = "93.184.216.34 8.8.8.8 172.32.0.1 2606:2800:220:1:248:1893:25c8:1946 64:ff9b::808:808".split()


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
