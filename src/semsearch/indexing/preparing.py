"""From articles to what an index takes: boilerplate out, passages cut, vectors made, copies signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from semsearch.articles import Article, Passage
from semsearch.boilerplate import Boilerplate, spans_without
from semsearch.duplicates import bands, signature
from semsearch.encoder.cache import EmbeddingCache, encode_cached
from semsearch.encoder.protocol import Encoder, Vectors
from semsearch.index.protocol import PreparedArticle
from semsearch.options import PassageOptions
from semsearch.passages import split_many
from semsearch.text.languages import HEAD, detect_language


class Preparer:
    """Prepares batches of articles with one encoder, one cache and one set of boilerplate.

    ``embedded`` and ``reused`` count passages that the encoder saw and that the cache knew;
    ``languages`` counts articles by their language, given or detected (None: neither); ``cuts`` counts
    what was left out of bodies, by kind.
    """

    def __init__(
        self, encoder: Encoder, cache: EmbeddingCache, options: PassageOptions, boilerplate: Boilerplate
    ) -> None:
        self._encoder = encoder
        self._cache = cache
        self._options = options
        self._boilerplate = boilerplate
        self.embedded = 0
        self.reused = 0
        self.languages: Counter[str | None] = Counter()
        self.cuts: Counter[str] = Counter()

    def prepare(
        self, articles: Sequence[Article], on_encoded: Callable[[int], None] | None = None
    ) -> list[PreparedArticle]:
        """The articles in the order given, ready for the index; ``on_encoded`` hears passages done."""
        return self.embed(self.draft(articles), on_encoded)

    def draft(self, articles: Sequence[Article]) -> list[PreparedArticle]:
        """The articles in the order given with all but vectors, which ``embed`` adds."""
        cuts = [self._boilerplate.cuts(one.body, one.source, one.title) for one in articles]
        self.cuts.update(cut.kind for found in cuts for cut in found)
        kept = [spans_without(one.body, found) for one, found in zip(articles, cuts, strict=True)]
        pairs = [
            (_in_its_language(article, spans), spans) for article, spans in zip(articles, kept, strict=True)
        ]
        self.languages.update(article.language for article, _ in pairs)
        info = self._encoder.info
        none = np.empty((0, info.dimension), np.float32)
        cut = split_many(pairs, self._encoder.token_spans, self._options, info.passage_tokens)
        return [
            _drafted(article, spans, passages, none)
            for (article, spans), passages in zip(pairs, cut, strict=True)
        ]

    def embed(
        self, drafts: Sequence[PreparedArticle], on_encoded: Callable[[int], None] | None = None
    ) -> list[PreparedArticle]:
        """Drafts with the vectors of their passages; one call at a time, in any thread."""
        texts = [passage.text for draft in drafts for passage in draft.passages]
        encoded = encode_cached(self._encoder, self._cache, texts, on_encoded)
        self.embedded += encoded.embedded
        self.reused += encoded.reused
        ends = np.cumsum([len(draft.passages) for draft in drafts], dtype=np.int64)
        vectors = np.split(encoded.vectors, ends[:-1]) if drafts else []
        return [replace(draft, vectors=part) for draft, part in zip(drafts, vectors, strict=True)]


def prepare_ahead(preparer: Preparer, chunks: Iterable[Sequence[Article]]) -> Iterator[list[PreparedArticle]]:
    """Each chunk prepared, in order.

    While the encoder, which lets go of the interpreter's lock, reads one chunk, the next is cut into
    passages and whoever takes the chunks writes the one before.
    """
    with ThreadPoolExecutor(1, "semsearch-embedding") as beside:
        embedding: Future[list[PreparedArticle]] | None = None
        for chunk in chunks:
            drafts = preparer.draft(chunk)
            before = embedding.result() if embedding is not None else None
            embedding = beside.submit(preparer.embed, drafts)
            if before is not None:
                yield before
        if embedding is not None:
            yield embedding.result()


def _in_its_language(article: Article, kept: Sequence[tuple[int, int]]) -> Article:
    """The article with the language that its text is surely in, where it names none itself."""
    if article.language is not None:
        return article
    text = article.title
    for start, end in kept:
        if len(text) >= HEAD:
            break
        text += "\n" + article.body[start : min(end, start + HEAD)]
    return replace(article, language=detect_language(text))


def _drafted(
    article: Article, kept: tuple[tuple[int, int], ...], passages: Sequence[Passage], none: Vectors
) -> PreparedArticle:
    text = "\n".join(article.body[start:end] for start, end in kept)
    signed = signature(text, title=article.title)
    return PreparedArticle(article, kept, tuple(passages), none, signed, bands(signed))
