"""`semsearch serve`: run the HTTP service."""

from __future__ import annotations

import copy
import errno
import ipaddress
import os
import socket
from typing import TYPE_CHECKING, Annotated, Any

import typer

from semsearch.errors import SemsearchError, SettingsInvalid
from semsearch_cli import common
from semsearch_cli.common import IndexesFolder, IndexName, OutputFormat, find_settings
from semsearch_cli.output import show_json, tell

if TYPE_CHECKING:
    from semsearch.options import ServiceOptions
    from semsearch.settings import Settings

APPLICATION = "semsearch.service.app:create_app"


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
    given = {"host": host, "port": port, "workers": workers, "open": True if open_to_all else None}
    run_service(settings, {name: value for name, value in given.items() if value is not None}, output=output)


def run_service(settings: Settings, changes: dict[str, object], *, output: str = "table") -> None:
    """Say the address and serve until stopped; ``changes`` go over the service's settings.

    The workers are processes of their own, so the settings reach them as SEMSEARCH_* variables. A
    missing or broken index does not stop the start: the service waits for one that works.
    Raises SettingsInvalid where nothing can or may listen at the address.
    """
    from semsearch.settings import load_settings

    os.environ["SEMSEARCH_INDEXES"] = str(settings.indexes)
    os.environ["SEMSEARCH_INDEX"] = settings.index
    for name, value in changes.items():
        os.environ[f"SEMSEARCH_SERVICE_{name.upper()}"] = str(value)
    options = load_settings().service
    check_open(options)
    check_port(options.host, options.port)
    address = f"http://{f'[{options.host}]' if ':' in options.host else options.host}:{options.port}/"
    if output == "json":
        show_json({"address": address, "index": settings.index})
    else:
        tell(f"Serving index '{settings.index}' at {address} (Ctrl-C stops it)")
    _warn_missing(settings)
    import uvicorn

    uvicorn.run(
        APPLICATION,
        factory=True,
        host=options.host,
        port=options.port,
        workers=options.workers,
        log_config=_logging(),
        log_level="warning",
        access_log=False,
    )


def _logging() -> dict[str, Any]:
    """What uvicorn sets up in every worker, with the service's own lines among it."""
    from uvicorn.config import LOGGING_CONFIG

    config = copy.deepcopy(LOGGING_CONFIG)
    config["loggers"]["semsearch"] = {"handlers": ["default"], "level": "INFO", "propagate": False}
    return config


def _warn_missing(settings: Settings) -> None:
    engine = common.make_engine(settings)
    try:
        engine.generations()
    except SemsearchError as error:
        tell(f"Warning: {error}. The service starts, and answers once there is an index.")
    finally:
        engine.close()


def check_open(options: ServiceOptions) -> None:
    """Raise SettingsInvalid for an address that others can reach, unless the settings say open."""
    try:
        local = ipaddress.ip_address(options.host).is_loopback
    except ValueError:
        local = options.host == "localhost"
    if not local and not options.open:
        raise SettingsInvalid(
            f"host {options.host} can be reached by others, who could read every article; say --open if that "
            "is meant, or listen on 127.0.0.1 behind your web server"
        )


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
