"""The checks of `semsearch doctor`; each looks at one thing and changes nothing."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from semsearch.errors import IndexNotFound, SemsearchError
from semsearch_cli import common
from semsearch_cli.output import duration, size
from semsearch_cli.serve import port_problem

if TYPE_CHECKING:
    from semsearch.settings import Settings

State = Literal["ok", "warn", "fail"]

LOW_DISK = (
    2_000_000_000  # bytes: less is too little to rebuild an index of some 100,000 articles beside the old
)
NO_DISK = 100_000_000  # bytes: less and even changes will soon fail
SPEED_TEXT = "The council voted on Tuesday to keep the village school open for another year. " * 8
SPEED_TEXTS = 32  # passages of about 120 tokens: enough to tell a class, quick even where it is slow
SPEED_CLASSES = ((200.0, "fast"), (20.0, "usual for a processor"), (0.0, "slow"))  # passages a second


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found: ``state`` is ok, warn or fail; ``advice`` says what to do, if anything."""

    name: str
    state: State
    found: str
    advice: str = ""


def all_checks(settings: Settings) -> list[Check]:
    """Every check in the order in which a mend of one may mend the next."""
    looks: tuple[Callable[[Settings], Iterator[Check]], ...] = (
        _python,
        _packages,
        _model,
        _encoder,
        _folder,
        _disk,
        _locks,
        _index,
        _port,
    )
    return [check for look in looks for check in _guarded(look, settings)]


def _guarded(look: Callable[[Settings], Iterator[Check]], settings: Settings) -> Iterator[Check]:
    """The checks of one look; one that breaks is a failed check and never the end of all."""
    try:
        yield from look(settings)
    except SemsearchError as error:
        yield Check(_name(look), "fail", str(error))
    except Exception as error:  # noqa: BLE001  whatever is broken here is what a doctor is asked about
        yield Check(
            _name(look), "fail", f"{type(error).__name__}: {error}", "run `make clean setup` or install again"
        )


def _name(look: Callable[[Settings], Iterator[Check]]) -> str:
    return look.__name__.strip("_").replace("_", " ")


def _python(settings: Settings) -> Iterator[Check]:
    del settings
    found = f"{platform.python_version()} at {sys.executable}"
    least = metadata.metadata("semsearch")["Requires-Python"].removeprefix(">=")
    if sys.version_info >= tuple(int(part) for part in least.split(".")):
        yield Check("python", "ok", found)
    else:
        yield Check("python", "fail", f"{found} is too old", f"install Python {least} or newer")


def _packages(settings: Settings) -> Iterator[Check]:
    del settings
    versions, missing = [], []
    for requirement in metadata.requires("semsearch") or ():
        if "extra ==" in requirement:
            continue
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(requirement)
    if missing:
        yield Check(
            "packages", "fail", f"missing: {', '.join(missing)}", "pip install -c constraints.txt -e ."
        )
    else:
        yield Check("packages", "ok", f"semsearch {metadata.version('semsearch')}; {', '.join(versions)}")


def _model(settings: Settings) -> Iterator[Check]:
    from semsearch.encoder.hashing import FileHashes
    from semsearch.encoder.model_files import find_model

    if settings.encoder.model != "default" and not Path(settings.encoder.model).expanduser().is_dir():
        yield Check(
            "model", "warn", f"{settings.encoder.model} comes from the hub", "name a folder to run offline"
        )
        return
    files = find_model(settings.encoder, FileHashes(None))  # without memory: the file itself is read
    sums = ", checksum as published" if settings.encoder.model == "default" else ""
    yield Check("model", "ok", f"{files.name} in {files.folder}, {files.window} tokens{sums}")


