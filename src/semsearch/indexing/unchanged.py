"""Tells whether a build would only give what is live already, so that it can be copied instead.

A build keeps in its manifest, under the settings, what it was made of: a digest of its articles in their
order, one of the files that they were read from, and one of all else that shapes a generation: options,
encoder, libraries, and the code itself, so that nobody has to remember to raise a number where the way is
changed in which texts are cut.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import semsearch
from semsearch.encoder.protocol import EncoderInfo
from semsearch.errors import IndexFault
from semsearch.index.folder import IndexFolder
from semsearch.index.manifest import read_manifest

SETTING = "build"  # of a manifest
_LIBRARIES = (  # that read articles or make an index of them
    "babel", "datasketch", "defusedxml", "faiss-cpu", "lxml", "lxml-html-clean", "markdown-it-py", "numpy",
    "opencc", "py3langid", "pyarrow", "pyyaml", "simplemma", "tantivy", "tokenizers", "trafilatura", "tzdata",
)  # fmt: skip
_APART = frozenset({"editorial", "evaluation", "search", "service"})  # rooms that no build enters


@dataclass(frozen=True, slots=True)
class Made:
    """What a generation was made of, and what was to be said of its articles.

    ``articles`` is the digest of a spool; ``source`` that of the files, None where they have to be read
    again; ``read_notes`` were said when they were read, ``notes`` when the articles were indexed.
    """

    articles: str
    recipe: str
    source: str | None = None
    read_notes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def setting(self) -> dict[str, object]:
        """As it stands in a manifest."""
        return {SETTING: asdict(self)}


def made_of(settings: Mapping[str, object]) -> Made | None:
    """What the settings of a manifest say of a build; None for one of before this was kept."""
    kept: Any = settings.get(SETTING)
    try:
        source = None if kept["source"] is None else str(kept["source"])
        notes = tuple(kept["read_notes"]), tuple(kept["notes"])
        return Made(str(kept["articles"]), str(kept["recipe"]), source, *notes)
    except (KeyError, TypeError):
        return None


def made_alike(folder: IndexFolder, generation: str | None, *, recipe: str, change: int) -> Made | None:
    """What ``generation`` was made of, where it was by this recipe and nothing was changed in it since.

    ``change`` is the newest change of the index. Whether its files are sound is for the copying to say.
    """
    if generation is None:
        return None
    try:
        manifest = read_manifest(folder.generation_path(generation))
    except IndexFault:
        return None
    made = made_of(manifest.settings)
    return made if made and made.recipe == recipe and manifest.change == change else None


def recipe_of(encoder: EncoderInfo, options: Mapping[str, object]) -> str:
    """A digest of all but the articles that shapes a generation."""
    told = {
        "encoder": asdict(encoder),
        "options": options,
        "code": code_digest(),
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@cache
def code_digest() -> str:
    """A digest of the version and of the source of every module that may have a part in a build."""
    root = Path(semsearch.__file__).parent
    found = hashlib.sha256(semsearch.__version__.encode())
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        if place.parts[0] not in _APART:
            found.update(f"\n{place.as_posix()}\n".encode())
            found.update(path.read_bytes())
    return found.hexdigest()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
