"""Runs the app on uvicorn: one process or several, on this machine only unless told otherwise."""

from __future__ import annotations

import copy
import dataclasses
import ipaddress
import json
import os
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from semsearch.errors import SettingsInvalid
from semsearch.keys import KeyFile
from semsearch.options import ServiceOptions
from semsearch.service.listening import address_of, each_its_own, listen
from semsearch.settings import PREFIX, Settings

if TYPE_CHECKING:
    from fastapi import FastAPI
    from uvicorn import Config

FACTORY = "semsearch.service.app:create_app"
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # read by prometheus_client when a worker imports it
POLL_SECONDS = 0.1
GRACE_SECONDS = 30  # for requests under way when the service is told to stop


def serve(
    settings: Settings,
    *,
    host: str | None = None,
    port: int | None = None,
    workers: int | None = None,
    ready_callback: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; requests under way are answered first.

    ``host``, ``port`` (0: any free one) and ``workers`` go before the settings. ``ready_callback``
    gets the address, in a thread, once searches can be answered. Raises SettingsInvalid where
    nothing can or may listen.
    """
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    options = settings.service
    options = dataclasses.replace(
        options,
        host=options.host if host is None else host,
        port=options.port if port is None else port,
        workers=options.workers if workers is None else workers,
    )
    settings = dataclasses.replace(settings, service=options)
    check_bind(options.host, allowed=options.open, keys=KeyFile(settings.indexes).any_usable())
    if options.workers < 1:
        raise SettingsInvalid(f"workers is {options.workers}; give 1 or more")
    with (
        listen(options.host, options.port) as listener,
        _telling(address_of(listener), ready_callback),
        suppress(KeyboardInterrupt),  # uvicorn raises Ctrl-C again after its orderly stop
    ):
        if options.workers == 1:
            from semsearch.service.app import create_app

            uvicorn.Server(config_of(create_app(settings), options)).run(sockets=[listener])
        else:
            with _worker_environment(settings), each_its_own(listener) as shared:
                Multiprocess(config_of(FACTORY, options), sockets=[shared]).run()


def check_bind(host: str, *, allowed: bool, keys: bool = False) -> None:
    """Raise SettingsInvalid if others could reach the service, it has no keys, and nobody said they may."""
    if allowed or keys or is_loopback(host):
        return
    raise SettingsInvalid(
        f"service.host is {host!r}, which other machines can reach, and the service has no keys; "
        "make one with 'semsearch keys create', listen on 127.0.0.1 behind your web server, or set "
        "service.open = true (SEMSEARCH_SERVICE_OPEN=true) if anyone may search"
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address; an unknown name counts as reachable."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def settings_environ(settings: Settings) -> dict[str, str]:
    """The SEMSEARCH_* variables from which ``load_settings`` makes the same settings again.

    Tables of names (fields, sources) are those of reading articles, which no worker does.
    """
    found: dict[str, str] = {}
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if dataclasses.is_dataclass(value):
            for key in dataclasses.fields(value):
                one = getattr(value, key.name)
                found[f"{PREFIX}{field.name}_{key.name}".upper()] = (
                    ",".join(one) if isinstance(one, tuple) else str(one)
                )
        elif not isinstance(value, Mapping):
            found[f"{PREFIX}{field.name}".upper()] = str(
                value.absolute() if isinstance(value, Path) else value
            )
    return found


def config_of(app: FastAPI | str, options: ServiceOptions) -> Config:
    """How uvicorn serves an app, or each worker what the name of a factory makes."""
    from uvicorn import Config
    from uvicorn.config import LOGGING_CONFIG

    from semsearch.service.guarded import GuardedProtocol

    logging = copy.deepcopy(LOGGING_CONFIG)
    logging["loggers"]["semsearch"] = {"handlers": ["default"], "level": "INFO", "propagate": False}
    return Config(
        app,
        factory=isinstance(app, str),
        workers=options.workers,
        http=GuardedProtocol,
        ws="none",
        log_config=logging,
        access_log=False,  # the app writes a line itself, with its request id and without the query
        server_header=False,
        proxy_headers=False,  # service.trusted_proxies decides whose are believed
        timeout_keep_alive=options.keep_alive_seconds,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


@contextmanager
def _worker_environment(settings: Settings) -> Iterator[None]:
    """Workers are new processes: settings and the folder of shared counts reach them as variables."""
    with tempfile.TemporaryDirectory(prefix="semsearch-metrics-") as folder:
        wanted: Mapping[str, str] = {**settings_environ(settings), METRICS_FOLDER: folder}
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


@contextmanager
def _telling(address: str, call: Callable[[str], None] | None) -> Iterator[None]:
    """Ask for readiness in a thread until it is there, and then call; give up at the end."""
    stopped = threading.Event()

    def wait(told: Callable[[str], None]) -> None:
        while not stopped.wait(POLL_SECONDS):
            if _is_ready(address):
                told(address)
                return

    if call is not None:
        threading.Thread(target=wait, args=(call,), name="semsearch-ready", daemon=True).start()
    try:
        yield
    finally:
        stopped.set()


def _is_ready(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health/ready", timeout=5) as answer:
            return bool(json.load(answer)["ready"])
    except (OSError, ValueError, KeyError, urllib.error.URLError):
        return False
