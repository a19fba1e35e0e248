"""Builds a new generation from articles: read all, find boilerplate, embed what is new, write, publish.

Where nothing is new since the live generation was built, that one's files are copied instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from semsearch.articles import Article
from semsearch.boilerplate import Boilerplate, BoilerplateCounter
from semsearch.duplicates import DuplicateGrouper
from semsearch.encoder.cache import EmbeddingCache
from semsearch.encoder.protocol import Encoder
from semsearch.errors import IndexCorrupt, IndexNotFound
from semsearch.index.builder import GenerationBuilder, parts_of
from semsearch.index.carrying import Published
from semsearch.index.copying import boilerplate_of, copy_generation
from semsearch.index.folder import IndexFolder
from semsearch.index.generation import check_files
from semsearch.index.manifest import Manifest, read_manifest
from semsearch.index.protocol import PreparedArticle
from semsearch.index.publishing import newest_change, publish
from semsearch.indexing.cleaning import cuts_note
from semsearch.indexing.intake import Intake
from semsearch.indexing.keeping import Keeping, KeepingOptions
from semsearch.indexing.languages import language_note
from semsearch.indexing.preparing import Preparer, prepare_ahead
from semsearch.indexing.progress import OnProgress, Progress, ignore
from semsearch.indexing.spool import Spool
from semsearch.indexing.threads import StoryThreads, joining
from semsearch.indexing.unchanged import Made, made_alike, recipe_of
from semsearch.options import LexicalOptions, PassageOptions, VectorOptions, VisibilityOptions

CHUNK = 256  # articles prepared at a time: a killed build loses at most this much embedding
TOLD_EVERY = 0.2  # seconds between two words of progress while reading


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How a generation is built; ``settings`` goes into its manifest.

    Where nothing is new, the live generation is copied; ``fresh`` builds all parts anew even then, and
    with ``if_new`` nothing is published then.
    """

    passages: PassageOptions
    lexical: LexicalOptions
    vectors: VectorOptions
    settings: Mapping[str, object]
    keeping: KeepingOptions = field(default_factory=KeepingOptions)
    visibility: VisibilityOptions = field(default_factory=VisibilityOptions)
    fresh: bool = False
    if_new: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """A finished and published generation; ``embedded`` and ``reused`` count passages.

    ``read_notes`` says what was mended when the articles were read, ``notes`` what else an operator should
    know of them. ``same_as`` is the generation since which nothing was new, where that is so: its files
    were copied, or it is ``generation`` itself and stays live.
    """

    generation: str
    articles: int
    passages: int
    embedded: int
    reused: int
    published: Published
    read_notes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    same_as: str | None = None


