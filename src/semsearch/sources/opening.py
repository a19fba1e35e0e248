"""From what a user names (a file, a folder, an archive, ``-``) to sources."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath, PurePosixPath

from semsearch.errors import SourceUnreadable
from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.files import InputFile, binary_kind, garbled_kind
from semsearch.sources.folder import Folder
from semsearch.sources.inherited import Inherited, read_inherited, site_path
from semsearch.sources.kinds import KINDS, ZIP_MAGIC, Kind, kind_by_name, kind_of, page_id
from semsearch.sources.markdown import MarkdownPage
from semsearch.sources.protocol import Note, Reporter, Source
from semsearch.sources.reading import Reading
from semsearch.sources.zip_archive import members_of, open_zip
from semsearch.text import shown
from semsearch.text.dates import DateHabits


def open_source(
    spec: str,
    *,
    kind: str | None = None,
    fields: Mapping[str, str] | None = None,
    dates: DateHabits | None = None,
) -> Source:
    """The source that ``spec`` names: a file (plain, gzip or zip), a folder, or ``-`` for standard input.

    A folder or an archive is read with all below it, sorted by name; files of no known kind in it are
    noted, hidden ones are passed over. ``kind`` (a key of ``KINDS``) overrules what content and name say;
    ``fields`` says what the records call our fields (ours = theirs), ``dates`` how they write dates. Raises
    SourceUnreadable where no article can come from it: missing, empty, binary, no permission, no kind;
    SettingsInvalid for ``fields``.
    """
    if kind is not None and kind not in KINDS:
        raise SourceUnreadable(f"kind '{kind}' is not known; known are {', '.join(KINDS)}")
    opener = _Opener(KINDS[kind] if kind else None, FieldMap(fields, dates=dates))
    if spec == "-":
        return opener.file(InputFile(None, "standard input"), None)
    if "://" in spec.split("?", maxsplit=1)[0]:
        raise SourceUnreadable(
            f"{shown(spec)}: this is an address; download it and give the file, or name it in "
            "semsearch.toml and run 'semsearch articles sync'"
        )
    path = Path(spec)
    try:
        is_folder, exists = path.is_dir(), path.exists()
    except (OSError, ValueError) as fault:  # a path that no file system can hold, or a closed folder above
        raise SourceUnreadable(f"{shown(spec)}: cannot be opened: {fault}") from fault
    if not exists:
        raise SourceUnreadable(f"{shown(spec)}: there is no such file or folder; check the path")
    if is_folder:
        return opener.folder(path, spec)
    if not path.is_file():
        raise SourceUnreadable(f"{shown(spec)}: neither a file nor a folder; pipe it in and give - as source")
    opener.lies_in(path.parent)
    return opener.alone(InputFile(path, shown(spec)), PurePosixPath(shown(path.name)))


def read_all(
    specs: Sequence[str],
    kind: str | None,
    report: Reporter,
    fields: Mapping[str, str] | None = None,
    dates: DateHabits | None = None,
) -> Reading:
    """The good articles of all sources in the order given, each id once; opens all before it reads any."""
    return Reading([open_source(spec, kind=kind, fields=fields, dates=dates) for spec in specs], report)


_DRAFTS = "_drafts"  # of Jekyll


class _Opener:
    """Opens files alike, whether they lie in a folder, in an archive or alone."""

    def __init__(self, kind: Kind | None, fields: FieldMap) -> None:
        self._kind = kind
        self._fields = fields
        self._above = PurePath()  # the folder that all files lie in
        self._inherited = Inherited()

    def alone(self, file: InputFile, path: PurePosixPath) -> Source:
        """One file that is given itself; what the folders above it say of a page counts."""
        if kind_by_name(path.name) is KINDS["markdown"]:
            self._inherited = read_inherited((), self._above / path.name, [])
        return self.file(file, path)

    def lies_in(self, folder: Path) -> None:
        """Hear of the folder in which all files lie."""
        with contextlib.suppress(OSError, RuntimeError):
            self._above = folder.resolve()

    def file(self, file: InputFile, path: PurePosixPath | None) -> Source:
        """One file; ``path`` (below the folder given) is what its id is made of, None if it has none."""
        head = file.head()
        if head.startswith(ZIP_MAGIC):
            return self._archive(file, path)
        if not head.strip(b"\xef\xbb\xbf \t\r\n"):
            raise SourceUnreadable(f"{file.name}: the file is empty; nothing to read")
        found = self._kind or kind_of(file, head)
        words = None if found.name == "parquet" else binary_kind(head)
        if words is None and found.name in {"text", "markdown"}:
            words = garbled_kind(head)
        if words:
            raise SourceUnreadable(
                f"{file.name}: this is {words}; give one of {', '.join(KINDS)}",
                damaged=kind_by_name(file.file_name) is not None,
            )
        if found.is_page and path is None and found.name != "html":
            raise SourceUnreadable(
                f"{file.name}: a page of {found.name} has no name here to make an id of; "
                "give a file, or JSON Lines"
            )
        source = found.read(file, page_id(path) if path else "", self._fields)
        if isinstance(source, MarkdownPage) and path is not None:
            source.is_draft = _DRAFTS in (*self._above.parts, *path.parts)
            source.inherited = self._inherited.of(site_path(self._above) / path)
        return source

    def folder(self, folder: Path, spec: str) -> Source:
        """All files below a folder."""
        self.lies_in(folder)
        notes: list[Note] = []
        files = (
            (InputFile(path, shown(path)), PurePosixPath(shown(path.relative_to(folder))))
            for path in files_below(folder, notes)
        )
        name = shown(spec)
        return Folder(name, self._sources(files, notes, f"{name}: the folder"), notes)

    def _archive(self, file: InputFile, path: PurePosixPath | None) -> Source:
        """All files in a zip archive; those of an archive in a folder have its name before their ids."""
        notes: list[Note] = []
        archive = open_zip(file)
        above = PurePosixPath(page_id(path)) if path and len(path.parts) > 1 else PurePosixPath()
        files = ((member, above / path) for member, path in members_of(archive, file.name, notes))
        try:
            return Folder(file.name, self._sources(files, notes, f"{file.name}: the archive"), notes)
        except zipfile.BadZipFile as fault:
            raise SourceUnreadable(
                f"{file.name}: a damaged zip archive ({fault}); copy the file again", damaged=True
            ) from fault

    def _sources(
        self, files: Iterator[tuple[InputFile, PurePosixPath]], notes: list[Note], what: str
    ) -> list[Source]:
        sources: list[Source] = []
        listed = list(files)
        site = site_path(self._above)
        outer, self._inherited = self._inherited, read_inherited(listed, self._above, notes)
        for file, path in listed:
            if site / path in self._inherited.data:
                continue
            is_known = kind_by_name(path.name) is not None or path.suffix.lower() == ".zip"
            if not is_known and self._kind is None:
                problem = "a file of no known kind in a folder; passed over"
                notes.append(Note(file.name, "", problem, path.suffix))
                continue
            try:
                sources.append(self.file(file, path))
            except SourceUnreadable as fault:
                problem = "a file in a folder that cannot be read; passed over"
                named = kind_by_name(path.name)
                unread = fault.damaged and (named is None or not named.is_page)
                notes.append(Note(file.name, "", problem, str(fault), lost=int(fault.damaged), unread=unread))
        self._inherited = outer
        if not sources:
            first = f"; the first of {len(notes)} other files: {notes[0]}" if notes else ""
            raise SourceUnreadable(f"{what} has no file that can be read{first}")
        return sources


def files_below(folder: Path, notes: list[Note], root: Path | None = None) -> Iterator[Path]:
    """Files in the order of their names, without hidden ones, links out of ``root`` and links to folders.

    Links to folders may go round; links to files elsewhere would publish what lies there.
    """
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as fault:
        what = "a folder that cannot be read; passed over"
        notes.append(Note(shown(folder), "", what, fault.strerror or "", lost=1, unread=True))
        return
    for path in entries:
        if path.name.startswith("."):
            continue
        if path.is_symlink() and (problem := _not_followed(path, root or folder)):
            notes.append(Note(shown(path), "", f"{problem}; passed over"))
        elif path.is_dir():
            yield from files_below(path, notes, root or folder)
        elif path.is_file():
            yield path


def _not_followed(link: Path, root: Path) -> str | None:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return "a link to nothing"
    if target.is_dir():
        return "a link to a folder"
    return None if target.is_relative_to(root.resolve()) else "a link out of the folder"
