"""The socket that the service listens on: one, or one of each worker."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from semsearch.errors import SettingsInvalid


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; raises SettingsInvalid where the address cannot be had."""
    if not 0 <= port <= 65_535:
        raise SettingsInvalid(f"service.port is {port}; give 0 to 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = _bound(socket.socket(family, kind, protocol), address, socket.SO_REUSEADDR)
    except OSError as error:
        words = error.strerror or str(error)
        raise SettingsInvalid(
            f"cannot listen on {host} port {port}: {words}; give another service.host or service.port"
        ) from error
    listener.set_inheritable(True)
    return listener


def address_of(listener: socket.socket) -> str:
    """Where this machine reaches a bound socket."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class OwnListener(socket.socket):
    """A bound socket that a new process gets as another one of its own at the same address.

    The kernel then deals connections out among them. Where all workers take them from one socket, the
    first to wake takes all that came together, and a proxy that keeps its connections keeps one worker busy.
    """

    def __reduce__(self) -> tuple[object, ...]:
        return bind_beside, (int(self.family), self.getsockname())


def bind_beside(family: int, address: tuple[object, ...]) -> socket.socket:
    """One more socket at the address of an ``OwnListener``; raises OSError where that is closed."""
    listener = socket.socket(socket.AddressFamily(family), socket.SOCK_STREAM)
    return _bound(listener, address, socket.SO_REUSEADDR, socket.SO_REUSEPORT)


@contextmanager
def each_its_own(listener: socket.socket) -> Iterator[socket.socket]:
    """What workers are given for a bound socket that nobody listens on.

    Linux alone deals out among sockets of one address; elsewhere all share the one.
    """
    if sys.platform != "linux":
        yield listener
        return
    # Only now that it is bound: a second service at this address was refused, as it should be.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    with OwnListener(fileno=listener.detach()) as own:
        yield own


def _bound(listener: socket.socket, address: tuple[object, ...], *options: int) -> socket.socket:
    """The socket with its options and its address; closed where it cannot have them (OSError)."""
    try:
        for option in options:
            listener.setsockopt(socket.SOL_SOCKET, option, 1)
        listener.bind(address)
    except BaseException:
        listener.close()
        raise
    return listener
