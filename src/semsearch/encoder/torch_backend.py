"""The model as sentence-transformers runs it: the reference for every other back end."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from semsearch.encoder.batching import plan_batches
from semsearch.encoder.fingerprint import fingerprint
from semsearch.encoder.hashing import FileHashes
from semsearch.encoder.model_files import ModelFiles, cache_folder, find_model
from semsearch.encoder.protocol import EncoderInfo, Vectors
from semsearch.encoder.silence import silence_libraries
from semsearch.encoder.tokenizing import KnownTokens
from semsearch.errors import EncoderUnavailable
from semsearch.options import EncoderOptions
from semsearch.text.heads import heads_of

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

logger = logging.getLogger(__name__)

# Tokens a batch on the CPU, where more does not go faster, and on a GPU.
_CPU_BUDGET = 4096
_GPU_BUDGET = 32768


class SentenceTransformerEncoder:
    """Encoder over sentence-transformers: the packaged model, a local folder or a hub name.

    Raises EncoderUnavailable on creation when the model cannot be loaded or is not the pinned one.
    """

    def __init__(self, options: EncoderOptions | None = None, *, model: ModelFiles | None = None) -> None:
        options = options or EncoderOptions()
        hashes = FileHashes(cache_folder(options))
        self._files = model or find_model(options, hashes)
        self._model = load_sentence_transformer(self._files, options)
        self._tokenizer = self._model.tokenizer
        self._known = KnownTokens(
            self._tokenizer.get_vocab(), self._tokenizer.unk_token_id, self._tokenizer.all_special_ids
        )
        self._budget = _CPU_BUDGET if self._model.device.type == "cpu" else _GPU_BUDGET
        self._info = EncoderInfo(
            name=self._files.name,
            fingerprint=fingerprint(self._files, hashes),
            dimension=int(self._model.get_embedding_dimension()),
            max_tokens=self._files.window,
            reserved_tokens=self._reserved(),
        )

    @property
    def info(self) -> EncoderInfo:
        """Name, fingerprint, dimension and window."""
        return self._info

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, shape (len(texts), dimension), in the order given."""
        return self._encode(texts, self._files.query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, shape (len(texts), dimension), in the order given."""
        return self._encode(texts, self._files.passage_prompt)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each text the character span of each of its tokens, without special tokens, uncut."""
        if not texts:
            return []
        with _quiet():
            found = self._tokenizer(
                list(texts),
                add_special_tokens=False,
                return_offsets_mapping=True,
                return_attention_mask=False,
                truncation=False,
                padding=False,
            )
        return [list(spans) for spans in found["offset_mapping"]]

    def encode_whatever(self, texts: Sequence[str]) -> Vectors:
        """As ``encode_passages``, those that the model does not know among them: to check other back ends."""
        return self._run(texts, self._files.passage_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        vectors = self._run(texts, prompt)
        if len(texts):
            ids = self._ids([prompt + text for text in heads_of(texts, self._files.window, self._counts)])
            vectors[self._known.silent(ids, self._ids([prompt])[0] if prompt else ())] = 0.0
        return vectors

    def _run(self, texts: Sequence[str], prompt: str) -> Vectors:
        vectors = np.empty((len(texts), self._info.dimension), np.float32)
        texts = heads_of(texts, self._files.window, self._counts)
        for rows in plan_batches(self._lengths(texts), token_budget=self._budget):
            batch = self._model.encode(
                [texts[row] for row in rows],
                prompt=prompt or None,
                batch_size=len(rows),
                normalize_embeddings=True,
                show_progress_bar=False,
            )
            vectors[rows] = np.asarray(batch, np.float32)
        return vectors

    def _lengths(self, texts: Sequence[str]) -> list[int]:
        return [min(count, self._files.window) for count in self._counts(texts)]

    def _counts(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self._ids(texts)]

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        with _quiet():
            found = self._tokenizer(list(texts), return_attention_mask=False, truncation=False, padding=False)
        ids: list[list[int]] = found["input_ids"]
        return ids

    def _reserved(self) -> int:
        prompt = self._files.passage_prompt
        return len(self._tokenizer(prompt)["input_ids"])


def load_sentence_transformer(files: ModelFiles, options: EncoderOptions) -> SentenceTransformer:
    """The sentence-transformers model on the wished device, from local files only, in evaluation mode."""
    silence_libraries()
    try:
        import torch
        from sentence_transformers import SentenceTransformer
    except ImportError as exc:
        raise EncoderUnavailable(
            f"sentence-transformers cannot be imported: {exc}; reinstall semsearch"
        ) from exc
    if options.threads:
        torch.set_num_threads(options.threads)
    device = None if options.device == "auto" else options.device
    try:
        with _quiet():
            model = SentenceTransformer(str(files.folder), device=device, local_files_only=True)
    except Exception as exc:  # whatever a foreign model folder provokes in three libraries
        reason = (str(exc).strip().splitlines() or [type(exc).__name__])[0]
        raise EncoderUnavailable(
            f"the model in {files.folder} cannot be loaded on device {options.device!r} ({reason}); "
            "check the folder and [encoder] device"
        ) from exc
    model.max_seq_length = files.window
    return model.eval()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No progress bar of the weights and no warning that a text is longer than the window."""
    from transformers.utils import logging as transformers_logging

    level = transformers_logging.get_verbosity()
    bars = transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)
        if bars:
            transformers_logging.enable_progress_bar()