@dataclass(frozen=True, slots=True)
class _Start:
    """What a build begins from: the live generation, the newest change, and how it will build.

    ``made`` says what the live generation was made of, where it may be made again by copying.
    """

    parent: str | None
    change: int
    recipe: str
    made: Made | None


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
        self._begun = self._told = time.monotonic()
        self._notes: list[str] = []

    def run(self, articles: Iterable[Article], *, intake: Intake | None = None, live: bool = False) -> Built:
        """Build from ``articles`` and publish; what came otherwise than from files is kept (``Keeping``).

        ``intake`` is where they come from, if from files, and remembers them; ``live`` says that they are
        those of the live generation. Neither is read where it is as it was when that one was built.
        Raises IndexBusy while another build runs, StorageFailed when the disk refuses.
        """
        self._folder.create()
        with self._folder.build_lock(), EmbeddingCache(self._folder.cache_file) as cache:
            start = self._start()
            spool = Spool(
                self._folder.path / "spool.jsonl"
            )  # at once: closing removes what a killed one left
            try:
                made, known = start.made, None
                as_it_was = live or (intake and intake.digest and made and intake.digest == made.source)
                if start.parent and made and as_it_was:
                    known = self._again(start.parent, made, cache)
                    made = None  # where its files are not sound
                return known or self._from_articles(articles, intake, spool, cache, replace(start, made=made))
            finally:
                spool.close()

    def _from_articles(
        self,
        articles: Iterable[Article],
        intake: Intake | None,
        spool: Spool,
        cache: EmbeddingCache,
        start: _Start,
    ) -> Built:
        keeping = self._keeping(start.parent, intake)
        self._read(keeping.joined(articles) if intake else articles, spool)
        if intake:
            whole = intake.lost_is_exact
            keeping.check(intake.barren, tuple(intake.notes()), sources_are_whole=whole)
            self._notes.extend(keeping.losses())
        made = _made(spool, intake, start)
        made = replace(made, read_notes=(*made.read_notes, *keeping.notes()))
        known = None
        if start.parent and start.made and start.made.articles == made.articles:
            known = self._again(start.parent, replace(made, notes=start.made.notes), cache)
        return known or self._write(spool, made, cache, start, keeping.deleted)

    def _keeping(self, parent: str | None, intake: Intake | None) -> Keeping:
        """What of the live generation stays; a build from the live articles themselves loses none."""
        options = self._options.keeping if intake else KeepingOptions(allow_loss=True)
        others = [one for one in reversed(self._folder.generations()) if one != parent]
        stores = [parts_of(self._folder.generation_path(one))[0] for one in filter(None, [parent, *others])]
        return Keeping(stores, options, self._options.visibility)

    def _start(self) -> _Start:
        try:
            parent: str | None = self._folder.current()
        except (IndexNotFound, IndexCorrupt):  # a build is the way out of a damaged index
            parent = None
        options = {name: asdict(getattr(self._options, name)) for name in ("passages", "lexical", "vectors")}
        recipe, change = recipe_of(self._encoder.info, options), newest_change(self._folder)
        made = made_alike(self._folder, parent, recipe=recipe, change=change)
        anew = self._options.fresh or self._options.keeping.drop_others
        return _Start(parent, change, recipe, None if anew else made)

    def _read(self, articles: Iterable[Article], spool: Spool) -> None:
        for article in articles:
            spool.add(article)
            self._say_at_times("read", spool.count, None)
        self._say("read", spool.count, spool.count)

    def _boilerplate(self, spool: Spool) -> Boilerplate:
        """What recurs over the articles; not looked for while they are read, for nothing new needs it."""
        counter = BoilerplateCounter()
        for done, article in enumerate(spool, 1):
            counter.add(article)
            self._say_at_times("read", done, spool.count, "looking for texts that recur")
        return counter.finish()

    def _again(self, live: str, made: Made, cache: EmbeddingCache) -> Built | None:
        """The live generation once more, or left as it is; None where its files are not as it was built."""
        self._say("write", 0, None, "nothing is new")
        try:
            return self._left(live, made) if self._options.if_new else self._copied(live, made, cache)
        except IndexCorrupt as exc:
            self._notes.append(
                f"nothing is new since generation {live}, but its files are not as they were built, "
                f"so all was built anew: {exc}"
            )
            return None

    def _left(self, live: str, made: Made) -> Built:
        path = self._folder.generation_path(live)
        manifest = read_manifest(path)
        check_files(path, manifest)
        note = f"nothing is new since generation {live}, which stays live"
        return _same(manifest, live, made, Published(live, 0), note)

    def _copied(self, live: str, made: Made, cache: EmbeddingCache) -> Built:
        settings = {**self._options.settings, **made.setting()}
        generation = copy_generation(self._folder, live, settings=settings)

        def preparer() -> Preparer:
            boilerplate = Boilerplate.from_rows(boilerplate_of(self._folder, generation))
            return Preparer(self._encoder, cache, self._options.passages, boilerplate)

        manifest = read_manifest(self._folder.generation_path(generation))
        published = self._publish(generation, manifest.articles, preparer)
        note = f"nothing is new since generation {live}: its files were copied"
        return _same(manifest, live, made, published, note)

    def _write(
        self, spool: Spool, made: Made, cache: EmbeddingCache, start: _Start, deleted: Mapping[str, int]
    ) -> Built:
        options, boilerplate = self._options, self._boilerplate(spool)
        preparer = Preparer(self._encoder, cache, options.passages, boilerplate)
        builder = GenerationBuilder(
            self._folder,
            self._encoder.info,
            change=start.change,
            lexical=options.lexical,
            vectors=options.vectors,
            settings=options.settings,
        )
        try:
            grouper, threads = DuplicateGrouper(), StoryThreads(builder.terms, self._encoder.info)
            for prepared in self._prepared(preparer, spool):
                grouper.add(builder.add(prepared), prepared.signature)
                threads.add(prepared)
            self._say("write", 0, builder.articles)
            notes = self._notes_of(preparer)
            generation = builder.finish(
                groups=grouper.groups() if builder.articles else np.empty(0, np.int64),
                stories=threads.stories(builder.body_frequency),
                boilerplate=boilerplate.to_rows(),
                deleted=deleted,
                parent=start.parent,
                made_of=replace(made, notes=notes).setting(),
            )
        except BaseException:
            builder.abandon()
            raise
        published = self._publish(generation, builder.articles, lambda: preparer)
        counts = builder.articles, builder.passages, preparer.embedded, preparer.reused
        return Built(generation, *counts, published, made.read_notes, (*self._notes, *notes))

    def _publish(self, generation: str, articles: int, preparer: Callable[[], Preparer]) -> Published:
        """Make it live; ``preparer`` is for changes that were made under another encoder meanwhile."""
        self._say("publish", 0, None)
        published = publish(
            self._folder,
            generation,
            joining=joining(),
            reencode=lambda article: preparer().prepare([article])[0],
        )
        self._say("publish", articles, articles, generation)
        return published

    def _notes_of(self, preparer: Preparer) -> tuple[str, ...]:
        found = [language_note(preparer.languages, self._encoder.info), cuts_note(preparer.cuts)]
        return tuple(filter(None, found))

    def _prepared(self, preparer: Preparer, spool: Spool) -> Iterator[PreparedArticle]:
        done = 0
        for chunk in prepare_ahead(preparer, chunks(spool, CHUNK)):
            yield from chunk
            done += len(chunk)
            note = f"{preparer.embedded} passages embedded, {preparer.reused} known"
            self._say("embed", done, spool.count, note)

    def _say_at_times(self, stage: str, done: int, total: int | None, note: str = "") -> None:
        if time.monotonic() - self._told > TOLD_EVERY:
            self._told = time.monotonic()
            self._say(stage, done, total, note)

    def _say(self, stage: str, done: int, total: int | None, note: str = "") -> None:
        seconds = time.monotonic() - self._begun
        self._tell(Progress(stage, done, total, note, seconds))  # type: ignore[arg-type]


def _made(spool: Spool, intake: Intake | None, start: _Start) -> Made:
    """What a build is made of, once its articles were read."""
    if intake is None:
        return Made(spool.digest(), start.recipe)
    return Made(spool.digest(), start.recipe, intake.remembered(), tuple(intake.notes()))


def _same(manifest: Manifest, live: str, made: Made, published: Published, note: str) -> Built:
    """What is told of a generation that holds what ``live`` was built with: nothing was embedded."""
    passages, notes = manifest.passages, (note, *made.notes)
    return Built(
        manifest.id, manifest.articles, passages, 0, passages, published, made.read_notes, notes, live
    )


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
