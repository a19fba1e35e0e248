"""What a site says of all pages below a folder: Hugo's cascades, Eleventy's data files, Jekyll's defaults.

Only what says who may see a page, and when, is inherited; what a page says itself goes before it.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from semsearch.errors import ArticleInvalid, SourceUnreadable
from semsearch.sources.fieldmap import usual_name
from semsearch.sources.files import READ_FAULTS, InputFile, decode
from semsearch.sources.front_matter import fields_of_toml, fields_of_yaml, split_front_matter
from semsearch.sources.protocol import Note
from semsearch.sources.visibility_fields import says_visibility
from semsearch.text import shown

_MOST = 1_000_000  # bytes of one file that says such things
_CONFIG = re.compile(r"(?:hugo|config)\.(?:toml|ya?ml)|hugo\.json")
_JEKYLL = re.compile(r"_config\.(?:toml|ya?ml)")
_CONTENT = "content"
_CONFIGS = tuple(
    f"{name}.{ending}" for name in ("hugo", "config") for ending in ("toml", "yaml", "yml", "json")
)
_CONFIG_FOLDERS = (PurePosixPath(), PurePosixPath("config/_default"))
_LIST_PAGES = ("_index.md", "_index.markdown", "_index.html")
_DATA = re.compile(r"(?P<stem>.+?)(?:\.11tydata)?\.json")
_SCRIPT = re.compile(r"(?P<stem>.+)\.11tydata\.[cm]?[jt]s")
_PAGES = (".md", ".markdown", ".mdx", ".html", ".htm")
# What a file that cannot be read may have said: a group of fields for other pages, and one that hides.
_GROUP = re.compile(r"cascade|defaults|11tydata")
_HIDING = re.compile(
    r"draft|publish|expiry|render|headless|private|hidden|noindex|status|permalink[\"']?\s*[:=]\s*false", re.I
)
_SCRIPTED = re.compile(r"\b(draft|permalink|published)[\"']?\s*:\s*(true|false)\b")
_LONGEST_PATTERN, _MOST_STARS = 300, 8

Files = Iterable[tuple[InputFile, PurePosixPath]]
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rule:
    """Fields for the pages below a folder, as far as the other conditions fit them."""

    folder: PurePosixPath
    fields: Fields
    page: str = ""  # the name, without its ending, of the only page that is meant
    pattern: re.Pattern[str] | None = None  # of the path that the page has on its site
    language: str = ""
    collection: str = ""  # of Jekyll: pages below a folder of this name

    def means(self, path: PurePosixPath) -> bool:
        """Whether the page at this path is one of them."""
        if not path.is_relative_to(self.folder):
            return False
        if self.page and (path.parent != self.folder or path.name.partition(".")[0] != self.page):
            return False
        if self.language and f".{self.language}." not in path.name and self.language not in path.parts:
            return False
        if self.collection and self.collection not in path.parts:
            return False
        return self.pattern is None or any(self.pattern.fullmatch(one) for one in _site_paths(path))


@dataclass(slots=True)
class Inherited:
    """The rules of one folder or archive, and which of its files are such rules and no articles."""

    rules: list[Rule] = field(default_factory=list)
    data: set[PurePosixPath] = field(default_factory=set)

    def of(self, path: PurePosixPath) -> Fields:
        """The fields that the page at this path inherits; those of the nearest folder go first."""
        found: dict[str, object] = {}
        for rule in self.rules:
            if rule.means(path):
                found = {**rule.fields, **found}
        return found


def site_path(folder: PurePath) -> PurePosixPath:
    """Where a folder lies on its site: from Hugo's folder ``content`` on, if it is one or is in one."""
    parts = folder.parts
    first = next((at for at in reversed(range(len(parts))) if parts[at] == _CONTENT), len(parts))
    return PurePosixPath(*parts[first:])


