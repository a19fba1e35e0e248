"""Tells whether a build would only give what is live already, so that it can be copied instead.

A build keeps in its manifest, under the settings, what it was made of: a digest of its articles in their
order, one of them as the index gives them back (with the language that was found), and one of all else
that shapes a generation: options, encoder, libraries, and the code itself, so that nobody has to remember
to raise a number when he changes how texts are cut.
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
_SHAPING = ("datasketch", "faiss-cpu", "numpy", "py3langid", "tantivy", "tokenizers")
_APART = frozenset({"editorial", "evaluation", "search", "service"})  # rooms that no build enters
_SEEN = frozenset({"sources"})  # what it does shows in the articles


@dataclass(frozen=True, slots=True)
class Made:
    """What a generation was made of, and what was to be said of its articles."""

    articles: str
    stored: str
    recipe: str
    notes: tuple[str, ...] = ()

    def setting(self) -> dict[str, object]:
        """As it stands in a manifest."""
        return {SETTING: asdict(self)}


def made_of(settings: Mapping[str, object]) -> Made | None:
    """What the settings of a manifest say of a build; None for one of before this was kept."""
    kept: Any = settings.get(SETTING)
    try:
        return Made(str(kept["articles"]), str(kept["stored"]), str(kept["recipe"]), tuple(kept["notes"]))
    except (KeyError, TypeError):
        return None


def same_as(
    folder: IndexFolder, generation: str | None, *, articles: str, recipe: str, change: int
) -> Made | None:
    """What ``generation`` was made of where a build of these articles would make it again; else None.

    That is where nothing was changed in it since, ``change`` being the newest change of the index. Whether
    its files are sound is for the copying to say.
    """
    if generation is None:
        return None
    try:
        manifest = read_manifest(folder.generation_path(generation))
    except IndexFault:
        return None
    made = made_of(manifest.settings)
    if made is None or made.recipe != recipe or manifest.change != change:
        return None
    return made if articles in {made.articles, made.stored} else None


def recipe_of(encoder: EncoderInfo, options: Mapping[str, object]) -> str:
    """A digest of all but the articles that shapes a generation."""
    told = {
        "encoder": asdict(encoder),
        "options": options,
        "code": code_digest(),
        "libraries": {name: _version(name) for name in _SHAPING},
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
        if place.parts[0] not in _APART | _SEEN:
            found.update(f"\n{place.as_posix()}\n".encode())
            found.update(path.read_bytes())
    return found.hexdigest()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
