"""Keeps what was rejected in a JSON Lines file, so that it can be mended and added again."""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from semsearch.errors import StorageFailed
from semsearch.sources.protocol import Rejected
from semsearch.text import replace_surrogates

_MOST_RAW = 100_000  # characters of a rejected article that are kept


class RejectsFile:
    """A JSON Lines file of ``{place, field, problem, value, hint, raw}``, made at the first rejection.

    A line that stands for more than one record, or an unknown number, says so: ``records``, ``at_least``.
    Each line goes to the disk in one write at the end of the file, so that a kill leaves whole lines.
    Raises StorageFailed when the disk refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None
        self.written = False

    def write(self, rejected: Rejected) -> None:
        """Add one line; a ``raw`` of more than 100,000 characters is cut and marked ``raw_cut``."""
        error = rejected.error
        row: dict[str, object] = {
            "place": rejected.place,
            "field": error.field or None,
            "problem": error.problem,
            "value": error.value,
            "hint": error.hint or None,
            "raw": rejected.raw[:_MOST_RAW],
        }
        if len(rejected.raw) > _MOST_RAW:
            row["raw_cut"] = True
        if (rejected.count, rejected.exact) != (1, True):
            row |= {"records": rejected.count, "at_least": not rejected.exact}
        line = replace_surrogates(json.dumps(row, ensure_ascii=False)) + "\n"
        try:
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("ab", buffering=0)
            self._file.write(line.encode())
            self.written = True
        except OSError as fault:
            raise StorageFailed(
                f"cannot write the rejected articles to {self.path}: {fault.strerror}; "
                "make room or give another folder"
            ) from fault

    def close(self) -> None:
        """Close the file, if it was made; may be called twice."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> RejectsFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
