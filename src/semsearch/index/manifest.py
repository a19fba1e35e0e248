"""The manifest of a generation: what it holds, by which encoder, and a checksum of every file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from semsearch.encoder.protocol import EncoderInfo
from semsearch.errors import FormatTooNew, IndexCorrupt
from semsearch.index.files import sha256, write_durably

FORMAT = 1
NAME = "manifest.json"


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
    content = asdict(manifest) | {"created_at": manifest.created_at.isoformat()}
    write_durably(folder / NAME, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_manifest(folder: Path) -> Manifest:
    """Read a manifest; raises IndexCorrupt or FormatTooNew naming the file and the way out."""
    path = folder / NAME
    try:
        content = json.loads(path.read_text("utf-8"))
        version = int(content["format"])
        if version > FORMAT:
            raise FormatTooNew(
                f"{path} has format {version}, this semsearch reads up to {FORMAT}; "
                "update semsearch, or activate an older generation (semsearch index rollback)"
            )
        return _manifest_from(content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise IndexCorrupt(
            f"{path} is missing or damaged ({exc}); roll back to an earlier generation "
            "(semsearch index rollback) or build the index again"
        ) from exc


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