def _encoder(settings: Settings) -> Iterator[Check]:
    from semsearch.options import EncoderOptions

    engine = common.make_engine(settings)
    try:
        encoder = engine.encoder
        texts = [f"{number} {SPEED_TEXT}" for number in range(SPEED_TEXTS)]
        encoder.encode_passages(texts[:4])  # warms up
        began = time.perf_counter()
        encoder.encode_passages(texts)
        rate = SPEED_TEXTS / (time.perf_counter() - began)
    finally:
        engine.close()
    verdict = next(word for least, word in SPEED_CLASSES if rate >= least)
    back_end = getattr(encoder, "backend", type(encoder).__name__)
    found = f"{back_end}: {rate:,.0f} passages a second on {os.cpu_count()} cores, {verdict}"
    if verdict != "slow":
        yield Check("encoder", "ok", found)
    elif settings.encoder.backend == EncoderOptions().backend:
        yield Check("encoder", "warn", found, "is the machine busy? 12,000 long articles will take hours")
    else:
        yield Check("encoder", "warn", found, f'try backend = "auto" instead of "{settings.encoder.backend}"')


def _folder(settings: Settings) -> Iterator[Check]:
    folder = _nearest(settings.indexes)
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Check(
            "folder", "fail", f"{folder} cannot be written", "give another with --indexes, or its permission"
        )
    elif kind := _network_mount(folder):
        advice = "locks and SQLite's log need a local disk; give another with --indexes"
        yield Check("folder", "warn", f"{settings.indexes} lies on a network mount ({kind})", advice)
    else:
        made = "" if settings.indexes.is_dir() else " (made by the first build)"
        yield Check("folder", "ok", f"{settings.indexes.absolute()}{made}")


def _nearest(path: Path) -> Path:
    """The path itself, or the first of its parents that exists."""
    path = path.absolute()
    while not path.exists():
        path = path.parent
    return path


def _network_mount(path: Path) -> str | None:
    """The kind of network file system that a path lies on; None for a local one or where unknown."""
    try:
        mounts = Path("/proc/mounts").read_text("utf-8").splitlines()
    except OSError:
        return None
    found = ("", "")
    for line in mounts:
        _, point, kind, *_ = line.split()
        if path.resolve().is_relative_to(point.replace("\\040", " ")) and len(point) >= len(found[0]):
            found = (point, kind)
    return found[1] if re.match(r"(nfs|cifs|smb|fuse\.sshfs|9p|ceph|gluster)", found[1]) else None


def _disk(settings: Settings) -> Iterator[Check]:
    free = shutil.disk_usage(_nearest(settings.indexes)).free
    if free < NO_DISK:
        yield Check("disk", "fail", f"{size(free)} free", "make room, or run: semsearch index prune --keep 1")
    elif free < LOW_DISK:
        yield Check("disk", "warn", f"{size(free)} free", "a rebuild needs room beside the live index")
    else:
        yield Check("disk", "ok", f"{size(free)} free")


def _locks(settings: Settings) -> Iterator[Check]:
    from semsearch.index.locks import is_held

    folder = settings.indexes / settings.index
    held = [path for path in sorted(folder.glob("*.lock")) if is_held(path)]
    if held:
        names = ", ".join(path.name for path in held)
        yield Check(
            "locks", "warn", f"held in {folder}: {names}", "a build or a change is at work; wait for it"
        )
    else:
        yield Check("locks", "ok", "none is held")


def _index(settings: Settings) -> Iterator[Check]:
    engine = common.make_engine(settings)
    began = time.perf_counter()
    try:
        status = engine.status()
    except IndexNotFound as error:
        yield Check("index", "warn", str(error))
        return
    finally:
        engine.close()
    found = (
        f"'{status.name}' opens in {duration(time.perf_counter() - began)}: generation {status.generation}, "
        f"{status.articles:,} articles, encoder {status.encoder.name}"
    )
    yield Check("index", "warn" if status.advice else "ok", found, status.advice or "")


def _port(settings: Settings) -> Iterator[Check]:
    service = settings.service
    problem = port_problem(service.host, service.port)
    if problem:
        advice = "is the service running already? else: semsearch serve --port N"
        yield Check("port", "warn", f"{service.host} port {service.port}: {problem}", advice)
    else:
        yield Check("port", "ok", f"{service.host} port {service.port} is free")
