"""A digest of all that sources are read from: where it is the same, reading gives the same articles."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from semsearch.sources.inherited import files_above
from semsearch.sources.opening import files_below
from semsearch.sources.protocol import Note
from semsearch.text.dates import DateHabits


def content_digest(
    specs: Sequence[str],
    kind: str | None = None,
    fields: Mapping[str, str] | None = None,
    dates: DateHabits | None = None,
) -> str | None:
    """SHA-256 over every byte of the sources, their names, and how they are to be read.

    None where they cannot be read twice (standard input, a pipe) or not at all; opening them says why.
    """
    told: list[object] = [list(specs), kind, dict(fields or {})]
    if dates is not None and dates != DateHabits():
        told.append([dates.order, str(dates.zone), dates.language])
    found = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    try:
        for spec in specs:
            path = Path(spec)
            for above, _ in files_above(path.resolve()):
                found.update(_entry(above))  # what a site says of the pages below
            if path.is_dir():
                notes: list[Note] = []  # what is passed over is told, too
                for below in files_below(path, notes):
                    found.update(_entry(below))
                found.update("".join(f"\n{note}" for note in notes).encode(errors="surrogateescape"))
            elif path.is_file():
                found.update(_entry(path))
            else:
                return None
    except (OSError, ValueError, RuntimeError):
        return None
    return found.hexdigest()


def _entry(path: Path) -> bytes:
    """The name of a file and the digest of what is in it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return b"\n" + os.fsencode(path) + b"\0" + digest
