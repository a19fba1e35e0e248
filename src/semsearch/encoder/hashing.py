"""SHA-256 of model files, remembered by path, size and time so that a start need not read 90 MB."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path


class FileHashes:
    """Hashes of files; what was computed is kept in ``<folder>/file-hashes.json``.

    A folder that cannot be written only costs the time of hashing again. ``folder`` None keeps
    nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._file = None if folder is None else folder / "file-hashes.json"
        self._known = self._load()

    def sha256(self, path: Path) -> str:
        """The SHA-256 of a file in hexadecimal; raises OSError when it cannot be read."""
        stat = path.stat()
        key = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}|{stat.st_ino}"
        if key not in self._known:
            with path.open("rb") as stream:
                self._known[key] = hashlib.file_digest(stream, "sha256").hexdigest()
            self._save()
        return self._known[key]

    def _load(self) -> dict[str, str]:
        if self._file is None:
            return {}
        try:
            known = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):  # missing or damaged: it is only a memo
            return {}
        return {str(key): str(value) for key, value in known.items()} if isinstance(known, dict) else {}

    def _save(self) -> None:
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            write_atomically(self._file, json.dumps(self._known, indent=1).encode())


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the whole new one; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
