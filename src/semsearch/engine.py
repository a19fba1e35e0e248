"""The composition root: one index with its encoder and settings, everything loaded at first use."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from semsearch.articles import Article, Filter
from semsearch.errors import ArticleNotFound, IndexFault, IndexLost, IndexNotFound, SemsearchError
from semsearch.settings import Settings
from semsearch.status import IndexStatus, Readiness, index_status

if TYPE_CHECKING:
    from semsearch.editorial.coverage import Coverage
    from semsearch.editorial.draft import DraftSource
    from semsearch.editorial.links import Links
    from semsearch.editorial.saved_searches import SavedSearches
    from semsearch.encoder.cross_encoder import Reranker
    from semsearch.encoder.protocol import Encoder, EncoderInfo
    from semsearch.index.archive import Archived, Restored
    from semsearch.index.embedded import EmbeddedIndex
    from semsearch.index.folder import IndexFolder
    from semsearch.index.protocol import Changed, PreparedArticle
    from semsearch.index.publishing import Activated, GenerationInfo, VerifyReport
    from semsearch.index.rules_store import RuleStore
    from semsearch.indexing.build import BuildOptions
    from semsearch.indexing.intake import Intake
    from semsearch.indexing.progress import BuildReport, ChangeReport, OnProgress
    from semsearch.indexing.sync import SyncReport
    from semsearch.search.hidden import HiddenKind, HiddenPage
    from semsearch.search.searcher import Searcher


class Engine:
    """One index of an installation; cheap to make, safe for many threads."""

    def __init__(
        self, settings: Settings, *, encoder: Encoder | None = None, fall_back: bool = False
    ) -> None:
        self.settings = settings
        self._fall_back = fall_back
        self._encoder = encoder
        self._index: EmbeddedIndex | None = None
        self._searcher: Searcher | None = None
        self._rules: RuleStore | None = None
        self._followed: str | None = None
        self._guard = threading.RLock()

    @property
    def folder(self) -> IndexFolder:
        """Where the index lies."""
        from semsearch.index.folder import IndexFolder

        return IndexFolder(self.settings.indexes, self.settings.index)

    @property
    def encoder(self) -> Encoder:
        """The encoder of the settings; raises EncoderUnavailable."""
        with self._guard:
            if self._encoder is None:
                from semsearch.encoder.factory import load_encoder

                live = self._live_encoder()  # of an encoder that has several forms, the one in use
                wanted = live.fingerprint if live else None
                self._encoder = load_encoder(self.settings.encoder, wanted=wanted)
            return self._encoder

    @property
    def encoder_info(self) -> EncoderInfo:
        """What the encoder of the settings says of itself; loaded only where that is not known otherwise."""
        return self._deferred_encoder().info

    def _live_encoder(self) -> EncoderInfo | None:
        """The encoder of the live generation."""
        from semsearch.index.manifest import read_manifest

        with contextlib.suppress(SemsearchError):
            folder = self.folder
            return read_manifest(folder.generation_path(folder.current())).encoder
        return None

    def _deferred_encoder(self) -> Encoder:
        """The encoder of the settings; where it is the live generation's, loaded with the first text."""
        with self._guard:
            if self._encoder is not None:
                return self._encoder
        from semsearch.encoder.deferred import DeferredEncoder
        from semsearch.encoder.factory import would_load

        live = self._live_encoder()
        if live is not None and would_load(self.settings.encoder, live):
            return DeferredEncoder(live, lambda: self.encoder)
        return self.encoder

    @property
    def index(self) -> EmbeddedIndex:
        """The open index; raises IndexNotFound or IndexCorrupt."""
        with self._guard:
            if self._index is None:
                from semsearch.index.embedded import EmbeddedIndex
                from semsearch.index.lexical import LexicalWeights
                from semsearch.indexing.threads import joining

                search = self.settings.search
                self._index = EmbeddedIndex(
                    self.folder,
                    joining=joining(),
                    weights=LexicalWeights(title=search.title_weight, author=search.author_weight),
                    visibility=self.settings.visibility,
                    fall_back=self._fall_back,
                )
            return self._index

    @property
    def searcher(self) -> Searcher:
        """Search and related lists; raises EncoderMismatch when the index needs another encoder."""
        with self._guard:
            if self._searcher is None:
                from semsearch.search.searcher import Searcher

                self._searcher = Searcher(
                    self.index,
                    self.encoder,
                    self.settings.search,
                    reranker=self._reranker(),
                    rules=self.rules.current,
                )
            return self._searcher

    @property
    def rules(self) -> RuleStore:
        """The editors' rules of the index, whether there is any or not; nothing is opened before they are."""
        with self._guard:
            if self._rules is None:
                from semsearch.index.rules_store import FILE_NAME, RuleStore

                self._rules = RuleStore(self.folder.path / FILE_NAME)
            return self._rules

    def rules_stamp(self) -> tuple[int, int]:
        """Differs after a change of the rules, and when one begins or ends."""
        return self.rules.current().stamp(time.time())

    def warm(self) -> None:
        """Load everything and run one query, so that the first reader does not wait."""
        from semsearch.search.types import SearchRequest

        self.searcher.search(SearchRequest(query="news"))

    def follow(self) -> None:
        """Take over what was published or changed meanwhile, before the next request; never raises.

        The memory of a generation that was left since the last call goes back to the system.
        """
        from semsearch.index.memory import give_back

        with self._guard:
            index = self._index
        if index is None:
            return
        with contextlib.suppress(SemsearchError):
            index.watch()
        with contextlib.suppress(SemsearchError), index.snapshot() as view:
            left, self._followed = self._followed, view.generation
        if left not in {None, self._followed}:
            give_back()

    def ready(self) -> Readiness:
        """Whether searches can be answered now; never raises and opens nothing that is not open."""
        with self._guard:
            index, searcher = self._index, self._searcher
        if index is None or searcher is None:
            return Readiness(False, "the index is not open yet", None, False, None, 0)
        try:
            index.watch()
            with index.snapshot() as view:
                name, articles = view.encoder.name, view.articles_alive
                return Readiness(True, index.fault, view.generation, index.fault is not None, name, articles)
        except SemsearchError as exc:
            return Readiness(False, str(exc), None, False, None, 0)

    def build(
        self,
        sources: Sequence[str],
        *,
        kind: str | None = None,
        fresh: bool = False,
        if_new: bool = False,
        allow_loss: bool = False,
        drop_others: bool = False,
        on_progress: OnProgress | None = None,
    ) -> BuildReport:
        """Build and publish a new generation from sources; without sources from the live articles.

        Where nothing is new, the live generation's files are copied; with ``fresh`` all is built anew even
        then, and with ``if_new`` nothing is published then. What came over the API or by a sync stays, unless
        ``drop_others``; a build that would lose many live articles is refused, unless ``allow_loss``.

        Raises SourceUnreadable, BuildRefused, IndexBusy, StorageFailed, EncoderUnavailable.
        """
        from semsearch.indexing.build import Build
        from semsearch.indexing.keeping import KeepingOptions
        from semsearch.indexing.progress import BuildReport, ignore

        begun = time.monotonic()
        with self._intake(sources, kind) as intake:
            intake.remember()
            articles = intake.articles() if sources else self.live_articles()
            keeping = KeepingOptions(drop_others=drop_others, allow_loss=allow_loss or drop_others)
            options = dataclasses.replace(self._build_options(), keeping=keeping, fresh=fresh, if_new=if_new)
            build = Build(self.folder, self._deferred_encoder(), options, on_progress or ignore)
            built = build.run(articles, intake=intake if sources else None, live=not sources)
        notes = list(built.read_notes)
        if built.published.carried:
            notes.append(f"{built.published.carried} live changes made during the build were carried over")
        notes += [*built.published.notes, *built.notes]
        return BuildReport(
            generation=built.generation,
            articles=built.articles,
            passages=built.passages,
            rejected=intake.rejected,
            rejects_file=intake.rejects_file,
            embedded=built.embedded,
            reused=built.reused,
            seconds=time.monotonic() - begun,
            notes=tuple(notes),
            same_as=built.same_as,
            lost=intake.lost,
            lost_is_exact=intake.lost_is_exact,
            unread=intake.unread,
        )

    def add(
        self, sources: Sequence[str], *, kind: str | None = None, on_progress: OnProgress | None = None
    ) -> ChangeReport:
        """Add or update articles from sources in the live generation; makes an empty index where none is."""
        from semsearch.indexing.changes import Changes
        from semsearch.indexing.progress import ignore

        self.ensure()
        with self._intake(sources, kind) as intake:
            changes = Changes(self.index, self.encoder, self.settings.passages)
            return changes.add(intake, on_progress or ignore)

    def sync(
        self,
        names: Sequence[str] = (),
        *,
        full: bool = False,
        allow_mass_delete: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Iterator[SyncReport]:
        """Take what is new, changed or gone from the sources of the settings (all, or these), one by one.

        Raises SettingsInvalid before anything is read; a source that fails is told in its report.
        """
        from semsearch.indexing.changes import Changes
        from semsearch.indexing.progress import ignore
        from semsearch.indexing.sync import Sync, chosen
        from semsearch.sources.remote.making import check_all, open_remote

        sources = chosen(self.settings.live_sources(), names)
        check_all(sources)
        self.ensure()
        changes = Changes(self.index, self.encoder, self.settings.passages)
        sync = Sync(
            self.index,
            changes,
            sources=self.settings.sources.keys(),
            apart=[name for name, options in self.settings.sources.items() if options.id_prefix],
            full=full,
            allow_mass_delete=allow_mass_delete,
            on_progress=on_progress or ignore,
        )
        for name, options in sources.items():
            with open_remote(name, options) as source:
                yield sync.run(name, source)

    def _intake(self, sources: Sequence[str], kind: str | None) -> Intake:
        from semsearch.indexing.intake import Intake

        return Intake(sources, kind, self.folder.rejects, self.settings.fields, self.settings.dates())

    def add_articles(self, articles: Iterable[Article]) -> list[Changed]:
        """Add or update articles in the live generation; durable and searchable when it returns."""
        from semsearch.indexing.changes import Changes

        self.ensure()
        return Changes(self.index, self.encoder, self.settings.passages).put(articles)

    def delete(self, ids: Sequence[str]) -> list[Changed]:
        """Delete articles from the live generation."""
        return self.index.delete(ids)

    def show(self, article_id: str, *, hidden: bool = False) -> Article:
        """One article that readers may see, with ``hidden`` any; raises ArticleNotFound."""
        article = self.index.known(article_id, hidden=hidden)
        if article is None:
            raise ArticleNotFound(f"index '{self.settings.index}' has no article '{article_id}'")
        return article

    def hidden(self, kind: HiddenKind, *, limit: int, offset: int = 0) -> HiddenPage:
        """Articles that readers do not see now, for editors."""
        from semsearch.search.hidden import hidden_page

        with self.index.snapshot() as view:
            return hidden_page(view, kind, now=time.time(), limit=limit, offset=offset)

    def live_articles(self) -> Iterator[Article]:
        """All live articles of one snapshot, hidden ones too, in the order of their rows."""
        with self.index.snapshot(hidden=True) as view:
            rows = view.matching(Filter())
            for start in range(0, len(rows), 256):
                yield from view.articles(rows[start : start + 256])

    def ensure(self) -> None:
        """Make an index live where none is: the newest sound generation, or the first, empty one.

        Raises IndexLost where there was one: a new one in its place would hide that it is gone.
        """
        from semsearch.indexing.build import Build

        folder = self.folder
        try:
            folder.current()
            return
        except IndexNotFound:
            built = folder.generations()
        with self._guard:
            serving = self._index.serving if self._index is not None else None
        if serving not in {None, *built} or (not built and folder.was_published()):
            raise IndexLost(folder.name, serving)
        if not built:
            Build(folder, self.encoder, self._build_options()).run(())
            return
        faults: list[IndexFault] = []
        for one in [serving] if serving else reversed(built):  # perhaps of a first build that was killed
            try:
                self.activate(one)
                return
            except IndexFault as fault:
                faults.append(fault)
        raise faults[0]

    def coverage(self, source: DraftSource, *, where: Filter | None = None, limit: int) -> Coverage:
        """What of a draft has run; what editors hide from readers has run, too."""
        from semsearch.editorial.coverage import check_coverage
        from semsearch.editorial.draft import read_draft

        with self.index.snapshot() as view:
            return check_coverage(view, read_draft(view, self.encoder, source), where=where, limit=limit)

    def links(
        self, source: DraftSource, *, where: Filter | None = None, limit: int, older: int, least: float
    ) -> Links:
        """Links to add to a draft, which may be HTML or Markdown, and older articles to link it from.

        Nothing that the editors hide from all related lists is among them.
        """
        from semsearch.editorial.draft import read_draft
        from semsearch.editorial.link_marks import read_links
        from semsearch.editorial.links import suggest_links

        linked = read_links(source.text) if source.text is not None else None
        plain = dataclasses.replace(source, text=linked.text) if linked else source
        with self.index.snapshot() as view:
            draft = read_draft(view, self.encoder, plain)
            return suggest_links(
                self.searcher.shown(view),
                self.encoder,
                draft,
                where=where,
                linked=linked,
                limit=limit,
                older=older,
                least=least,
            )

    def saved_searches(self) -> SavedSearches:
        """The saved searches of the index; what is made here is the caller's to close."""
        from semsearch.editorial.saved_searches import SavedSearches
        from semsearch.index.saved_store import SavedStore

        return SavedSearches(SavedStore(self.folder), lambda: self.index, lambda: self.encoder)

    def status(self) -> IndexStatus:
        """The live generation in figures."""
        return index_status(self.index, self.settings.index)

    def generations(self) -> list[GenerationInfo]:
        """All generations, oldest first."""
        from semsearch.index.publishing import describe

        return describe(self._existing())

    def verify(self, generation: str | None = None) -> VerifyReport:
        """Check a generation thoroughly; the live one by default."""
        from semsearch.index.publishing import verify

        folder = self._existing()
        return verify(folder, generation or folder.current())

    def activate(self, generation: str) -> Activated:
        """Make a generation live, with the live changes made since; ``note`` says which were unreadable."""
        from semsearch.index.publishing import activate
        from semsearch.indexing.threads import joining

        reencode = self._reencoder(generation)
        return activate(self._existing(), generation, joining=joining(), reencode=reencode)

    def rollback(self) -> Activated:
        """Make the generation before the live one live again; after a loss, the newest that is left."""
        from semsearch.index.publishing import to_roll_back_to

        return self.activate(to_roll_back_to(self._existing()))

    def prune(self, keep: int) -> list[str]:
        """Remove the oldest generations beyond ``keep``; returns their ids."""
        from semsearch.index.publishing import prune
        from semsearch.indexing.threads import joining

        return prune(self._existing(), keep, joining=joining(), reencode=self._reencoder)

    def snapshot(
        self, file: Path, generation: str | None = None, *, with_events: bool = False, with_keys: bool = False
    ) -> Archived:
        """Write a generation (the live one by default) and what lies beside it to a tar, while it is used.

        It holds live changes, rules, saved searches and the state of sources; events and the hashes of
        keys on request.
        """
        from semsearch.index.archive import write_archive

        folder = self._existing()
        asked = generation or folder.current()
        return write_archive(folder, asked, file, with_events=with_events, with_keys=with_keys)

    def restore(
        self,
        file: Path,
        *,
        any_encoder: bool = False,
        only_articles: bool = False,
        replace_keys: bool = False,
    ) -> Restored:
        """Make a snapshot live as a new generation, with what it holds beside it.

        With ``any_encoder`` its vectors may be those of another encoder than the one of the settings.
        Raises IndexCorrupt, EncoderMismatch, StorageFailed.
        """
        from semsearch.index.archive import RestoreOptions, read_archive

        options = RestoreOptions(only_articles=only_articles, replace_keys=replace_keys)
        if not any_encoder:
            info = self.encoder.info
            options = dataclasses.replace(options, fingerprint=info.fingerprint, encoder=info.name)
        return read_archive(self.folder, file, options)

    def close(self) -> None:
        """Let go of files; requests under way end undisturbed."""
        with self._guard:
            if self._index is not None:
                self._index.close()
            if self._rules is not None:
                self._rules.close()
            self._index = self._searcher = None

    def _existing(self) -> IndexFolder:
        folder = self.folder
        if not folder.generations():
            folder.current()  # raises IndexNotFound with the way out
        return folder

    def _reranker(self) -> Reranker | None:
        from semsearch.encoder.cross_encoder import CrossEncoderReranker

        model = self.settings.search.reranker
        return CrossEncoderReranker(model, device=self.settings.encoder.device) if model else None

    def _reencoder(self, generation: str) -> Callable[[Article], PreparedArticle]:
        from semsearch.indexing.changes import reencoder

        return reencoder(self.folder, lambda: self.encoder, self.settings.passages, generation)

    def _build_options(self) -> BuildOptions:
        from semsearch.indexing.build import BuildOptions

        settings = self.settings
        kept = {
            name: dataclasses.asdict(getattr(settings, name))
            for name in ("encoder", "passages", "lexical", "vectors")
        }
        return BuildOptions(
            settings.passages, settings.lexical, settings.vectors, kept, visibility=settings.visibility
        )
