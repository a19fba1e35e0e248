"""`semsearch serve`: run the HTTP service."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from semsearch.errors import SemsearchError, SettingsInvalid
from semsearch_cli import common
from semsearch_cli.common import Format, IndexesFolder, IndexName, OutputFormat, find_settings
from semsearch_cli.output import show_json, tell

if TYPE_CHECKING:
    from semsearch.settings import Settings


def serve(
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on; else the settings' own.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", help="Port to listen on; else the settings' own.")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", help="Processes that answer.")] = None,
    open_to_all: Annotated[
        bool, typer.Option("--open", help="Serve without keys on an address that others can reach.")
    ] = False,
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Serve the index over HTTP: a search page, the API and the widget for article pages.

    It follows rebuilds and changes of the index while it runs. Ctrl-C stops it after the requests in
    work are answered.

    Examples:
      semsearch serve
      semsearch serve --port 8080 --workers 2
    """
    settings = find_settings(index, indexes)
    given = {"host": host, "port": port, "workers": workers, "open": open_to_all or None}
    changes = {name: value for name, value in given.items() if value is not None}
    run_service(with_service(settings, changes), output=output)


def with_service(settings: Settings, changes: Mapping[str, object]) -> Settings:
    """Settings with some of the service's changed."""
    return replace(settings, service=replace(settings.service, **changes))  # type: ignore[arg-type]


def run_service(settings: Settings, *, output: Format = "table") -> None:
    """Serve until stopped, and say the address once searches are answered there.

    A missing or broken index does not stop the start: the service waits for one that works.
    Raises SettingsInvalid where nothing can or may listen at the address.
    """
    from semsearch.keys import KeyFile
    from semsearch.service.serve import check_bind
    from semsearch.service.serve import serve as serve_app

    service = settings.service
    check_bind(service.host, allowed=service.open, keys=KeyFile(settings.indexes).any_usable())
    check_port(service.host, service.port)
    _warn_missing(settings)

    def ready(address: str) -> None:
        if output == "json":
            show_json({"address": f"{address}/", "index": settings.index}, one_line=True)
        else:
            tell(f"Index '{settings.index}' is served at {address}/ (Ctrl-C stops it)")

    serve_app(settings, ready_callback=ready)


def _warn_missing(settings: Settings) -> None:
    engine = common.make_engine(settings)
    try:
        engine.generations()
    except SemsearchError as error:
        tell(f"Warning: {error}. The service starts, and answers once there is an index.")
    finally:
        engine.close()


def check_port(host: str, port: int) -> None:
    """Raise SettingsInvalid unless a service can listen there."""
    problem = port_problem(host, port)
    if problem:
        raise SettingsInvalid(f"cannot listen on {host} port {port}: {problem}; give another with --port")


def port_problem(host: str, port: int) -> str | None:
    """Why nothing can listen there, or None where it can."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            return "another program is listening there"
        return getattr(error, "strerror", None) or str(error)
    return None


def free_port(host: str, first: int, tries: int = 100) -> int:
    """The first port from ``first`` on that is free; raises SettingsInvalid where none is."""
    for port in range(first, first + tries):
        if port_problem(host, port) is None:
            return port
    raise SettingsInvalid(
        f"ports {first} to {first + tries - 1} of {host} are all taken; give one with --port"
    )