def read_inherited(files: Files, root: PurePath, notes: list[Note]) -> Inherited:
    """What files say of the pages beside and below them, and what the folders of the site above them say.

    ``root`` is the folder of them all; paths of the result begin with its ``site_path``.
    """
    reader = _Reader(notes)
    site = site_path(root)
    higher = ((InputFile(found, shown(found)), path) for found, path in files_above(root))
    listed = [*higher, *((file, site / path) for file, path in files)]
    data: dict[str, tuple[InputFile, PurePosixPath]] = {}
    for file, path in listed:
        name = path.name.lower()
        if name.startswith("_index.") and name.endswith(_PAGES):
            reader.read(file, path, path.parent, _of_list_page)
        elif _CONFIG.fullmatch(name):
            above = path.parents[2] if path.parts[-3:-1] == ("config", "_default") else path.parent
            reader.read(file, path, above, _of_config)
        elif _JEKYLL.fullmatch(name):
            reader.read(file, path, path.parent, _of_jekyll)
        elif match := _DATA.fullmatch(path.name) or _SCRIPT.fullmatch(path.name):
            data.setdefault(str(path.parent / match["stem"]), (file, path))
    for _, path in listed if data else ():
        if path.name.lower().endswith(_PAGES):
            _read_data(path, data, root.name, reader)
    reader.found.rules.sort(key=lambda rule: (not rule.page, -len(rule.folder.parts)))
    return reader.found


def files_above(root: PurePath) -> Iterator[tuple[Path, PurePosixPath]]:
    """The list pages and the configuration of a site above a folder or a file of it, with their paths."""
    site = site_path(root)
    if not site.parts:
        return
    top = Path(*root.parts[: len(root.parts) - len(site.parts)])
    for names, folders in ((_CONFIGS, _CONFIG_FOLDERS), (_LIST_PAGES, site.parents)):
        for folder in folders:
            for name in names:
                with contextlib.suppress(OSError):
                    if (found := top / folder / name).is_file():
                        yield found, folder / name


def _read_data(
    page: PurePosixPath, data: dict[str, tuple[InputFile, PurePosixPath]], root: str, reader: _Reader
) -> None:
    """Read the data of Eleventy for a page and for the folders above it, each once."""
    stem = page.name.partition(".")[0]
    if (found := data.pop(str(page.parent / stem), None)) is not None:
        reader.read(*found, page.parent, lambda text, folder: _of_data(text, folder, stem))
    for folder in page.parents:
        if (found := data.pop(str(folder / (folder.name or root)), None)) is not None:
            reader.read(*found, folder, _of_data)


class _Reader:
    """Reads the files that hold rules; of one that may hide pages and cannot be read, it hides them."""

    def __init__(self, notes: list[Note]) -> None:
        self._notes = notes
        self.found = Inherited()

    def read(
        self,
        file: InputFile,
        path: PurePosixPath,
        folder: PurePosixPath,
        rules: Callable[[str, PurePosixPath], Sequence[Rule] | None],
    ) -> None:
        """Take the rules of a file; ``rules`` gives None where it is an article after all."""
        text = ""
        try:
            with file.open() as stream:
                text = decode(stream.read(_MOST))[0]
            read = rules(text, folder)
        except (ArticleInvalid, SourceUnreadable, ValueError, RecursionError, *READ_FAULTS) as fault:
            if _GROUP.search(f"{path.name}\n{text}".lower()) and _HIDING.search(text):
                problem = "may hide the pages below it, but cannot be read; readers do not see these pages"
                self._notes.append(Note(file.name, "", problem, str(fault)[:200]))
                self.found.rules.append(Rule(folder, {"draft": f"{path} cannot be read"}))
            return
        self.found.rules.extend(read or ())
        if read is not None and path.suffix == ".json":
            self.found.data.add(path)
            problem = "data for other pages of the site, no article; passed over"
            self._notes.append(Note(file.name, "", problem))


def _of_list_page(text: str, folder: PurePosixPath) -> Sequence[Rule]:
    return list(_cascade(split_front_matter(text, str(folder))[0], folder))


