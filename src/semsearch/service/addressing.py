"""Where a request came from and where its reader reaches the service: by settings and trusted proxies alone.

A Host header is what a caller wrote. It is repeated only if it was configured, so that no answer, feed or
remembered list carries a stranger's; links are relative otherwise, which works behind any proxy. Of a proxy
that is trusted, the address of the client, the scheme and the path prefix are believed. Its X-Forwarded-Host
is believed if ``trusted_proxies`` was set: nginx hands on what the client wrote there unless told not to.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from semsearch.errors import SettingsInvalid
from semsearch.options import ServiceOptions
from semsearch.service.article_ids import mended
from semsearch.service.ready import is_fragment

KEY = "address"  # in the state of a request
LOOPBACK = ("127.0.0.0/8", "::1/128")
MOST_HOPS = 20
# The first parts of our own paths: a prefix that begins with one cannot be told from them.
OWN_PATHS = frozenset({"v1", "articles", "desk", "static", "health", "metrics", "version", "docs"})
_AUTHORITY = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}))(?::[0-9]{1,5})?")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*){1,8}")
# Below these an id is one part of the path: a slash in it, as %2F, does not lead to another address.
_ONE_PART = re.compile(rb"/v1/(?:rules|saved-searches|tasks|indexes)/")
_SLASH = re.compile(rb"%2f", re.IGNORECASE)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Address:
    """What is believed of one request.

    ``origin`` is scheme and host for links, "" where none is known; ``prefix`` the path before ours, or "".
    ``own`` are hosts under which the caller may have reached us: to compare an Origin with, never to show.
    ``refused`` is the status and the reason if the Host is not to be answered.
    """

    origin: str = ""
    prefix: str = ""
    own: frozenset[str] = frozenset()
    refused: tuple[int, str] | None = None

    @property
    def base(self) -> str:
        """What stands before a path in a link that is read elsewhere: in a feed, on another site."""
        return self.origin + self.prefix


def address_of(request: Request) -> Address:
    """What is believed of a request."""
    found: Address = request.scope["state"][KEY]
    return found


def prefix_of(request: Request) -> str:
    """What stands before a path in a link of a page of ours."""
    return address_of(request).prefix


class Addressed:
    """The outermost layer: the app within sees what is believed, and paths without a prefix.

    Paths that the app gives in Location and Set-Cookie get the prefix. The caller's scope stays as it is.
    Errors of what a page includes lose their text, wherever in the app they come from.
    """

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer a request as it is believed to be."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = self._rules.seen(scope)
        prefix = seen["state"][KEY].prefix
        if scope["method"] in {"GET", "HEAD"} and is_fragment(seen["raw_path"]):
            send = _blanking(send)
        await self._app(seen, receive, _prefixing(send, prefix) if prefix else send)


def _prefixing(send: Send, prefix: str) -> Send:
    async def sending(message: Any) -> None:  # noqa: ANN401  a message of ASGI
        if message["type"] == "http.response.start":
            headers = [
                (name, _with_prefix(name, value, prefix.encode())) for name, value in message["headers"]
            ]
            message = {**message, "headers": headers}
        await send(message)

    return sending


def _blanking(send: Send) -> Send:
    blank = False

    async def sending(message: Any) -> None:  # noqa: ANN401  a message of ASGI
        nonlocal blank
        if message["type"] == "http.response.start" and (blank := message["status"] >= 400):
            own = {b"content-length", b"content-type"}
            headers = [(name, value) for name, value in message["headers"] if name.lower() not in own]
            headers += [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", b"0")]
            message = {**message, "headers": headers}
        elif blank and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sending


def _with_prefix(name: bytes, value: bytes, prefix: bytes) -> bytes:
    if name.lower() == b"location" and value.startswith(b"/") and not value.startswith(b"//"):
        return prefix + value
    if name.lower() == b"set-cookie":
        return re.sub(rb"(?i)(; *path=)/", lambda found: found[1] + prefix + b"/", value, count=1)
    return value


class Rules:
    """The settings of addresses, ready to be asked; raises SettingsInvalid."""

    def __init__(self, options: ServiceOptions) -> None:
        self._names_proxies = bool(options.trusted_proxies)
        self._trusted = networks(options.trusted_proxies or LOOPBACK)
        self._allowed = tuple(allowed_host(one) for one in options.allowed_hosts)
        self._origin, path = public_address(options.public_url)
        self._public_host = self._origin.partition("://")[2]
        self._prefix = usable_prefix(options.root_path) if options.root_path else path

    def trusts(self, address: str | None) -> bool:
        """Whether an address is that of a trusted proxy; None is a socket of this machine."""
        if address is None:
            return True
        ip = as_ip(address)
        return ip is not None and any(ip in network for network in self._trusted)

    def seen(self, scope: Scope) -> dict[str, Any]:
        """A copy of a scope in which everything is believed, with an ``Address`` in its state."""
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope.get("client") else None
        trusted = self.trusts(peer)
        scheme = scope.get("scheme", "http")
        forwarded = ""
        if trusted:
            told = headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
            scheme = told if told in {"http", "https"} else scheme
            forwarded = headers.get("x-forwarded-host", "").partition(",")[0].strip()
        if self._origin:
            scheme = self._origin.partition(":")[0]
        host, refused = self._host(scope, headers, peer, forwarded)
        origin = self._origin or (f"{scheme}://{host}" if host else "")
        prefix = self._prefix or (_forwarded_prefix(headers) if trusted else "")
        own = {headers.get("host", ""), self._public_host, *([forwarded] if trusted else ())}
        address = Address(origin, prefix, frozenset(bare(one) for one in own if one), refused)
        path, raw = _within(scope["path"], prefix), _within(scope.get("raw_path") or b"", prefix.encode())
        query = scope.get("query_string", b"")
        if scope.get("method") in {"GET", "HEAD"} and (whole := mended(raw, query)):
            raw, query = whole
            path = unquote(raw.decode("latin-1"))
        elif _ONE_PART.match(raw) and b"%2f" in raw.lower():
            path = unquote(_SLASH.sub(b"%252F", raw).decode("latin-1"))
        server = scope.get("server") or ("localhost", None)
        shown = origin.partition("://")[2] or _authority(server)
        kept = [(name, value) for name, value in scope["headers"] if name != b"host"]
        client = (self._client(headers, peer), 0) if trusted and "x-forwarded-for" in headers else None
        return {
            **scope,
            "scheme": scheme,
            "path": path,
            "raw_path": raw,
            "query_string": query,
            "root_path": "",
            "headers": [(b"host", shown.encode("latin-1")), *kept],
            "client": client or scope.get("client"),
            "state": {**scope.get("state", {}), KEY: address},
        }

    def _client(self, headers: Headers, peer: str | None) -> str:
        """The nearest address in X-Forwarded-For that is not a trusted proxy's."""
        hops = [one.strip() for value in headers.getlist("x-forwarded-for") for one in value.split(",")]
        found = peer or ""
        for hop in reversed(hops[-MOST_HOPS:]):
            ip = as_ip(_without_port(hop))
            if ip is None:
                break
            found = str(ip)
            if not self.trusts(found):
                break
        return found

    def _host(
        self, scope: Scope, headers: Headers, peer: str | None, forwarded: str
    ) -> tuple[str, tuple[int, str] | None]:
        """The host that is believed, or "", and why the request is not answered, if so."""
        given = headers.getlist("host")
        nobody = not given and scope.get("server") and scope.get("http_version") == "1.1"
        host = given[0].strip() if given else ""
        if nobody or len(given) > 1 or (host and not is_authority(host)):
            return "", (400, "The request names no Host, more than one, or one that cannot be.")
        port = (scope.get("server") or ("", None))[1]
        if is_authority(forwarded) and (
            self._is_allowed(forwarded, port) if self._allowed else self._names_proxies
        ):
            return bare(forwarded), None
        if self._is_allowed(host, port):
            return bare(host), None
        local = is_loopback_name(host) and (peer is None or is_loopback_name(peer))
        if not self._allowed or local or (self._public_host and bare(host) == self._public_host):
            return "", None
        words = (
            f"The host {host[:100]!r} is not one of this service; its operator sets service.allowed_hosts."
        )
        return "", (421, words)

    def _is_allowed(self, host: str, port: int | None) -> bool:
        return any(_matches(bare(host), one, port) for one in self._allowed)


