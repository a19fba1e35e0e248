"""The fast back end for processors: ONNX Runtime, the tokenizer alone, no torch."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from semsearch.encoder.batching import Rows, plan_equal_batches
from semsearch.encoder.model_files import ModelFiles
from semsearch.encoder.onnx_session import OnnxSession
from semsearch.encoder.protocol import EncoderInfo, Vectors
from semsearch.encoder.tokenizing import TextTokenizer

# Tokens a call: 64 already run at full speed, and this many keep within a core's cache.
_TOKEN_BUDGET = 1024
# Query vectors remembered: 4096 of 384 dimensions are 6 MB.
_REMEMBERED = 4096


class OnnxEncoder:
    """Encoder over a converted model. Safe to call from many threads at once.

    Texts of one length go through the model together, so nothing is computed for padding and a
    text's vector does not depend on its company. ``threads`` 0 takes every core this process may use.
    """

    def __init__(
        self, files: ModelFiles, session: OnnxSession, fingerprint: str, *, threads: int = 0
    ) -> None:
        self._files = files
        self._session = session
        self._tokenizer = TextTokenizer(files.tokenizer, files.window)
        self._threads = threads or len(os.sched_getaffinity(0))
        self._pool: ThreadPoolExecutor | None = None
        self._memo = _Memo(_REMEMBERED)
        probe = session.vectors(np.asarray(self._tokenizer.ids(["a"]), np.int32))
        self._info = EncoderInfo(
            name=files.name,
            fingerprint=fingerprint,
            dimension=int(probe.shape[1]),
            max_tokens=files.window,
            reserved_tokens=self._tokenizer.reserved(files.passage_prompt),
        )

    @property
    def info(self) -> EncoderInfo:
        """Name, fingerprint, dimension and window."""
        return self._info

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, shape (len(texts), dimension); those seen lately are remembered."""
        found = [self._memo.get(text) for text in texts]
        new = list(dict.fromkeys(text for text, vector in zip(texts, found, strict=True) if vector is None))
        made = dict(zip(new, self._encode(new, self._files.query_prompt), strict=True))
        for text, vector in made.items():
            self._memo.put(text, vector)
        vectors = np.empty((len(texts), self._info.dimension), np.float32)
        for row, (text, vector) in enumerate(zip(texts, found, strict=True)):
            vectors[row] = made[text] if vector is None else vector
        return vectors

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, shape (len(texts), dimension), in the order given."""
        return self._encode(texts, self._files.passage_prompt)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each text the character span of each of its tokens, without special tokens, uncut."""
        return self._tokenizer.spans(texts)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        vectors = np.empty((len(texts), self._info.dimension), np.float32)
        ids = self._tokenizer.ids(texts, prompt)
        batches = plan_equal_batches([len(found) for found in ids], token_budget=_TOKEN_BUDGET)

        def run(rows: Rows) -> None:
            vectors[rows] = self._session.vectors(np.asarray([ids[row] for row in rows], np.int32))

        if self._threads == 1 or len(batches) < 2:
            for rows in batches:
                run(rows)
        else:
            # ONNX Runtime lets go of the interpreter's lock, so each thread keeps a core busy.
            for _ in self._workers().map(run, batches):
                pass
        vectors[self._tokenizer.silent(ids, prompt)] = 0.0
        return vectors

    def _workers(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="encoder")
        return self._pool


class _Memo:
    """The vectors of the queries seen last."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    def get(self, text: str) -> Vectors | None:
        with self._lock:
            if text in self._vectors:
                self._vectors.move_to_end(text)
            return self._vectors.get(text)

    def put(self, text: str, vector: Vectors) -> None:
        with self._lock:
            self._vectors[text] = vector.copy()
            self._vectors.move_to_end(text)
            while len(self._vectors) > self._size:
                self._vectors.popitem(last=False)
