"""Plain text pages: the first line is the title, then come the lead and the body."""

from __future__ import annotations

from collections.abc import Iterator

from semsearch.articles import Article
from semsearch.errors import ArticleInvalid
from semsearch.sources.files import READ_FAULTS, InputFile, decode
from semsearch.sources.protocol import MAX_BODY_CHARACTERS, Note, Rejected, Reporter
from semsearch.sources.records import article_from_record

_LONGEST_TITLE = 300  # characters; a longer first line is already the text


class TextPage:
    """One page as an article; its id is the file's name without its endings, below the folder given."""

    def __init__(self, file: InputFile, article_id: str) -> None:
        self._file = file
        self._id = article_id

    @property
    def name(self) -> str:
        """The file as given."""
        return self._file.name

    @property
    def place(self) -> str:
        """The file itself."""
        return self._file.name

    def fraction(self) -> float | None:
        """How much of the file was read."""
        return self._file.fraction()

    def articles(self, report: Reporter) -> Iterator[Article]:
        """The page, if it has any text."""
        text = ""
        try:
            text = self._text(report)
            title, body = _title_and_body(text)
            record = {"id": self._id, "title": title, "body": body}
            article, notes = article_from_record(record, place=self.place)
        except ArticleInvalid as error:
            report.reject(Rejected(self.place, error, text))
            return
        for note in notes:
            report.warn(note)
        yield article

    def _text(self, report: Reporter) -> str:
        most = MAX_BODY_CHARACTERS * 4  # bytes of UTF-8
        try:
            with self._file.open() as file:
                raw = file.read(most + 1)
        except READ_FAULTS as fault:
            raise ArticleInvalid(
                "the file cannot be read", place=self.place, value=str(fault), hint="copy the file again"
            ) from fault
        if len(raw) > most:
            raise ArticleInvalid(
                f"the page is longer than {most:,} bytes", place=self.place, hint="cut it into articles"
            )
        text, mended = decode(raw)
        if mended:
            report.warn(Note(self.place, "", mended))
        return text


def _title_and_body(text: str) -> tuple[str, str]:
    first, _, rest = text.strip().partition("\n")
    if len(first) > _LONGEST_TITLE:
        return "", text
    return first, rest