def networks(written: Sequence[str]) -> tuple[Network, ...]:
    """Addresses and networks; raises SettingsInvalid."""
    try:
        return tuple(ipaddress.ip_network(one.strip(), strict=False) for one in written)
    except ValueError as exc:
        raise SettingsInvalid(
            f"service.trusted_proxies: {exc}; give addresses or networks, such as 10.0.0.5 or 10.0.0.0/8"
        ) from exc


def allowed_host(written: str) -> str:
    """A host, host:port or *.domain as it is compared; raises SettingsInvalid."""
    found = bare(written.strip())
    if not is_authority(found.removeprefix("*.")):
        raise SettingsInvalid(
            f"service.allowed_hosts has {written!r}; give hosts such as search.example, search.example:8443, "
            "[2001:db8::1] or *.example"
        )
    return found


def public_address(written: str) -> tuple[str, str]:
    """Origin and path of ``public_url``, both "" without one; raises SettingsInvalid."""
    if not written:
        return "", ""
    try:
        parts = urlsplit(written.strip())
        extra = parts.query or parts.fragment or "@" in parts.netloc
        usable = parts.scheme in {"http", "https"} and is_authority(parts.netloc) and not extra
    except ValueError:
        usable = False
    if not usable:
        raise SettingsInvalid(
            f"service.public_url is {written!r}; give the address at which readers reach the service, "
            "such as https://news.example/search"
        )
    path = parts.path.rstrip("/")
    default = ":443" if parts.scheme == "https" else ":80"
    host = parts.netloc.lower().removesuffix(default)
    return f"{parts.scheme}://{host}", usable_prefix(path, "service.public_url") if path else ""


