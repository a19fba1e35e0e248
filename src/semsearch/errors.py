"""Every error semsearch raises on purpose; each says what happened, the values, and the next step.

    SemsearchError
    ├── InputError                  what was given cannot be used
    │   ├── ArticleInvalid          one article: place, field, value, what to do
    │   ├── SourceUnreadable        a file or address that gives no articles at all
    │   ├── BuildRefused            a build that would lose many live articles
    │   ├── QueryInvalid            a search, related or filter parameter
    │   ├── RuleInvalid             one field of an editor's rule
    │   ├── SettingsInvalid         semsearch.toml or SEMSEARCH_*
    │   └── JudgementsInvalid       queries, qrels or runs
    ├── NotFound
    │   ├── ArticleNotFound
    │   ├── IndexNotFound           no index of that name, or nothing published yet
    │   ├── GenerationNotFound
    │   ├── TaskNotFound
    │   ├── KeyNotFound
    │   └── RuleNotFound            an editor's rule, saved search or story
    ├── EncoderError
    │   ├── EncoderUnavailable      the model cannot be loaded
    │   ├── EncoderMismatch         vectors of another encoder
    │   └── DimensionMismatch
    ├── IndexFault
    │   ├── IndexCorrupt            a damaged, truncated or missing part
    │   ├── IndexLost               it was live, and its files are gone: no new one is begun in its place
    │   ├── FormatTooNew            written by a newer semsearch
    │   ├── IndexBusy               another process holds the lock
    │   └── StorageFailed           disk full, no permission, read-only folder
    └── AccessDenied
        ├── KeyMissing
        ├── KeyInvalid
        └── ScopeMissing

They know no HTTP: ``service/errors.py`` gives each a status.
"""

from __future__ import annotations


class SemsearchError(Exception):
    """Base of all errors that semsearch raises on purpose; ``str()`` is fit to show to a user."""


class InputError(SemsearchError):
    """Something that was given cannot be used as it is."""


class ArticleInvalid(InputError):
    """One article cannot be taken: names the place, the field, the value and what to do.

    ``place`` is a file and line (``news.jsonl:12``) or the like; ``value`` is cut to 80 characters.
    """

    def __init__(
        self, problem: str, *, place: str = "", field: str = "", value: object = None, hint: str = ""
    ) -> None:
        self.problem = problem
        self.place = place
        self.field = field
        self.value = None if value is None else _shorten(repr(value))
        self.hint = hint
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        at = f"{self.place}: " if self.place else ""
        field = f"field '{self.field}': " if self.field else ""
        value = f" (value {self.value})" if self.value is not None else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{at}{field}{self.problem}{value}{hint}"


class SourceUnreadable(InputError):
    """A source gives no articles at all: missing, no permission, not the kind it claims.

    ``damaged`` says that articles may be lost with it: it is there, but cannot be read.
    """

    def __init__(self, message: str = "", *, damaged: bool = False) -> None:
        self.damaged = damaged
        super().__init__(message)


class BuildRefused(InputError):
    """A build would lose more of the live articles than looks intended; gives both figures.

    ``notes`` say what was wrong with the sources, in words.
    """

    def __init__(self, message: str, *, notes: tuple[str, ...] = ()) -> None:
        self.notes = notes
        super().__init__(message)


class QueryInvalid(InputError):
    """A search, related or filter parameter cannot be used."""


class RuleInvalid(InputError):
    """An editor's rule cannot be kept: names the field, what is wrong, and the value cut to 80 characters."""

    def __init__(self, problem: str, *, field: str = "", value: object = None) -> None:
        self.field = field
        self.problem = problem
        self.value = None if value is None else _shorten(value if isinstance(value, str) else repr(value))
        given = f" (value {_shorten(repr(value))})" if value is not None else ""
        super().__init__(f"field '{field}': {problem}{given}" if field else problem)


class SettingsInvalid(InputError):
    """A value in semsearch.toml or in a SEMSEARCH_* variable cannot be used."""


class JudgementsInvalid(InputError):
    """Queries, judgements or runs for an evaluation cannot be used."""


class NotFound(SemsearchError):
    """What was asked for by name does not exist."""


class ArticleNotFound(NotFound):
    """No article with this id is in the index."""


class IndexNotFound(NotFound):
    """There is no index of this name, or nothing was published in it yet."""


class GenerationNotFound(NotFound):
    """The index has no generation of this id."""


class TaskNotFound(NotFound):
    """No task with this id is known."""


class KeyNotFound(NotFound):
    """No key of the service has this id."""


class RuleNotFound(NotFound):
    """No editor's rule, saved search or story with this id is known."""


class EncoderError(SemsearchError):
    """The encoder cannot do what was asked."""


class EncoderUnavailable(EncoderError):
    """The model cannot be loaded: missing, damaged, or not the pinned weights."""


class EncoderMismatch(EncoderError):
    """The index holds vectors of another encoder than the one in use."""


class DimensionMismatch(EncoderError):
    """Vectors have another dimension than the index."""


class IndexFault(SemsearchError):
    """The index on disk cannot be used or written."""


class IndexCorrupt(IndexFault):
    """A part of a generation is damaged, truncated or missing; names the file and the way out."""


class IndexLost(IndexFault):
    """An index that was live has lost its files; nothing is written before they are back. Names no path."""

    def __init__(self, name: str, generation: str | None = None) -> None:
        served = f" (generation {generation} is still served from memory)" if generation else ""
        super().__init__(
            f"the files of index '{name}' are gone from the disk{served}; nothing was written. Mount its "
            "folder again, restore a snapshot (semsearch index restore FILE), make another generation live "
            "(semsearch index activate ID) or build it again (semsearch index build SOURCE)"
        )


class FormatTooNew(IndexFault):
    """A generation was written by a newer semsearch."""


class IndexBusy(IndexFault):
    """Another process holds the lock; says which."""


class StorageFailed(IndexFault):
    """The disk refused: full, read-only, or no permission; nothing acknowledged is lost."""


class AccessDenied(SemsearchError):
    """The caller may not do this."""


class KeyMissing(AccessDenied):
    """The call needs a key and had none."""


class KeyInvalid(AccessDenied):
    """The key is unknown, revoked or expired."""


class ScopeMissing(AccessDenied):
    """The key is good but its scope does not cover this call."""


def _shorten(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
