"""The fingerprint of an encoder: one hash of everything that changes a vector."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from semsearch.encoder.hashing import FileHashes
from semsearch.encoder.model_files import ModelFiles
from semsearch.errors import EncoderUnavailable

# Raised by hand when the way a vector is made changes though no model file does.
VECTOR_VERSION = 1

_KINDS = frozenset({".safetensors", ".bin", ".json", ".txt", ".model"})
# Said about the model, not to it; prompts are hashed as they are used, below.
_SAY_NOTHING = frozenset({"data_config.json", "config_sentence_transformers.json", "README.md"})
_OTHER_COPIES = frozenset({"onnx", "openvino"})


def fingerprint(model: ModelFiles, hashes: FileHashes, *, variant: str = "") -> str:
    """32 hexadecimal digits over weights, tokenizer, modules, pooling, prompts, window and ``variant``.

    ``variant`` names arithmetic that gives other vectors (``int8``); "" is the model's own. The
    place of the folder does not count. Raises EncoderUnavailable when a file cannot be read.
    """
    try:
        files = {name: hashes.sha256(path) for name, path in _files(model.folder)}
    except OSError as exc:
        raise EncoderUnavailable(f"cannot read the model in {model.folder}: {exc}") from exc
    told = {
        "version": VECTOR_VERSION,
        "files": files,
        "modules": [list(module) for module in model.modules],
        "pooling": model.pooling,
        "normalise": True,
        "query_prompt": model.query_prompt,
        "passage_prompt": model.passage_prompt,
        "window": model.window,
        "variant": variant,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:32]


def _files(folder: Path) -> list[tuple[str, Path]]:
    found = []
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if path.suffix not in _KINDS or path.name in _SAY_NOTHING or place.parts[0] in _OTHER_COPIES:
            continue
        if path.is_file():
            found.append((place.as_posix(), path))
    return found
