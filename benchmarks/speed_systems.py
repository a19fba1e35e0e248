"""The systems that are compared, each as its own documentation uses it, behind four calls.

Runs in any interpreter that has the system named: nothing of semsearch is imported but by ``Semsearch``. All
take the same articles and model; ``vectors`` are ready ones, where embedding is not what is measured.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from benchmarks.speed_articles import Found, read
from benchmarks.speed_databases import Chroma, ChromaClient, LanceDb

Vectors = npt.NDArray[np.float32]


class System(Protocol):
    """What every system can do."""

    def load(self) -> None:
        """Load the model, so that a build is measured without it."""

    def build(self, articles: Path, vectors: Path | None) -> None:
        """Index all articles and make that durable."""

    def open(self) -> None:
        """Open what was built."""

    def search(self, query: str, limit: int) -> Found:
        """The best articles; texts are fetched, too, as a page of results needs them."""


class Semsearch:
    """This project with its defaults; ``embedded`` are the texts that its model read in a build."""

    def __init__(self, folder: Path, _model: str) -> None:
        from semsearch.settings import load_settings

        self._settings = load_settings(environ={}, indexes=folder, index="speed")
        self._engine: Any = None
        self.embedded: list[str] = []

    def load(self) -> None:
        """Load the encoder and note what it is given."""
        from semsearch.encoder.factory import load_encoder
        from semsearch.engine import Engine

        inner, seen = load_encoder(self._settings.encoder), self.embedded
        inner.encode_passages(["warm"])

        class Noting:
            info = inner.info
            encode_queries, token_spans = inner.encode_queries, inner.token_spans

            @staticmethod
            def encode_passages(texts: Sequence[str]) -> Vectors:
                seen.extend(texts)
                return inner.encode_passages(texts)

        self._engine = Engine(self._settings, encoder=Noting())

    def build(self, articles: Path, vectors: Path | None) -> None:
        """Build a generation as the command does; ready vectors are cheap ones, made on the way."""
        if vectors is not None:
            from benchmarks.speed_data import CheapEncoder
            from semsearch.encoder.factory import load_encoder
            from semsearch.engine import Engine

            cheap = CheapEncoder(load_encoder(self._settings.encoder))
            self._engine = Engine(self._settings, encoder=cheap)
        self._engine.build([str(articles)])

    def open(self) -> None:
        """Open the index and run one query."""
        from semsearch.engine import Engine

        self._engine = Engine(self._settings)
        self._engine.warm()

    def search(self, query: str, limit: int) -> Found:
        """Hybrid search with snippets."""
        from semsearch.search.types import SearchRequest

        hits = self._engine.searcher.search(SearchRequest(query=query, limit=limit)).hits
        return [(hit.article.id, hit.score) for hit in hits]


class Txtai:
    """txtai with its content database: by meaning, its default, or with ``hybrid`` by BM25 as well."""

    hybrid = False

    def __init__(self, folder: Path, model: str) -> None:
        self._path = str(folder / "index")
        self._model = model
        self._embeddings: Any = None

    def load(self) -> None:
        """Load the model."""
        from txtai import Embeddings  # type: ignore[import-not-found]

        self._embeddings = Embeddings(path=self._model, content=True, hybrid=self.hybrid)
        self._embeddings.batchtransform(["warm"])

    def build(self, articles: Path, vectors: Path | None) -> None:
        """``Embeddings.index`` and ``save``."""
        ids, texts = read(articles)
        if vectors is not None:
            self._given(texts, np.load(vectors))
        self._embeddings.index((name, text, None) for name, text in zip(ids, texts, strict=True))
        if vectors is not None:  # from here on queries are encoded by txtai itself
            config = self._embeddings.config
            config.pop("transform", None)
            config.pop("method", None)
            config["path"] = self._model
        self._embeddings.save(self._path)

    def _given(self, texts: list[str], vectors: Vectors) -> None:
        from txtai import Embeddings

        known = dict(zip(texts, vectors, strict=True))

        def transform(asked: list[str]) -> Vectors:
            return np.stack([known[text] for text in asked])

        self._embeddings = Embeddings(
            method="external", transform=transform, content=True, hybrid=self.hybrid
        )

    def open(self) -> None:
        """Load the index and run one query."""
        from txtai import Embeddings

        self._embeddings = Embeddings()
        self._embeddings.load(self._path)
        self._embeddings.search("news", 10)

    def search(self, query: str, limit: int) -> Found:
        """Ids, texts and scores."""
        return [(one["id"], float(one["score"])) for one in self._embeddings.search(query, limit)]


class TxtaiHybrid(Txtai):
    """txtai by meaning and words."""

    hybrid = True


class Plain:
    """A script of thirty lines: sentence-transformers and an exact FAISS index, texts in memory."""

    def __init__(self, folder: Path, model: str) -> None:
        self._folder = folder
        self._name = model
        self._index: Any = None
        self._articles: tuple[list[str], list[str]] = ([], [])

    def load(self) -> None:
        """Load the model."""
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(self._name, device="cpu", local_files_only=True)
        self._encode(["warm"])

    def _encode(self, texts: list[str]) -> Vectors:
        made = self._model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(made, np.float32)

    def build(self, articles: Path, vectors: Path | None) -> None:
        """Encode, add, write."""
        import faiss

        _, texts = read(articles)
        found = self._encode(texts) if vectors is None else np.load(vectors)
        index = faiss.IndexFlatIP(found.shape[1])
        index.add(found)
        self._folder.mkdir(parents=True, exist_ok=True)
        faiss.write_index(index, str(self._folder / "vectors.faiss"))
        shutil.copy(articles, self._folder / "articles.jsonl")

    def open(self) -> None:
        """Read both files and run one query."""
        import faiss

        self.load()
        self._index = faiss.read_index(str(self._folder / "vectors.faiss"))
        self._articles = read(self._folder / "articles.jsonl")
        self.search("news", 10)

    def search(self, query: str, limit: int) -> Found:
        """The nearest articles."""
        scores, rows = self._index.search(self._encode([query]), limit)
        ids = self._articles[0]
        return [(ids[row], float(score)) for row, score in zip(rows[0], scores[0], strict=True)]


SYSTEMS: dict[str, Callable[[Path, str], System]] = {
    "semsearch": Semsearch,
    "txtai": Txtai,
    "txtai hybrid": TxtaiHybrid,
    "sentence-transformers + FAISS": Plain,
    "Chroma": Chroma,
    "Chroma over HTTP": ChromaClient,
    "LanceDB": LanceDb,
}
