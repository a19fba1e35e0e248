"""From what a user names (a file, a folder, ``-``) to sources: the kind is found by content and name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from semsearch.articles import Article
from semsearch.errors import SourceUnreadable
from semsearch.sources.files import InputFile, binary_kind
from semsearch.sources.folder import Folder
from semsearch.sources.jsonl import JsonLines
from semsearch.sources.pages import TextPage
from semsearch.sources.protocol import Note, Rejected, Reporter, Source
from semsearch.sources.unique import unique


@dataclass(frozen=True, slots=True)
class Kind:
    """A format: its name for ``--kind``, the endings of its files, and what reads one file of it."""

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[InputFile, str], Source]  # the file and the id that its name gives


KINDS = {
    kind.name: kind
    for kind in (
        Kind("jsonl", (".jsonl", ".ndjson", ".json"), lambda file, _: JsonLines(file)),
        Kind("text", (".txt", ".text"), TextPage),
    )
}


def open_source(spec: str, *, kind: str | None = None) -> Source:
    """The source that ``spec`` names: a file (plain or gzip), a folder, or ``-`` for standard input.

    A folder is read with all below it, sorted by name; files of no known kind in it are noted, hidden
    ones are passed over. ``kind`` (a key of ``KINDS``) overrules what content and name say. Raises
    SourceUnreadable where no article can come from it: missing, empty, binary, no permission, no kind.
    """
    if kind is not None and kind not in KINDS:
        raise SourceUnreadable(f"kind '{kind}' is not known; known are {', '.join(KINDS)}")
    if spec == "-":
        return _open_file(InputFile(None, "standard input"), kind, "")
    if "://" in spec.split("?", maxsplit=1)[0]:
        raise SourceUnreadable(f"{spec}: this is an address; download it and give the file")
    path = Path(spec)
    try:
        is_folder, exists = path.is_dir(), path.exists()
    except (OSError, ValueError) as fault:  # a path that no file system can hold, or a closed folder above
        raise SourceUnreadable(f"{spec}: cannot be opened: {fault}") from fault
    if not exists:
        raise SourceUnreadable(f"{spec}: there is no such file or folder; check the path")
    if is_folder:
        return _open_folder(path, spec, kind)
    if not path.is_file():
        raise SourceUnreadable(f"{spec}: neither a file nor a folder; pipe it in and give - as source")
    return _open_file(InputFile(path, spec), kind, _stem(path.name))


def read_all(specs: Sequence[str], kind: str | None, report: Reporter) -> Reading:
    """The good articles of all sources in the order given, each id once; opens all before it reads any."""
    return Reading([open_source(spec, kind=kind) for spec in specs], report)


class Reading:
    """An iterator over the articles of several sources; knows its place and how far it is.

    Raises SourceUnreadable at the end if there was no good article at all, so that a wrong file never
    passes for an empty site.
    """

    def __init__(self, sources: Sequence[Source], report: Reporter) -> None:
        self._sources = sources
        self._report = _Remembering(report)
        self._current = 0
        self._articles = unique(self._chained(), self._report, lambda: self.place)

    @property
    def place(self) -> str:
        """Where the article that was given last stands."""
        return self._sources[self._current].place if self._sources else ""

    def fraction(self) -> float | None:
        """How much of all sources was read, each counted alike; None where one does not know."""
        fractions = [source.fraction() for source in self._sources]
        known = [fraction for fraction in fractions if fraction is not None]
        return sum(known) / len(known) if known and len(known) == len(fractions) else None

    def __iter__(self) -> Iterator[Article]:
        return self

    def __next__(self) -> Article:
        article = next(self._articles, None)
        if article is None:
            if self._sources and not self._report.taken:
                names = ", ".join(source.name for source in self._sources)
                raise SourceUnreadable(f"{names}: no article could be taken{self._report.why()}")
            raise StopIteration
        self._report.take()
        return article

    def _chained(self) -> Iterator[Article]:
        for number, source in enumerate(self._sources):
            self._current = number
            yield from source.articles(self._report)


class _Remembering:
    """A reporter that passes everything on and knows what to say when nothing was taken."""

    def __init__(self, report: Reporter) -> None:
        self._report = report
        self._rejected = 0
        self._first = ""
        self.taken = 0

    def take(self) -> None:
        self.taken += 1
        self._report.take()

    def reject(self, rejected: Rejected) -> None:
        self._rejected += 1
        self._first = self._first or str(rejected.error)
        self._report.reject(rejected)

    def warn(self, note: Note) -> None:
        self._report.warn(note)

    def why(self) -> str:
        return f"; {self._rejected:,} rejected, the first: {self._first}" if self._rejected else ""


def _open_file(file: InputFile, kind: str | None, article_id: str) -> Source:
    head = file.head()
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise SourceUnreadable(f"{file.name}: the file is empty; nothing to read")
    if words := binary_kind(head):
        raise SourceUnreadable(f"{file.name}: this is {words}; give JSON Lines or plain text")
    found = KINDS[kind] if kind else _kind_of(file, head)
    if not article_id and found.name == "text":
        raise SourceUnreadable(
            f"{file.name}: plain text has no name here to make an id of; give a file, or JSON Lines"
        )
    return found.read(file, article_id)


def _kind_of(file: InputFile, head: bytes) -> Kind:
    """By content first: what starts with a brace is JSON Lines; else by name; else plain text."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    by_name = _kind_by_name(file.path.name) if file.path else None
    if start == b"[" and (by_name is None or by_name.name == "jsonl"):
        raise SourceUnreadable(
            f"{file.name}: this looks like one JSON list; give JSON Lines, one article a line "
            f"(jq -c '.[]' {file.name} makes it)"
        )
    if start == b"{" and head.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", 1)[0].strip() == b"{":
        raise SourceUnreadable(
            f"{file.name}: this is one JSON value over several lines; give JSON Lines, one article a line "
            f"(jq -c . {file.name} makes it)"
        )
    if start == b"{" and (by_name is None or by_name.name == "jsonl"):
        return KINDS["jsonl"]
    return by_name or KINDS["text"]


def _kind_by_name(name: str) -> Kind | None:
    plain = name.lower().removesuffix(".gz")
    return next((kind for kind in KINDS.values() if plain.endswith(kind.suffixes)), None)


def _stem(name: str) -> str:
    plain = name[: -len(".gz")] if name.lower().endswith(".gz") else name
    return Path(plain).stem


def _open_folder(folder: Path, spec: str, kind: str | None) -> Source:
    sources: list[Source] = []
    notes: list[Note] = []
    for path in _files_below(folder, notes):
        name = str(path)
        if _kind_by_name(path.name) is None and kind is None:
            notes.append(Note(name, "", "a file of no known kind in a folder; passed over", path.suffix))
            continue
        relative = path.relative_to(folder)
        article_id = (relative.parent / _stem(path.name)).as_posix()
        try:
            sources.append(_open_file(InputFile(path, name), kind, article_id))
        except SourceUnreadable as fault:
            notes.append(Note(name, "", "a file in a folder that cannot be read; passed over", str(fault)))
    if not sources:
        first = f"; the first of {len(notes)} other files: {notes[0]}" if notes else ""
        raise SourceUnreadable(f"{spec}: the folder has no JSON Lines or text file that can be read{first}")
    return Folder(spec, sources, notes)


def _files_below(folder: Path, notes: list[Note]) -> Iterator[Path]:
    """Files in the order of their names, without hidden ones and links to folders, which may go round."""
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as fault:
        notes.append(Note(str(folder), "", "a folder that cannot be read; passed over", fault.strerror or ""))
        return
    for path in entries:
        if path.name.startswith("."):
            continue
        if path.is_dir():
            if not path.is_symlink():
                yield from _files_below(path, notes)
        elif path.is_file():
            yield path
