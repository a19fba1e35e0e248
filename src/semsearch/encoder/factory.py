"""From options to a ready encoder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from semsearch.encoder.fingerprint import fingerprint
from semsearch.encoder.hashing import FileHashes
from semsearch.encoder.model_files import ModelFiles, cache_folder, find_model
from semsearch.encoder.onnx_convert import NotConvertible, Precision, convert
from semsearch.encoder.onnx_store import ConvertedModels
from semsearch.encoder.protocol import Encoder, EncoderInfo
from semsearch.encoder.quantize import RECIPE
from semsearch.errors import EncoderUnavailable
from semsearch.options import EncoderOptions

logger = logging.getLogger(__name__)

# Raised when the graph of ``bert_graph`` changes, so that kept models are made again.
_GRAPH = 1
_VARIANT: dict[Precision, str] = {"float32": "", "int8": f"int8-{RECIPE}"}


def load_encoder(
    options: EncoderOptions | None = None, *, calibration: Sequence[str] = (), wanted: str | None = None
) -> Encoder:
    """The encoder that ``options`` ask for, loaded and ready.

    ``backend`` is ``torch`` (the original), ``onnx`` (float32, the same fingerprint), ``onnx-int8``
    (8 bits, a fingerprint of its own) or ``auto``: on a machine with a GPU the original, else 8
    bits where they prove near enough, else float32, else the original with a word in the log.
    ``wanted`` is the fingerprint of the index in use: auto takes the form that made its vectors.
    ``calibration`` are sample passages of the operator on which a newly made 8-bit form must hold.
    Raises EncoderUnavailable when the model cannot be had.
    """
    options = options or EncoderOptions()
    hashes = FileHashes(cache_folder(options))
    files = find_model(options, hashes)
    backend: str = options.backend
    if backend == "torch" or (backend == "auto" and _on_gpu(options)):
        return _original(options, files)
    forms: list[Precision] = ["int8", "float32"]
    if backend != "auto":
        forms = ["int8"] if backend == "onnx-int8" else ["float32"]
    elif wanted == fingerprint(files, hashes):
        forms = ["float32"]
    reason = ""
    for form in forms:
        try:
            return _fast(options, files, hashes, form, calibration)
        except NotConvertible as exc:
            reason = str(exc)
            logger.warning("%s", reason)
    if backend != "auto":
        raise EncoderUnavailable(f"{reason}; set [encoder] backend = 'auto' or 'torch'")
    logger.warning("%s runs on the torch back end, which is slower", files.name)
    return _original(options, files)


def would_load(options: EncoderOptions, info: EncoderInfo) -> bool:
    """Whether ``load_encoder``, the fingerprint of ``info`` wanted, surely gives that encoder; loads nothing.

    False also where only loading can tell: where that form of the model is not kept on this machine.
    Raises EncoderUnavailable when the model cannot be had.
    """
    hashes = FileHashes(cache_folder(options))
    files = find_model(options, hashes)
    if files.name != info.name:
        return False
    if info.fingerprint == fingerprint(files, hashes):
        return options.backend != "onnx-int8"
    if options.backend not in {"auto", "onnx-int8"} or (options.backend == "auto" and _on_gpu(options)):
        return False
    own = fingerprint(files, hashes, variant=_VARIANT["int8"])
    return own == info.fingerprint and ConvertedModels(cache_folder(options), hashes).has(
        _kept_as(own, "int8")
    )


def _fast(
    options: EncoderOptions,
    files: ModelFiles,
    hashes: FileHashes,
    form: Precision,
    calibration: Sequence[str],
) -> Encoder:
    from semsearch.encoder.onnx_backend import OnnxEncoder

    original = fingerprint(files, hashes)
    own = fingerprint(files, hashes, variant=_VARIANT[form])
    models = ConvertedModels(cache_folder(options), hashes)
    session = models.open(_kept_as(own, form), lambda: convert(files, original, options, form, calibration))
    return OnnxEncoder(files, session, own, threads=options.threads)


def _kept_as(own: str, form: Precision) -> str:
    return f"{own}-{form}-{_GRAPH}"


def _original(options: EncoderOptions, files: ModelFiles) -> Encoder:
    from semsearch.encoder.torch_backend import SentenceTransformerEncoder

    return SentenceTransformerEncoder(options, model=files)


def _on_gpu(options: EncoderOptions) -> bool:
    """Whether a GPU is asked for, or there; looked up without the seconds that importing torch takes."""
    if options.device != "auto":
        return options.device != "cpu"
    if not Path("/dev/nvidia0").exists():
        return False
    import torch

    return bool(torch.cuda.is_available())
