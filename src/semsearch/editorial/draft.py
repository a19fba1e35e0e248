"""What editors bring: a pasted text, or an article of the archive by its id or its address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import numpy as np
import numpy.typing as npt

from semsearch.articles import Article, Filter, Passage
from semsearch.duplicates import are_copies, bands, signature
from semsearch.encoder.languages import languages_read, reads
from semsearch.encoder.protocol import Encoder, Vectors
from semsearch.errors import ArticleNotFound, InputError
from semsearch.index.compatibility import check_encoder
from semsearch.index.protocol import Rows, Snapshot
from semsearch.options import PassageOptions
from semsearch.passages import split_passages
from semsearch.text import clean_line, clean_text
from semsearch.text.languages import detect_language

MAX_TEXT = 200_000  # characters of a draft
MAX_TITLE = 1_000  # characters of its title
MAX_ADDRESS = 4_000
MOST_PASSAGES = 16  # of a draft that are encoded: some 3,000 words in a row, or spread over a longer one
READER_PAGE = "/articles/"  # the page of an article here, whose address an editor may paste


@dataclass(frozen=True, slots=True)
class DraftSource:
    """Where a draft is: exactly one of ``text``, ``article_id`` and ``url``; ``title`` goes with a text.

    Raises InputError naming the field that cannot be used.
    """

    text: str | None = None
    title: str = ""
    article_id: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        named = {"text": self.text, "id": self.article_id, "url": self.url}
        given = [name for name, value in named.items() if value is not None]
        if len(given) != 1:
            words = " and ".join(given) or "none of them"
            raise InputError(f"give exactly one of text, id and url; {words} came")
        if self.title and self.text is None:
            raise InputError(f"title goes with text; an article found by its {given[0]} has its own")
        if self.text is not None and len(self.text) > MAX_TEXT:
            raise InputError(f"text has {len(self.text):,} characters; give at most {MAX_TEXT:,}")
        if len(self.title) > MAX_TITLE:
            raise InputError(f"title has {len(self.title):,} characters; give at most {MAX_TITLE:,}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it was read: spans of ``passages`` are in ``text``; ``vectors`` has a unit vector for each.

    ``article`` is the article of the archive that it is, or None for a pasted text.
    """

    title: str
    text: str
    passages: tuple[Passage, ...]
    vectors: Vectors
    article: Article | None = None


def read_draft(snapshot: Snapshot, encoder: Encoder, source: DraftSource) -> Draft:
    """The draft of a source; tags in a pasted text go, nothing is fetched from the net.

    Raises InputError for a text without a word, ArticleNotFound for an id or address that is not held,
    EncoderMismatch where the index holds vectors of another encoder.
    """
    check_encoder(snapshot, encoder.info)
    if source.text is not None:
        return _pasted(encoder, source.text, source.title)
    row = row_of(snapshot, source.article_id or "") if source.url is None else row_at(snapshot, source.url)
    article = snapshot.articles(np.array([row], np.int64))[0]
    passages = tuple(snapshot.passages(row))
    return Draft(article.title, article.body, passages, snapshot.passage_vectors(row), article)


def is_read(snapshot: Snapshot, draft: Draft) -> bool:
    """Whether the encoder of an index can read a draft: by its language, given or detected."""
    if languages_read(snapshot.encoder) is None:
        return True
    language = draft.article.language if draft.article else None
    return reads(snapshot.encoder, language or detect_language(f"{draft.title}\n{draft.text}"))


def unread_rows(snapshot: Snapshot, rows: Rows) -> npt.NDArray[np.bool_]:
    """Which rows are in a language that the encoder of an index does not read: nearness tells nothing."""
    read = languages_read(snapshot.encoder)
    if read is None or not len(rows):
        return np.zeros(len(rows), np.bool_)
    return snapshot.in_other_languages(rows, read)


def copies_of(snapshot: Snapshot, draft: Draft, where: Filter) -> Rows:
    """The rows that pass a filter and whose text is a copy of the draft's, told by their signatures."""
    signed = signature(draft.text, title=draft.title)
    alike = snapshot.signed_alike(bands(signed), where=where)
    return np.array([row for row, other in alike if are_copies(signed, other)], np.int64)


def row_of(snapshot: Snapshot, article_id: str) -> int:
    """The row of an article; raises ArticleNotFound."""
    row = snapshot.row_of(article_id)
    if row < 0:
        raise ArticleNotFound(
            f"the archive has no article {_short(article_id)}; give another id, or paste its text"
        )
    return row


def row_at(snapshot: Snapshot, url: str) -> int:
    """The row of the article at an address: where it was published, or its page here.

    Raises InputError for what is no address, ArticleNotFound where the archive does not hold it.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.netloc or len(url) > MAX_ADDRESS:
        raise InputError(
            f"url is {_short(url)}; give an http or https address of the archive, or paste the text"
        )
    row = snapshot.row_at(url.strip())
    if row < 0 and parts.path.startswith(READER_PAGE):
        row = snapshot.row_of(unquote(parts.path.removeprefix(READER_PAGE)))
    if row < 0:
        raise ArticleNotFound(
            f"the archive has no article at {_short(url)}; paste its text instead: nothing is fetched"
        )
    return row


def _short(value: str) -> str:
    return repr(value if len(value) <= 80 else f"{value[:79]}…")


def _pasted(encoder: Encoder, raw: str, title: str) -> Draft:
    text, title = clean_text(raw), clean_line(title)
    if not any(sign.isalnum() for sign in text):
        raise InputError(f"text has {len(raw):,} characters and no word; paste the text of the draft")
    whole = Article("draft", title=title, body=text)
    options = PassageOptions(max_per_article=MOST_PASSAGES)
    window = encoder.info.passage_tokens
    passages = split_passages(whole, [(0, len(text))], encoder.token_spans, options, window)
    vectors = encoder.encode_passages([one.text for one in passages])
    return Draft(title, text, tuple(passages), vectors)