def usable_prefix(written: str, name: str = "service.root_path") -> str:
    """A path prefix without a slash at its end; raises SettingsInvalid."""
    found = "/" + written.strip().strip("/") if written.strip("/ ") else ""
    if found and not _PREFIX.fullmatch(found):
        raise SettingsInvalid(
            f"{name} has the path {written!r}; give letters, digits, '.', '_', '~' and '-', such as /search"
        )
    return found


def _forwarded_prefix(headers: Headers) -> str:
    given = headers.get("x-forwarded-prefix", "").partition(",")[0].strip().rstrip("/")
    return given if _PREFIX.fullmatch(given) else ""


def _within(path: Any, prefix: Any) -> Any:  # noqa: ANN401  both text or both bytes
    """A path without the prefix, if it has it: some proxies take it off, some do not."""
    slash = b"/" if isinstance(path, bytes) else "/"
    first = prefix.strip(slash).split(slash)[0]
    name = first.decode() if isinstance(first, bytes) else first
    if not prefix or name in OWN_PATHS:
        return path
    if path == prefix:
        return slash
    return path[len(prefix) :] if path.startswith(prefix + slash) else path


def is_authority(text: str) -> bool:
    """Whether a text is a host, with or without a port, as a Host header may name it."""
    if not _AUTHORITY.fullmatch(text):
        return False
    if text.startswith("["):
        literal, _, port = text[1:].partition("]")
        return as_ip(literal) is not None and int(port.lstrip(":") or 0) <= 65_535
    return int(text.partition(":")[2] or 0) <= 65_535


def bare(host: str) -> str:
    """A host as it is compared: in small letters, without the port that its scheme has anyway."""
    return re.sub(r"\.?(?::(?:80|443))?$", "", host.strip().lower())


def is_loopback_name(host: str) -> bool:
    """Whether a host or address is this machine itself, by the forms that no name server can give away."""
    name = _without_port(host.strip().lower())
    ip = as_ip(name)
    return ip.is_loopback if ip is not None else name in {"localhost", "localhost."}


def as_ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address, an IPv4 one if it is mapped into IPv6, or None."""
    try:
        ip = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _matches(host: str, allowed: str, port: int | None) -> bool:
    """Whether a host is allowed, on the port that is named, else on a usual one or that we listen on."""
    if host == allowed:
        return True
    if allowed.startswith("*."):
        name = host.removesuffix(f":{port}")
        return name.endswith(allowed[1:]) and ":" not in name
    return port is not None and host == f"{allowed}:{port}"


def _authority(server: Iterable[Any]) -> str:
    host, port = server
    name = f"[{host}]" if ":" in str(host) else str(host)
    return name if port in {None, 80} else f"{name}:{port}"
