"""Writes the lexical index of a generation with tantivy, once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from semsearch.articles import FACET_FIELDS
from semsearch.errors import StorageFailed
from semsearch.index.lexical_analysis import analyzer, stemmer_named, stemmer_of
from semsearch.index.lexical_extras import MARK
from semsearch.index.lexical_types import TEXT_FIELDS, WRITTEN, LexicalDocument, LexicalStats

if TYPE_CHECKING:
    from tantivy import Schema

    from semsearch.options import LexicalOptions

STATS = "lexical.json"
FORMAT_VERSION = 1
ID, ROW, PUBLISHED = "id", "row", "published"

# One writer thread with this much memory: rows keep their order, and about 100,000 full articles
# make a single segment (more make several, which tantivy merges as it sees fit).
_HEAP_BYTES = 512_000_000


def key_field(name: str) -> str:
    """The field that holds the comparable values of a filter field."""
    return f"{name}_key"


def make_schema() -> Schema:
    """The fields of the index; texts come as terms with blanks between them.

    Integers are signed on purpose: tantivy's unsigned fields kill its writer when Python ints come.
    """
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_integer_field(ROW, indexed=True, fast=True)
    builder.add_integer_field(PUBLISHED, indexed=True, fast=True)
    builder.add_text_field(ID, tokenizer_name="raw", index_option="basic")
    for name in (*TEXT_FIELDS, WRITTEN):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for name in FACET_FIELDS:
        builder.add_text_field(key_field(name), tokenizer_name="raw", index_option="basic")
    return builder.build()


class LexicalBuilder:
    """Builds the lexical index of a generation: ``add`` rows in ascending order, then ``finish``.

    Raises SettingsInvalid for a language without a stemmer, StorageFailed when the disk refuses.
    """

    def __init__(self, folder: Path, options: LexicalOptions) -> None:
        import tantivy

        self._folder = folder
        self._default = stemmer_named(options.language)
        analyzer(self._default)
        self._terms = dict.fromkeys(TEXT_FIELDS, 0)
        self._bodies: Counter[str] = Counter()
        self._languages: Counter[str] = Counter()
        self._last = -1
        self._articles = 0
        self._document = tantivy.Document
        try:
            folder.mkdir(parents=True, exist_ok=True)
            index = tantivy.Index(make_schema(), path=str(folder), reuse=False)
            self._writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        except (OSError, ValueError) as exc:
            raise self._failed(exc) from exc

    def add(self, row: int, doc: LexicalDocument) -> None:
        """Add one article version; rows must ascend."""
        if row <= self._last:
            raise ValueError(f"row {row} comes after row {self._last}; rows must ascend")
        stemmer = stemmer_of(doc.language, self._default)
        document = self._document()
        document.add_integer(ROW, row)
        document.add_text(ID, doc.article_id)
        if doc.published is not None:
            document.add_integer(PUBLISHED, doc.published)
        words = analyzer(stemmer)
        for name, texts in texts_of(doc):
            for text in texts:
                terms, extras = words.terms(text), [MARK + term for term in words.extras(text)]
                self._terms[name] += len(terms) + len(extras)
                if name == "body":
                    self._bodies.update(set(terms))
                for part in (terms, extras):  # no phrase runs from one to the other
                    document.add_text(name, " ".join(part))
                document.add_text(WRITTEN, " ".join(words.written(text)))
        for name, values in doc.keywords().items():
            for value in values:
                document.add_text(key_field(name), value)
        try:
            self._writer.add_document(document)
        except ValueError as exc:
            raise self._failed(exc) from exc
        self._languages[stemmer] += 1
        self._last = row
        self._articles += 1

    def terms(self, text: str, language: str | None) -> list[str]:
        """The index terms of a text in a language (None: the index's own), repeats included."""
        return analyzer(stemmer_of(language, self._default)).terms(text)

    def body_frequency(self, terms: Sequence[str]) -> list[int]:
        """In how many of the bodies added so far each index term stands."""
        return [self._bodies[term] for term in terms]

    def finish(self) -> LexicalStats:
        """Commit, wait for merges and write the statistics; the caller makes the files durable."""
        stats = LexicalStats(self._articles, dict(self._terms), dict(self._languages), self._default)
        try:
            self._writer.commit()
            self._writer.wait_merging_threads()
            (self._folder / STATS).write_text(_encoded(stats), encoding="utf-8")
        except (OSError, ValueError) as exc:
            raise self._failed(exc) from exc
        return stats

    def _failed(self, exc: Exception) -> StorageFailed:
        return StorageFailed(
            f"{self._folder}: the lexical index cannot be written ({str(exc).splitlines()[0]}); "
            "check free space and permissions, then run the command again"
        )


def texts_of(doc: LexicalDocument) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The texts of each searched field; a phrase never runs over from one author to the next."""
    return (("title", (doc.title,)), ("body", (doc.body,)), ("author", doc.authors))


def _encoded(stats: LexicalStats) -> str:
    content = {
        "format": FORMAT_VERSION,
        "analysis": stats.analysis,
        "articles": stats.articles,
        "terms": dict(stats.terms),
        "languages": dict(stats.languages),
        "default_language": stats.default_language,
    }
    return json.dumps(content, indent=1, sort_keys=True) + "\n"
