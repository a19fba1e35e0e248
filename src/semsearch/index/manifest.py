"""The manifest of a generation: what it holds, by which encoder, and a checksum of every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from semsearch.encoder.protocol import EncoderInfo
from semsearch.errors import FormatTooNew, IndexCorrupt
from semsearch.index.files import sha256, write_durably
from semsearch.text import replace_surrogates

FORMAT = 2  # 1: articles without a state; whoever knows only that would show what is to be hidden
NAME = "manifest.json"
_SEAL = "checksum"


@dataclass(frozen=True, slots=True)
class FileSum:
    """Size in bytes and SHA-256 of one file."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one generation is. ``change`` is the change number that its base files have reached."""

    id: str
    created_at: datetime
    encoder: EncoderInfo
    articles: int
    passages: int
    change: int
    settings: Mapping[str, object]
    files: Mapping[str, FileSum]
    parent: str | None = None
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        """Bytes of all files."""
        return sum(file.bytes for file in self.files.values())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest durably; it is the last file of a build."""
    write_durably(folder / NAME, manifest_text(manifest))


def manifest_text(manifest: Manifest) -> str:
    """A manifest as it stands in its file, with a checksum over itself."""
    content = asdict(manifest) | {"created_at": manifest.created_at.isoformat()}
    # As it will be read back; a lone surrogate, as of a file name that is not UTF-8, no file can hold.
    content = json.loads(replace_surrogates(json.dumps(content, ensure_ascii=False)))
    sealed = content | {_SEAL: seal(content)}
    return json.dumps(sealed, indent=1, ensure_ascii=False) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest; raises IndexCorrupt or FormatTooNew naming the file and the way out."""
    path = folder / NAME
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError) as exc:
        raise _damaged(path, exc) from exc
    return manifest_from_text(text, path)


def manifest_from_text(text: str, path: Path) -> Manifest:
    """The manifest of ``manifest_text``; raises IndexCorrupt or FormatTooNew naming ``path``."""
    try:
        content = json.loads(text)
        version = int(content["format"])
        if version > FORMAT:
            raise FormatTooNew(
                f"{path} has format {version}, this semsearch reads up to {FORMAT}; "
                "update semsearch, or activate an older generation (semsearch index rollback)"
            )
        _check_seal(content)
        return _manifest_from(content)
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise _damaged(path, exc) from exc


def _damaged(path: Path, exc: Exception) -> IndexCorrupt:
    return IndexCorrupt(
        f"{path} is missing or damaged ({exc}); roll back to an earlier generation "
        "(semsearch index rollback) or build the index again"
    )


def seal(content: Mapping[str, object]) -> str:
    """A checksum over all that a manifest or a header says: no other file says it."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _check_seal(content: dict[str, Any]) -> None:
    """Raise ValueError unless the manifest is as it was written; early ones have no seal."""
    held = content.pop(_SEAL, None)
    known = {field.name for field in fields(Manifest)}
    if content.keys() - known:
        raise ValueError(f"it has unknown fields: {', '.join(sorted(content.keys() - known))[:80]}")
    if held is not None and held != seal(content):
        raise ValueError("it does not match its own checksum")


def _manifest_from(content: dict[str, Any]) -> Manifest:
    return Manifest(
        id=str(content["id"]),
        created_at=datetime.fromisoformat(content["created_at"]),
        encoder=EncoderInfo(**content["encoder"]),
        articles=int(content["articles"]),
        passages=int(content["passages"]),
        change=int(content["change"]),
        settings=dict(content["settings"]),
        files={
            name: FileSum(int(one["bytes"]), str(one["sha256"])) for name, one in content["files"].items()
        },
        parent=content.get("parent"),
        format=int(content["format"]),
    )


def sum_files(folder: Path) -> dict[str, FileSum]:
    """The checksum of every file below a generation's folder, by its relative name."""
    return {
        str(path.relative_to(folder)): FileSum(path.stat().st_size, sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != NAME and not path.name.startswith(".")
    }
