"""Builds a new generation from articles: read all, find boilerplate, embed what is new, write, publish."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from semsearch.articles import Article
from semsearch.boilerplate import Boilerplate, BoilerplateCounter
from semsearch.duplicates import DuplicateGrouper
from semsearch.encoder.cache import EmbeddingCache
from semsearch.encoder.protocol import Encoder
from semsearch.errors import IndexCorrupt, IndexNotFound
from semsearch.index.builder import GenerationBuilder
from semsearch.index.carrying import Published
from semsearch.index.folder import IndexFolder
from semsearch.index.protocol import PreparedArticle
from semsearch.index.publishing import newest_change, publish
from semsearch.indexing.cleaning import cuts_note
from semsearch.indexing.languages import language_note
from semsearch.indexing.preparing import Preparer
from semsearch.indexing.progress import OnProgress, Progress, ignore
from semsearch.indexing.spool import Spool
from semsearch.indexing.threads import StoryThreads, joining
from semsearch.options import LexicalOptions, PassageOptions, VectorOptions

CHUNK = 256  # articles prepared at a time: a killed build loses at most this much embedding
TOLD_EVERY = 0.2  # seconds between two words of progress while reading


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How a generation is built; ``settings`` goes into its manifest."""

    passages: PassageOptions
    lexical: LexicalOptions
    vectors: VectorOptions
    settings: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Built:
    """A finished and published generation; ``embedded`` and ``reused`` count passages.

    ``notes`` says what an operator should know of the articles.
    """

    generation: str
    articles: int
    passages: int
    embedded: int
    reused: int
    published: Published
    notes: tuple[str, ...] = ()


class Build:
    """One build of an index; ``run`` holds the build lock from start to end.

    A build that is stopped at any instant leaves the live generation as it was; the next one removes
    its leftovers and embeds only what the cache has not seen.
    """

    def __init__(
        self, folder: IndexFolder, encoder: Encoder, options: BuildOptions, on_progress: OnProgress = ignore
    ) -> None:
        self._folder = folder
        self._encoder = encoder
        self._options = options
        self._tell = on_progress
        self._begun = time.monotonic()

    def run(self, articles: Iterable[Article]) -> Built:
        """Build from ``articles`` and publish.

        Raises IndexBusy while another build runs, StorageFailed when the disk refuses.
        """
        self._folder.create()
        with self._folder.build_lock(), EmbeddingCache(self._folder.cache_file) as cache:
            try:
                parent: str | None = self._folder.current()
            except (IndexNotFound, IndexCorrupt):  # a build is the way out of a damaged index
                parent = None
            change = newest_change(self._folder)
            spool = Spool(self._folder.path / "spool.jsonl")
            try:
                boilerplate = self._read(articles, spool)
                return self._write(spool, boilerplate, cache, change, parent)
            finally:
                spool.close()

    def _read(self, articles: Iterable[Article], spool: Spool) -> Boilerplate:
        counter = BoilerplateCounter()
        told = time.monotonic()
        for article in articles:
            spool.add(article)
            counter.add(article)
            if time.monotonic() - told > TOLD_EVERY:
                told = time.monotonic()
                self._say("read", spool.count, None)
        self._say("read", spool.count, spool.count)
        return counter.finish()

    def _write(
        self, spool: Spool, boilerplate: Boilerplate, cache: EmbeddingCache, change: int, parent: str | None
    ) -> Built:
        options = self._options
        preparer = Preparer(self._encoder, cache, options.passages, boilerplate)
        builder = GenerationBuilder(
            self._folder,
            self._encoder.info,
            change=change,
            lexical=options.lexical,
            vectors=options.vectors,
            settings=options.settings,
        )
        try:
            grouper, threads = DuplicateGrouper(), StoryThreads(builder.terms)
            for prepared in self._prepared(preparer, spool):
                grouper.add(builder.add(prepared), prepared.signature)
                threads.add(prepared)
            self._say("write", 0, builder.articles)
            generation = builder.finish(
                groups=grouper.groups() if builder.articles else np.empty(0, np.int64),
                stories=threads.stories(builder.body_frequency),
                boilerplate=boilerplate.to_rows(),
                parent=parent,
            )
        except BaseException:
            builder.abandon()
            raise
        self._say("publish", 0, None)
        published = publish(
            self._folder,
            generation,
            joining=joining(),
            reencode=lambda article: preparer.prepare([article])[0],
        )
        self._say("publish", builder.articles, builder.articles, generation)
        return Built(
            generation,
            builder.articles,
            builder.passages,
            preparer.embedded,
            preparer.reused,
            published,
            tuple(
                filter(
                    None,
                    [language_note(preparer.languages, self._encoder.info), cuts_note(preparer.cuts)],
                )
            ),
        )

    def _prepared(self, preparer: Preparer, spool: Spool) -> Iterator[PreparedArticle]:
        done = 0
        for chunk in chunks(spool, CHUNK):
            yield from preparer.prepare(chunk)
            done += len(chunk)
            note = f"{preparer.embedded} passages embedded, {preparer.reused} known"
            self._say("embed", done, spool.count, note)

    def _say(self, stage: str, done: int, total: int | None, note: str = "") -> None:
        seconds = time.monotonic() - self._begun
        self._tell(Progress(stage, done, total, note, seconds))  # type: ignore[arg-type]


def chunks(articles: Iterable[Article], size: int) -> Iterator[list[Article]]:
    """Lists of at most ``size`` articles, in order."""
    chunk: list[Article] = []
    for article in articles:
        chunk.append(article)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
