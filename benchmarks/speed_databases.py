"""Chroma and LanceDB as ``speed_systems.py`` wants them, each as its documentation uses it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed_articles import Found, read

BATCH = 1_000  # articles that are added at a time


class Chroma:
    """Chroma's persistent client with its sentence-transformers function."""

    def __init__(self, folder: Path, model: str) -> None:
        self._folder = folder
        self._model = model
        self._collection: Any = None
        self._embed: Any = None

    def client(self) -> Any:  # noqa: ANN401 - chromadb is not typed here
        """The database in this process."""
        import chromadb  # type: ignore[import-not-found]

        return chromadb.PersistentClient(str(self._folder))

    def load(self) -> None:
        """Load the model."""
        from chromadb.utils.embedding_functions import (  # type: ignore[import-not-found]
            SentenceTransformerEmbeddingFunction,
        )

        self._embed = SentenceTransformerEmbeddingFunction(
            self._model, normalize_embeddings=True, local_files_only=True
        )
        self._embed(["warm"])

    def build(self, articles: Path, vectors: Path | None) -> None:
        """``collection.add`` in batches."""
        collection = self.client().get_or_create_collection(
            "news", embedding_function=self._embed, configuration={"hnsw": {"space": "cosine"}}
        )
        ids, texts = read(articles)
        found = None if vectors is None else np.load(vectors)
        for start in range(0, len(ids), BATCH):
            part = slice(start, start + BATCH)
            given = {} if found is None else {"embeddings": found[part]}
            collection.add(ids=ids[part], documents=texts[part], **given)

    def open(self) -> None:
        """Open the collection and run one query."""
        self.load()
        self._collection = self.client().get_collection("news", embedding_function=self._embed)
        self.search("news", 10)

    def search(self, query: str, limit: int) -> Found:
        """Ids, texts and distances."""
        found = self._collection.query(query_texts=[query], n_results=limit)
        return [(name, 1 - far) for name, far in zip(found["ids"][0], found["distances"][0], strict=True)]


class ChromaClient(Chroma):
    """Chroma's HTTP client: it encodes, its server searches. ``folder`` is host and port."""

    def client(self) -> Any:  # noqa: ANN401
        """A connection to ``chroma run``."""
        import chromadb

        host, port = str(self._folder).split(":")
        return chromadb.HttpClient(host=host, port=int(port))


class LanceDb:
    """LanceDB with its sentence-transformers function; an index of its default kind for large tables."""

    indexed_from = 50_000

    def __init__(self, folder: Path, model: str) -> None:
        self._folder = folder
        self._name = model
        self._embed: Any = None
        self._table: Any = None

    def load(self) -> None:
        """Load the model."""
        from lancedb.embeddings import get_registry  # type: ignore[import-not-found]

        registered = get_registry().get("sentence-transformers")
        self._embed = registered.create(name=self._name, device="cpu", trust_remote_code=False)
        self._embed.generate_embeddings(["warm"])

    def build(self, articles: Path, vectors: Path | None) -> None:
        """``table.add`` in batches, then ``create_index``."""
        import lancedb  # type: ignore[import-not-found]
        from lancedb.pydantic import LanceModel, Vector  # type: ignore[import-not-found]

        embed = self._embed

        class Row(LanceModel):  # type: ignore[misc]
            id: str
            text: str = embed.SourceField()
            vector: Vector(embed.ndims()) = embed.VectorField()  # type: ignore[valid-type]

        table = lancedb.connect(str(self._folder)).create_table("news", schema=Row, mode="overwrite")
        ids, texts = read(articles)
        found = None if vectors is None else np.load(vectors)
        for start in range(0, len(ids), BATCH):
            rows = [{"id": ids[at], "text": texts[at]} for at in range(start, min(start + BATCH, len(ids)))]
            if found is not None:
                rows = [{**row, "vector": found[start + at]} for at, row in enumerate(rows)]
            table.add(rows)
        if len(ids) >= self.indexed_from:
            table.create_index(metric="cosine", vector_column_name="vector")

    def open(self) -> None:
        """Open the table and run one query."""
        import lancedb

        self.load()
        self._table = lancedb.connect(str(self._folder)).open_table("news")
        self.search("news", 10)

    def search(self, query: str, limit: int) -> Found:
        """Ids, texts and distances."""
        vector = self._embed.generate_embeddings([query])[0]
        asked = self._table.search(vector, vector_column_name="vector").distance_type("cosine").limit(limit)
        return [(one["id"], 1 - one["_distance"]) for one in asked.select(["id", "text"]).to_list()]
