"""A second look at the best hits: a CrossEncoder reads query and text together. Off unless it is chosen."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from semsearch.encoder.model_files import local_or_hub
from semsearch.encoder.silence import silence_libraries
from semsearch.errors import EncoderUnavailable

BATCH = 16


class Reranker(Protocol):
    """Says how well texts answer a query; safe for many threads."""

    def scores(self, query: str, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """One score a text, 0 to 1, higher is better."""
        ...


class CrossEncoderReranker:
    """A CrossEncoder of sentence-transformers, by local path or hub name; loaded at first use.

    Raises EncoderUnavailable where it cannot be loaded.
    """

    def __init__(self, model: str, *, device: str = "auto") -> None:
        self._model = model
        self._device = None if device == "auto" else device
        self._guard = threading.Lock()
        self._loaded: object | None = None

    def scores(self, query: str, texts: Sequence[str]) -> npt.NDArray[np.float64]:
        """One score a text, 0 to 1: the sigmoid of what a model with one label gives."""
        if not texts:
            return np.empty(0)
        with self._guard:  # one at a time: it takes all cores
            model = self._load()
            given = model.predict(  # type: ignore[attr-defined]
                [(query, text) for text in texts], batch_size=BATCH, show_progress_bar=False
            )
        found = np.asarray(given, np.float64)
        if found.shape != (len(texts),):
            raise EncoderUnavailable(
                f"the reranker '{self._model}' gives scores of shape {found.shape}, not one a text; "
                "set [search] reranker to a CrossEncoder with one label"
            )
        return found if found.min() >= 0 and found.max() <= 1 else 1 / (1 + np.exp(-found))

    def _load(self) -> object:
        if self._loaded is None:
            silence_libraries()
            try:
                from sentence_transformers import CrossEncoder

                folder = str(local_or_hub(self._model))
                self._loaded = CrossEncoder(folder, device=self._device, local_files_only=True)
            except (EncoderUnavailable, ImportError, OSError, ValueError, RuntimeError) as exc:
                raise EncoderUnavailable(
                    f"the reranker '{self._model}' cannot be loaded: {exc}; set [search] reranker to the "
                    "path of a CrossEncoder, or to nothing"
                ) from exc
        return self._loaded
