"""A model's files -> a fast graph, proven near enough to the original before anyone uses it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Literal

import numpy as np

from semsearch.encoder.bert_graph import BertShape, Weights, build_graph
from semsearch.encoder.model_files import ModelFiles
from semsearch.encoder.onnx_session import OnnxSession
from semsearch.encoder.protocol import Vectors
from semsearch.encoder.quantize import plan_quantisation, run_taps, tap_names
from semsearch.encoder.sample import sample_texts
from semsearch.encoder.tokenizing import TextTokenizer
from semsearch.errors import EncoderUnavailable
from semsearch.options import EncoderOptions

logger = logging.getLogger(__name__)

Precision = Literal["float32", "int8"]

# Least cosine to the original on every sample text, and on their mean. Float32 above its bound
# shares the fingerprint of the original; 8 bits never do.
LEAST_COSINE: Mapping[Precision, float] = {"float32": 0.9999, "int8": 0.97}
MEAN_COSINE: Mapping[Precision, float] = {"float32": 0.9999, "int8": 0.99}
# How many of the operator's own texts a new 8-bit model is tried on.
_TRIED_TEXTS = 64

# Kinds of model whose graph is BERT's, and where their table of positions starts.
_FIRST_POSITION = {"bert": 0, "roberta": 2, "xlm-roberta": 2}
_POOLINGS = frozenset({"mean", "cls"})
_MODULES = frozenset({"Transformer", "Pooling", "Normalize"})


class NotConvertible(Exception):  # noqa: N818 - never leaves the room: the factory answers it
    """The model cannot run on the fast back end, or was not proven near enough; says why."""


def convert(
    files: ModelFiles,
    fingerprint: str,
    options: EncoderOptions,
    precision: Precision,
    calibration: Sequence[str],
) -> bytes:
    """The model as a graph of ``onnx_session``, after comparing its vectors with the original's.

    ``fingerprint`` is that of the original. ``calibration`` are texts of the operator on which the
    8-bit form must hold as well; they do not change it. Raises NotConvertible.
    """
    shape = read_shape(files)
    weights = read_weights(files)
    tokenizer = TextTokenizer(files.tokenizer, files.window)
    texts = tokenizer.ids(sample_texts(), files.passage_prompt)
    try:
        exact = build_graph(weights, shape, tap=tap_names(shape) if precision == "int8" else ())
        session = OnnxSession(exact)
    except (KeyError, IndexError) as exc:
        raise NotConvertible(f"the weights of {files.name} are not named as BERT's are: {exc}") from exc
    found = _encode(session, texts)
    _compare(found, _original(files, fingerprint, options), "float32", files.name)
    if precision == "float32":
        return exact
    ranges = run_taps(lambda ids: session.values(ids, tap_names(shape)), texts)
    small = build_graph(weights, shape, quantised=plan_quantisation(weights, shape, ranges))
    fast = OnnxSession(small)
    _compare(_encode(fast, texts), found, "int8", files.name)
    if calibration:
        own = tokenizer.ids(_spread(calibration), files.passage_prompt)
        _compare(_encode(fast, own), _encode(session, own), "int8", f"{files.name} on the index's own texts")
    return small


def read_shape(files: ModelFiles) -> BertShape:
    """The shape of a BERT-like model; raises NotConvertible when it is none."""
    config = _config(files)
    kind = str(config.get("model_type"))
    others = {name for name, _ in files.modules} - _MODULES
    reason = ""
    if kind not in _FIRST_POSITION:
        reason = f"it is of kind {kind}, not one of {sorted(_FIRST_POSITION)}"
    elif config.get("hidden_act") != "gelu":
        reason = f"its activation is {config.get('hidden_act')}, not gelu"
    elif config.get("position_embedding_type", "absolute") != "absolute":
        reason = f"its positions are {config.get('position_embedding_type')}, not absolute"
    elif files.pooling not in _POOLINGS or others:
        reason = f"it pools by {files.pooling or 'nothing'} with the modules {sorted(others)}"
    elif not files.tokenizer.is_file() or not (files.folder / "model.safetensors").is_file():
        reason = "tokenizer.json or model.safetensors is missing"
    if reason:
        raise NotConvertible(f"{files.name} cannot run on the fast back end: {reason}")
    return BertShape(
        layers=int(config["num_hidden_layers"]),
        heads=int(config["num_attention_heads"]),
        epsilon=float(config["layer_norm_eps"]),
        first_position=_FIRST_POSITION[kind],
        pooling=files.pooling,
    )


def read_weights(files: ModelFiles) -> Weights:
    """Weights by name without the prefix of a whole-task model, in float32; raises NotConvertible."""
    try:
        from safetensors.numpy import load_file

        found = load_file(files.folder / "model.safetensors")
    except Exception as exc:  # unknown number types raise TypeError or KeyError, damage its own error
        raise NotConvertible(f"the weights of {files.name} cannot be read: {exc}") from exc
    return {
        name.removeprefix("bert.").removeprefix("roberta."): value.astype(np.float32)
        for name, value in found.items()
        if value.dtype.kind == "f"
    }


def _config(files: ModelFiles) -> Mapping[str, Any]:
    first = files.folder / (files.modules[0][1] if files.modules else "")
    try:
        found = json.loads((first / "config.json").read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise NotConvertible(f"{first / 'config.json'} cannot be read: {exc}") from exc
    return found if isinstance(found, dict) else {}


def _original(files: ModelFiles, fingerprint: str, options: EncoderOptions) -> Vectors:
    """Vectors of the sample texts by the original: those kept with the program, else made by torch."""
    kept = resources.files("semsearch.encoder").joinpath(f"reference-{fingerprint}.npy")
    if kept.is_file():
        with kept.open("rb") as stream:
            vectors: Vectors = np.load(stream).astype(np.float32)
            return vectors
    logger.info("comparing %s with its original, once", files.name)
    from semsearch.encoder.torch_backend import SentenceTransformerEncoder

    try:
        return SentenceTransformerEncoder(options, model=files).encode_whatever(sample_texts())
    except EncoderUnavailable as exc:
        raise NotConvertible(f"there is no original to compare with: {exc}") from exc


def _encode(session: OnnxSession, texts: Sequence[Sequence[int]]) -> Vectors:
    return np.concatenate([session.vectors(np.asarray([ids], np.int32)) for ids in texts])


def _compare(found: Vectors, wanted: Vectors, precision: Precision, name: str) -> None:
    cosines = (found * wanted).sum(axis=1) / np.linalg.norm(wanted, axis=1)
    least, mean = float(cosines.min()), float(cosines.mean())
    logger.info("%s in %s: cosine to the original at least %.5f, mean %.5f", name, precision, least, mean)
    # Written so that a NaN fails.
    if not (least >= LEAST_COSINE[precision] and mean >= MEAN_COSINE[precision]):
        raise NotConvertible(
            f"{name} in {precision} is too far from its original: cosine at least {least:.4f} "
            f"and mean {mean:.4f}, needed {LEAST_COSINE[precision]} and {MEAN_COSINE[precision]}"
        )


def _spread(texts: Sequence[str]) -> Sequence[str]:
    return texts[:: max(1, len(texts) // _TRIED_TEXTS)][:_TRIED_TEXTS]