def _of_config(text: str, folder: PurePosixPath) -> Sequence[Rule]:
    return list(_cascade(_settings(text), folder))


def _of_jekyll(text: str, folder: PurePosixPath) -> Sequence[Rule]:
    rules = []
    given = _settings(text).get("defaults")
    for one in given if isinstance(given, list) else ():
        scope, values = (one.get("scope"), one.get("values")) if isinstance(one, Mapping) else (None, None)
        scope = scope if isinstance(scope, Mapping) else {}
        if not (isinstance(values, Mapping) and (fields := _hiding(values))):
            continue
        path, kind = str(scope.get("path") or "").strip("/"), str(scope.get("type") or "")
        pattern = _glob(f"**/{path}/**") if "*" in path else None
        rules.append(
            Rule(
                folder if pattern else folder / path, fields, pattern=pattern,
                collection="" if kind in {"", "pages"} else f"_{kind}",
            )
        )  # fmt: skip
    return rules


def _of_data(text: str, folder: PurePosixPath, page: str = "") -> Sequence[Rule] | None:
    """The data of Eleventy for a folder or a page; None for an article that lies beside another."""
    if not text.lstrip().startswith("{"):  # a script, which is never run
        fields: Fields = {match[1]: match[2] for match in _SCRIPTED.finditer(text)}
    else:
        fields = json.loads(text)
        if any(usual_name(name) == "body" for name in fields):
            return None
    return [Rule(folder, _hiding(fields), page)]


def _cascade(fields: Fields, folder: PurePosixPath) -> Iterator[Rule]:
    """The rules of Hugo's ``cascade``: an object of fields, or a list of such with targets."""
    given = next((value for name, value in fields.items() if name.lower() == "cascade"), None)
    for one in given if isinstance(given, list) else [given]:
        if not isinstance(one, Mapping) or not (hiding := _hiding(one)):
            continue
        target: Fields = next(
            (one[name] for name in ("_target", "target") if isinstance(one.get(name), Mapping)), {}
        )
        said = {str(name).lower(): str(value) for name, value in target.items()}
        for name, ours in (("kind", "page"), ("environment", "production")):
            if name in said and not _glob(said[name]).fullmatch(ours):
                break
        else:
            pattern = _glob(said["path"]) if "path" in said else None
            yield Rule(folder, hiding, pattern=pattern, language=said.get("lang", "").lower())


def _hiding(fields: Fields) -> Fields:
    return {str(name): value for name, value in fields.items() if says_visibility(str(name))}


def _settings(text: str) -> Fields:
    """The settings of a site in YAML, TOML or JSON."""
    try:
        return fields_of_toml(text, "")
    except ArticleInvalid:
        return fields_of_yaml(text, "")  # which reads JSON too


def _glob(pattern: str) -> re.Pattern[str]:
    """A pattern of Hugo for paths; one that is too long or odd fits all of them."""
    if len(pattern) > _LONGEST_PATTERN or pattern.count("*") > 2 * _MOST_STARS:
        return re.compile(".*", re.S)
    parts = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
    tokens = re.findall(r"\*\*|.", pattern.strip().lower(), re.S)
    try:
        return re.compile("".join(parts.get(token) or re.escape(token) for token in tokens), re.S)
    except re.error:
        return re.compile(".*", re.S)


def _site_paths(path: PurePosixPath) -> Iterator[str]:
    """What the path of the page may be on its site, whose first folder is not known: /posts/frost."""
    parts = [part.lower() for part in path.parts]
    if "content" in parts:
        parts = parts[parts.index("content") + 1 :]
    last = parts[-1].partition(".")[0] if parts else ""
    for first in range(len(parts)):
        above = "/".join(parts[first:-1])
        yield f"/{above}/{parts[-1]}".replace("//", "/")
        yield f"/{above}/{last}".replace("//", "/")
        if last == "index":
            yield f"/{above}"
