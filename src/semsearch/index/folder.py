"""The folder of one index: which generations there are, which one is live, and the locks."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from semsearch.errors import GenerationNotFound, IndexCorrupt, IndexNotFound
from semsearch.index.files import rename_durably, storage_errors, sync_folder, write_durably
from semsearch.index.locks import exclusive

_GENERATION = re.compile(r"\d{6,}-[0-9TZ]+")
BUILDING = ".building"
CURRENT_FILE = "current"
WRITE_WAIT_SECONDS = 60.0


class IndexFolder:
    """``indexes/<name>``; nothing is created before ``create``."""

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self.path = root / name
        self.current_file = self.path / CURRENT_FILE
        self.generations_path = self.path / "generations"
        self.cache_file = self.path / "embeddings.db"
        self.rejects = self.path / "rejects"
        self.write_lock_file = self.path / "write.lock"

    def create(self) -> None:
        """Make the folder where it is missing."""
        self._refuse_file()
        with storage_errors(self.path):
            self.generations_path.mkdir(parents=True, exist_ok=True)

    def generation_path(self, generation: str) -> Path:
        """Where a generation lies."""
        return self.generations_path / generation

    def current(self) -> str:
        """Id of the live generation; raises IndexNotFound where nothing was published."""
        self._refuse_file()
        try:
            generation = self.current_file.read_text("utf-8").strip()
        except FileNotFoundError as exc:
            if self.generations():
                raise IndexNotFound(
                    f"no generation of index '{self.name}' is live: {self.current_file} is missing; "
                    f"{self._ways_out()}"
                ) from exc
            raise IndexNotFound(
                f"there is no index '{self.name}' in {self.path.parent}; "
                f"build it with: semsearch index build SOURCE --index {self.name}"
            ) from exc
        except (OSError, UnicodeDecodeError) as exc:
            raise IndexCorrupt(f"{self.current_file} cannot be read ({exc}); {self._ways_out()}") from exc
        if not _GENERATION.fullmatch(generation):
            raise IndexCorrupt(
                f"{self.current_file} names no generation ({generation[:40]!r}); {self._ways_out()}"
            )
        return generation

    def current_stamp(self) -> tuple[int, int]:
        """Changes whenever ``current`` was replaced; (0, 0) where there is none."""
        try:
            found = os.stat(self.current_file)
        except OSError:
            return (0, 0)
        return (found.st_ino, found.st_mtime_ns)

    def generations(self) -> list[str]:
        """Ids of all finished generations, oldest first; raises StorageFailed where they cannot be listed."""
        with storage_errors(self.generations_path):
            try:
                names = os.listdir(self.generations_path)
            except (FileNotFoundError, NotADirectoryError):
                return []
        return sorted(name for name in names if _GENERATION.fullmatch(name))

    def was_published(self) -> bool:
        """Whether a generation of this index was ever made live: it left its lock then, if nothing else."""
        return self.current_file.exists() or self.write_lock_file.exists()

    def require(self, generation: str) -> str:
        """The id itself; raises GenerationNotFound naming those there are."""
        known = self.generations()
        if generation not in known:
            raise GenerationNotFound(
                f"index '{self.name}' has no generation '{generation}'; it has: {', '.join(known) or 'none'}"
            )
        return generation

    def before(self, generation: str) -> str:
        """The newest generation older than this one; raises GenerationNotFound where there is none."""
        known = self.generations()
        older = [one for one in known if one < generation]
        if not older:
            others = ", ".join(one for one in known if one != generation)
            raise GenerationNotFound(
                f"index '{self.name}' has nothing before generation '{generation}'; "
                + (
                    f"semsearch index activate makes another live: {others}"
                    if others
                    else "there is no other: build the index again, or restore a snapshot"
                )
            )
        return older[-1]

    def set_current(self, generation: str) -> None:
        """Make a generation live by one atomic rename; the caller holds the write lock."""
        with storage_errors(self.current_file):
            write_durably(self.current_file, f"{generation}\n")
            for left in self.path.glob(f".{self.current_file.name}.*"):  # of killed processes
                left.unlink()

    def begin(self) -> Path:
        """A new empty folder to build in; leftovers of killed builds are removed first.

        The caller holds the build lock. The name sorts after every other, even if the clock went back.
        """
        with storage_errors(self.generations_path):
            for left in self.generations_path.glob(f"*{BUILDING}"):
                shutil.rmtree(left)
            last = max((int(name.split("-")[0]) for name in self.generations()), default=0)
            name = f"{last + 1:06d}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
            path = self.generations_path / f"{name}{BUILDING}"
            path.mkdir()
            sync_folder(self.generations_path)
        return path

    def complete(self, building: Path) -> str:
        """Give a finished build its final name; returns the generation's id."""
        generation = building.name.removesuffix(BUILDING)
        with storage_errors(building):
            rename_durably(building, self.generation_path(generation))
        return generation

    def build_lock(self) -> AbstractContextManager[None]:
        """Hold while building; a second builder is told who holds it."""
        return exclusive(self.path / "build.lock", f"building index '{self.name}'")

    def write_lock(self) -> AbstractContextManager[None]:
        """Hold while writing live changes or publishing."""
        what = f"writing to index '{self.name}'"
        return exclusive(self.write_lock_file, what, wait_seconds=WRITE_WAIT_SECONDS)

    def _refuse_file(self) -> None:
        if self.path.is_file():
            raise IndexNotFound(
                f"{self.path} is a file and cannot be the folder of an index; give another name with --index"
            )

    def _ways_out(self) -> str:
        known = self.generations()
        if not known:
            return f"build the index again: semsearch index build SOURCE --index {self.name}"
        return f"make one live: semsearch index activate {known[-1]} --index {self.name}"
