"""SHA-256 of model files, remembered by path, size and time so that a start need not read 90 MB."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
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
        at = path.stat()
        # A program can set the time of a file's content back, not that of its last change of any kind.
        key = f"{path.resolve()}|{at.st_size}|{at.st_mtime_ns}|{at.st_ctime_ns}|{at.st_ino}"
        if key not in self._known:
            with path.open("rb") as stream:
                self._known[key] = hashlib.file_digest(stream, "sha256").hexdigest()
            self._save()
        return self._known[key]

    def _load(self) -> dict[str, str]:
        if self._file is None:
            return {}
        try:
            if not is_trusted(self._file):  # whoever wrote it could say any sum
                return {}
            known = json.loads(self._file.read_text("utf-8"))
        except (OSError, ValueError):  # missing or damaged: it is only a memo
            return {}
        return {str(key): str(value) for key, value in known.items()} if isinstance(known, dict) else {}

    def _save(self) -> None:
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            write_atomically(self._file, json.dumps(self._known, indent=1).encode())


def is_trusted(path: Path) -> bool:
    """Whether only this process's user or root can have written a file or folder; raises OSError.

    A cache folder may stand where others write, such as /tmp: what they put there is not ours to load.
    """
    owners = {os.geteuid(), 0}
    found = path.stat()
    open_to_all = bool(found.st_mode & stat.S_IWOTH) and not found.st_mode & stat.S_ISVTX
    return path.lstat().st_uid in owners and found.st_uid in owners and not open_to_all


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
