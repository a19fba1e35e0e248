"""Takes articles in from sources: rejects are counted, kept in a file and never stop the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from semsearch.articles import Article
from semsearch.sources.content import content_digest
from semsearch.sources.opening import read_all
from semsearch.sources.rejects import RejectsFile
from semsearch.sources.report import Report
from semsearch.text.dates import DateHabits


class Intake:
    """The articles of several sources, and what could not be taken of them; a context manager."""

    def __init__(
        self,
        sources: Sequence[str],
        kind: str | None,
        rejects_folder: Path,
        fields: Mapping[str, str] | None = None,
        dates: DateHabits | None = None,
    ) -> None:
        self._sources = sources
        self._kind = kind
        self._fields = fields
        self._dates = dates
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"
        self._rejects = RejectsFile(rejects_folder / name)
        self._report = Report(self._rejects)
        self.digest: str | None = None

    def articles(self) -> Iterator[Article]:
        """All good articles, lazily; raises SourceUnreadable for a source that gives none at all."""
        return read_all(self._sources, self._kind, self._report, self._fields, self._dates)

    def remember(self) -> None:
        """Take a digest of all files, before any is opened: ``digest``, None where it cannot be known."""
        self.digest = self._content()

    def _content(self) -> str | None:
        return content_digest(self._sources, self._kind, self._fields, self._dates)

    def remembered(self) -> str | None:
        """The digest, where it stands for all that was read: files as they were, no record lost.

        What is lost is counted, and rejected ones are written to a file, at each build: read again.
        """
        told = self._report.tally()
        if self.digest is None or told.lost or not told.lost_is_exact or told.unread:
            return None
        return self.digest if self.digest == self._content() else None

    @property
    def rejected(self) -> int:
        """How many articles were rejected so far."""
        return self._report.tally().rejected

    @property
    def lost(self) -> int:
        """How many records did not become articles so far: rejected, or in files that cannot be read."""
        return self._report.tally().lost

    @property
    def lost_is_exact(self) -> bool:
        """False where ``lost`` (even 0) is only the least number, as in a file that is cut off."""
        return self._report.tally().lost_is_exact

    @property
    def unread(self) -> tuple[str, ...]:
        """The names of files that are not empty and gave no article."""
        return self._report.tally().unread

    @property
    def barren(self) -> tuple[str, ...]:
        """Those of the sources, as they were given, that are not empty and gave no article."""
        unread = set(self.unread)
        return tuple(source for source in self._sources if source in unread)

    @property
    def rejects_file(self) -> Path | None:
        """Where the rejected articles are, if any."""
        return self._rejects.path if self._rejects.written else None

    def notes(self) -> list[str]:
        """What was repaired or left out, in words."""
        return self._report.tally().notes()

    def __enter__(self) -> Intake:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rejects.close()
