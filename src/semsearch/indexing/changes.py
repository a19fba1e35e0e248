"""Live changes: articles added to, updated in and deleted from the live generation."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from semsearch.articles import FROM_API, Article
from semsearch.boilerplate import Boilerplate
from semsearch.encoder.cache import EmbeddingCache
from semsearch.encoder.protocol import Encoder
from semsearch.errors import EncoderMismatch
from semsearch.index.compatibility import check_encoder
from semsearch.index.embedded import EmbeddedIndex
from semsearch.index.folder import IndexFolder
from semsearch.index.manifest import read_manifest
from semsearch.index.protocol import Changed, PreparedArticle
from semsearch.indexing.build import chunks
from semsearch.indexing.intake import Intake
from semsearch.indexing.preparing import Preparer
from semsearch.indexing.progress import ChangeReport, OnProgress, Progress
from semsearch.options import PassageOptions

CHUNK = 64  # articles prepared and written at a time: what was written stays if the rest fails


class Changes:
    """Writes articles to an open index; everything acknowledged is durable and searchable.

    ``origin`` is kept with each article: see ``Article``.

    Raises EncoderMismatch when the live generation was built with another encoder.
    """

    def __init__(
        self, index: EmbeddedIndex, encoder: Encoder, options: PassageOptions, *, origin: str = FROM_API
    ) -> None:
        self._index = index
        self._origin = origin
        self._encoder = encoder
        self._options = options

    def coming_from(self, origin: str) -> Changes:
        """The same for articles that come in another way."""
        return Changes(self._index, self._encoder, self._options, origin=origin)

    def put(self, articles: Iterable[Article]) -> list[Changed]:
        """Add or update articles; one result an article, in their order."""
        return [changed for results in self._chunks(articles) for changed in results]

    def add(self, intake: Intake, on_progress: OnProgress) -> ChangeReport:
        """Add or update the articles of sources, telling how far it is."""
        begun = time.monotonic()
        results: list[Changed] = []
        for chunk in self._chunks(intake.articles()):
            results += chunk
            on_progress(Progress("write", len(results), None, "", time.monotonic() - begun))
        counted = Counter(changed.outcome for changed in results)
        return ChangeReport(
            added=counted["added"],
            updated=counted["updated"],
            unchanged=counted["unchanged"],
            stale=counted["stale"],
            deleted=0,
            missing=0,
            rejected=intake.rejected,
            rejects_file=intake.rejects_file,
            results=tuple(results),
            seconds=time.monotonic() - begun,
            notes=tuple(intake.notes()),
            lost=intake.lost,
            lost_is_exact=intake.lost_is_exact,
            unread=intake.unread,
        )

    def _chunks(self, articles: Iterable[Article]) -> Iterator[list[Changed]]:
        with EmbeddingCache(self._index.folder.cache_file) as cache:
            with self._index.snapshot(hidden=True) as view:
                check_encoder(view, self._encoder.info)
                boilerplate = Boilerplate.from_rows(view.boilerplate())
            preparer = Preparer(self._encoder, cache, self._options, boilerplate)
            for chunk in chunks((replace(one, origin=self._origin) for one in articles), CHUNK):
                prepared = preparer.prepare(chunk)
                yield self._index.put(prepared, fingerprint=self._encoder.info.fingerprint)


def reencoder(
    folder: IndexFolder, encoder: Callable[[], Encoder], options: PassageOptions, generation: str
) -> Callable[[Article], PreparedArticle]:
    """Prepares single articles for a generation whose encoder is another than the live one's.

    What it gives raises EncoderMismatch where the encoder in use is not the generation's.
    """

    def reencode(article: Article) -> PreparedArticle:
        needed, used = read_manifest(folder.generation_path(generation)).encoder, encoder().info
        if needed.fingerprint != used.fingerprint:
            raise EncoderMismatch(
                f"generation {generation} holds vectors of '{needed.name}' ({needed.fingerprint[:12]}), the "
                f"encoder in use is '{used.name}' ({used.fingerprint[:12]}); live changes made since have to "
                "be encoded for it: set [encoder] as it was when the generation was built"
            )
        with EmbeddingCache(folder.cache_file) as cache:
            return Preparer(encoder(), cache, options, Boilerplate.from_rows([])).prepare([article])[0]

    return reencode
