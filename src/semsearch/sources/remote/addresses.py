"""Which addresses may be connected to, checked on the very address that the connection is made to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable, Sequence

import httpcore

from semsearch.errors import SourceUnreadable

Resolve = Callable[[str, int], Sequence[str]]
_Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_UNICAST = ipaddress.ip_network("2000::/3")  # all that IANA has given out as global unicast
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.88.99.0/24",  # relays of 6to4, RFC 7526
            "2001:20::/28",  # ORCHIDv2: hashes, not places
            "3fff::/20",  # documentation, RFC 9637
            "5f00::/16",  # segment routing, RFC 9602
        ),
    )
)
_ISATAP = 0x5EFE  # RFC 5214: ...:0:5efe:a.b.c.d and ...:200:5efe:a.b.c.d


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, in the order of the resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet: not private, loopback, link-local or special.

    Of IPv6 only global unicast passes, so no form that embeds an IPv4 address is left to chance; one that
    may be routed (mapped, NAT64, 6to4, Teredo, ISATAP) is as public as the IPv4 address within.
    """
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_global(one) for one in _routed(ip))


def _is_global(ip: _Ip) -> bool:
    if isinstance(ip, ipaddress.IPv6Address) and ip not in _UNICAST:
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in net for net in _SPECIAL)


def _routed(ip: _Ip) -> tuple[_Ip, ...]:
    """The addresses that a packet to ``ip`` may end up at: itself and any IPv4 address within."""
    if isinstance(ip, ipaddress.IPv4Address):
        return (ip,)
    last = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.ipv4_mapped is not None or ip in _NAT64:
        return (last,)
    if ip.sixtofour is not None:
        return (ip, ip.sixtofour)
    if ip.teredo is not None:
        return (ip, *ip.teredo)
    if (int(ip) >> 32) & 0xFCFFFFFF == _ISATAP:  # but for the universal and the group bit
        return (ip, last)
    return (ip,)


def host_and_port(host: str, port: int) -> str:
    """How ``private_hosts`` name one port of a host: ``intranet.example:8080``, ``[fd00::1]:80``."""
    name = host.lower().strip("[]")
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


class CheckedBackend(httpcore.NetworkBackend):
    """Resolves a name once, checks what came, and connects to that: a second answer cannot slip in.

    ``private_hosts`` may be at any address: ``host:port`` names that port alone, ``host`` all of its ports.
    TLS and the Host header keep the name.
    """

    def __init__(self, private_hosts: frozenset[str], resolver: Resolve = resolve) -> None:
        self._private_hosts = private_hosts
        self._resolve = resolver
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first checked address that answers; raises SourceUnreadable if none may."""
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as exc:
            raise httpcore.ConnectError(f"the name {host} is not known: {exc}") from exc
        named = {host.lower(), host_and_port(host, port)} & self._private_hosts
        usable = [one for one in addresses if named or is_public(one)]
        if not usable:
            raise SourceUnreadable(
                f"{host} is at {', '.join(addresses) or 'no address'} (port {port}), which is private or "
                "special: refused, so that a page cannot lead into your own network; if it is your own "
                "server, give its address, with this port, as url and set allow_private = true in this "
                "source's settings"
            )
        for address in usable[:-1]:
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue  # as browsers do: the next address of the same host
        return self._inner.connect_tcp(usable[-1], port, timeout, local_address, socket_options)
