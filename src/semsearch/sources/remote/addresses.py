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


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, in the order of the resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet: not private, loopback, link-local or special.

    An IPv6 address that carries an IPv4 one (mapped, 6to4, NAT64, Teredo) is as public as that one.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    return all(one.is_global and not one.is_multicast for one in (ip, *_carried(ip)))


def _carried(ip: _Ip) -> tuple[_Ip, ...]:
    if isinstance(ip, ipaddress.IPv4Address):
        return ()
    if ip.ipv4_mapped is not None:
        return (ip.ipv4_mapped,)
    if ip.sixtofour is not None:
        return (ip.sixtofour,)
    if ip.teredo is not None:
        return ip.teredo
    return (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF),) if ip in _NAT64 else ()


class CheckedBackend(httpcore.NetworkBackend):
    """Resolves a name once, checks what came, and connects to that: a second answer cannot slip in.

    ``private_hosts`` may be at any address. TLS and the Host header keep the name.
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
        usable = [one for one in addresses if host.lower() in self._private_hosts or is_public(one)]
        if not usable:
            raise SourceUnreadable(
                f"{host} is at {', '.join(addresses) or 'no address'}, which is private or special: refused, "
                "so that a page cannot lead into your own network; if it is your own server, give its own "
                "address as url and set allow_private = true in this source's settings"
            )
        for address in usable[:-1]:
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue  # as browsers do: the next address of the same host
        return self._inner.connect_tcp(usable[-1], port, timeout, local_address, socket_options)
