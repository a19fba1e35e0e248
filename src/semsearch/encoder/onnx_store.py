"""Converted models on disk: made once, whole or not at all, remade when damaged."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from semsearch.encoder.hashing import FileHashes, is_trusted
from semsearch.encoder.onnx_convert import NotConvertible
from semsearch.encoder.onnx_session import OnnxSession
from semsearch.errors import EncoderUnavailable

logger = logging.getLogger(__name__)

_MODEL = "model.onnx"
_TOLD = "told.json"


class ConvertedModels:
    """A folder with one folder a converted model. Two processes may make the same one at once."""

    def __init__(self, folder: Path, hashes: FileHashes) -> None:
        self._folder = folder / "models"
        self._hashes = hashes

    def open(self, name: str, make: Callable[[], bytes]) -> OnnxSession:
        """The model kept as ``name``, else the one that ``make`` gives, kept for the next time.

        A refusal (NotConvertible) is kept too and raised again. Where the folder cannot be written
        the model is made for this process alone.
        """
        kept = self._folder / name
        with contextlib.suppress(FileNotFoundError):
            try:
                return self._open(kept)
            except NotConvertible:
                raise
            except (OSError, ValueError, KeyError, EncoderUnavailable) as exc:
                if isinstance(exc, FileNotFoundError) and not kept.exists():
                    raise
                logger.warning("the converted model in %s is damaged (%s); it is made again", kept, exc)
                _remove(kept)
        logger.info("converting the model for this machine, once: %s", name)
        try:
            model = make()
        except NotConvertible as exc:
            self._keep(kept, {"refused": str(exc)}, None)
            raise
        session = OnnxSession(model)
        self._keep(kept, {}, model)
        return session

    def has(self, name: str) -> bool:
        """Whether a model is kept as ``name``, made and not refused; not whether it is sound."""
        kept = self._folder / name
        try:
            told = json.loads((kept / _TOLD).read_text("utf-8"))
            return not told.get("refused") and (kept / _MODEL).is_file()
        except (OSError, ValueError, AttributeError):
            return False

    def _open(self, kept: Path) -> OnnxSession:
        for path in (kept, kept / _TOLD, kept / _MODEL):
            if path.exists() and not is_trusted(path):
                raise ValueError(f"{path} was not written by this user, or others can write to it")
        told = json.loads((kept / _TOLD).read_text("utf-8"))
        if told.get("refused"):
            raise NotConvertible(str(told["refused"]))
        found = self._hashes.sha256(kept / _MODEL)
        if found != told["sha256"]:
            raise ValueError(f"SHA-256 {found} instead of {told['sha256']}")
        return OnnxSession(kept / _MODEL)

    def _keep(self, kept: Path, told: dict[str, str], model: bytes | None) -> None:
        """Write aside, then rename: whoever comes second finds the first one's and leaves it."""
        aside: Path | None = None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(dir=self._folder, prefix=".new-"))
            if model is not None:
                (aside / _MODEL).write_bytes(model)
                told = {**told, "sha256": self._hashes.sha256(aside / _MODEL)}
            (aside / _TOLD).write_text(json.dumps(told), "utf-8")
            aside.chmod(0o755)  # as any folder; mkdtemp's are private
            os.rename(aside, kept)
        except OSError as exc:
            if not (kept / _TOLD).is_file():
                logger.warning(
                    "the converted model cannot be kept in %s (%s); it will be made at every start. "
                    "Set [encoder] cache_folder to a folder that can be written",
                    self._folder,
                    exc.strerror,
                )
        finally:
            if aside is not None:
                shutil.rmtree(aside, ignore_errors=True)


def _remove(kept: Path) -> None:
    """Take a damaged model out of the way in one step, then delete it."""
    grave = kept.with_name(f".old-{os.getpid()}-{kept.name}")
    with contextlib.suppress(OSError):
        os.rename(kept, grave)
        shutil.rmtree(grave, ignore_errors=True)
