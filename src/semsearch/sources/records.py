"""One record of any source (a mapping of names to values) -> one Article, or a clear error.

What a site cannot do without rejects the article: an id, and one of title and body, of the right type.
What it can do without never loses an article: an optional field that cannot be used is left out, and
this is said with a Note. Unknown fields go to ``extra``.
"""

from __future__ import annotations

from collections.abc import Mapping

from semsearch.articles import Article
from semsearch.errors import ArticleInvalid
from semsearch.sources.date_columns import DateColumns
from semsearch.sources.fields import FieldReader
from semsearch.sources.leads import with_lead
from semsearch.sources.protocol import MAX_BODY_CHARACTERS, Note
from semsearch.sources.visibility import read_visibility
from semsearch.text import canonical_url, clean_characters, clean_line, clean_text

MAX_TITLE_CHARACTERS = 2_000
MAX_ID_CHARACTERS = 512
_KNOWN = frozenset(
    {"id", "title", "body", "lead", "summary", "url", "published_at", "updated_at", "section", "author"}
    | {"authors", "tags", "language", "source", "image", "extra"}
    | {"status", "publish_at", "expires_at"}
)


def article_from_record(
    record: Mapping[str, object],
    *,
    place: str = "",
    tell_unknown: bool = False,
    dates: DateColumns | None = None,
) -> tuple[Article, tuple[Note, ...]]:
    """The article that a record means, and notes of what was repaired or left out.

    The names are those of the JSON Lines contract; ``author`` or ``authors`` is text or a list, ``body``
    may be a list of paragraphs, ``lead`` or ``summary`` becomes the first paragraph unless the body
    has it already, ``url`` loses what only tells who sent the reader. What says that readers may not see it
    (yet) becomes ``status``, ``published_at`` and ``expires_at``. ``tell_unknown`` notes each field that is
    only kept in ``extra``; ``dates`` is how the source writes dates. Raises ArticleInvalid, with place,
    field and value, where the article cannot be taken.
    """
    reader = FieldReader(record, place, dates)
    article_id = _read_id(record, place, reader)
    title = _read_title(record, place, reader)
    body = with_lead(_read_body(record, place), reader.lead())
    if not title and not body:
        raise _nothing_left(record, place)
    if not any(map(str.isalnum, title)) and not any(map(str.isalnum, body)):
        reader.note(
            "title", "no letter or digit in title and body; no search by words finds it", title or body
        )
    url = reader.address("url")
    visibility = read_visibility(record, reader, reader.moment("published_at"))
    article = Article(
        id=article_id,
        title=title,
        body=body,
        url=canonical_url(url) if url else None,
        published_at=visibility.published_at,
        updated_at=reader.moment("updated_at"),
        section=reader.line("section"),
        authors=reader.authors(),
        tags=reader.tags(),
        language=reader.language(),
        source=reader.line("source"),
        image=reader.address("image"),
        extra=reader.extra(_KNOWN | visibility.used, tell=tell_unknown),
        status=visibility.status,
        expires_at=visibility.expires_at,
    )
    return article, tuple(reader.notes)


def record_from_article(article: Article) -> dict[str, object]:
    """The JSON Lines form of an article, empty fields left out; ``article_from_record`` reads it back."""
    record: dict[str, object] = {
        "id": article.id,
        "title": article.title,
        "body": article.body,
        "url": article.url,
        "published_at": article.published_at and article.published_at.isoformat(),
        "updated_at": article.updated_at and article.updated_at.isoformat(),
        "status": article.status,
        "expires_at": article.expires_at and article.expires_at.isoformat(),
        "section": article.section,
        "author": list(article.authors),
        "tags": list(article.tags),
        "language": article.language,
        "source": article.source,
        "image": article.image,
        "extra": dict(article.extra),
    }
    return {name: value for name, value in record.items() if value}


def _read_id(record: Mapping[str, object], place: str, reader: FieldReader) -> str:
    value = record.get("id")
    hint = "every article needs an id of its own that stays the same, as text or a whole number"
    if value is None:
        names = ", ".join(list(map(str, record))[:8]) or "nothing"
        raise ArticleInvalid(
            f"the id is missing; {hint}", place=place, field="id", hint=f"the record has {names}"
        )
    if isinstance(value, float) and value.is_integer():
        reader.note("id", "a number with a decimal point was read as a whole number", value)
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ArticleInvalid(
            f"an id is text or a whole number, not {_kind(value)}",
            place=place,
            field="id",
            value=value,
            hint=hint,
        )
    written = value if isinstance(value, str) else str(value)
    settled = " ".join(clean_characters(written[: MAX_ID_CHARACTERS * 4]).split())
    if not settled:
        raise ArticleInvalid("the id is empty", place=place, field="id", value=value, hint=hint)
    if len(settled) > MAX_ID_CHARACTERS:
        raise ArticleInvalid(
            f"the id is longer than {MAX_ID_CHARACTERS} characters",
            place=place, field="id", value=written[:80], hint=f"it has {len(written):,}; give a shorter one",
        )  # fmt: skip
    if settled != written:
        reader.note("id", "blanks or invisible characters were taken off", value)
    return settled


def _read_title(record: Mapping[str, object], place: str, reader: FieldReader) -> str:
    value = record.get("title")
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise _wrong_type("title", value, "text", place)
    if len(value) > MAX_BODY_CHARACTERS:
        raise _too_long("title", value, len(value), place)
    title = clean_line(value)
    if value.strip() and not title:
        reader.note("title", "nothing is left without HTML and invisible characters; left empty", value)
    if len(title) > MAX_TITLE_CHARACTERS:
        reader.note("title", f"longer than {MAX_TITLE_CHARACTERS:,} characters; the rest was cut off", value)
        title = title[:MAX_TITLE_CHARACTERS].rsplit(" ", 1)[0] + "…"
    return title


def _read_body(record: Mapping[str, object], place: str) -> str:
    value = record.get("body")
    if value is None:
        return ""
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) for part in value):
        value = "\n\n".join(value)
    if not isinstance(value, str):
        raise _wrong_type("body", value, "text or a list of paragraphs", place)
    if len(value) > MAX_BODY_CHARACTERS:
        raise _too_long("body", value, len(value), place)
    return clean_text(value)


def _nothing_left(record: Mapping[str, object], place: str) -> ArticleInvalid:
    given = [name for name in ("title", "body") if str(record.get(name) or "").strip()]
    if given:
        return ArticleInvalid(
            "nothing is left of title and body without HTML and invisible characters",
            place=place, field=given[0], value=record[given[0]], hint="give a title or a body with words",
        )  # fmt: skip
    names = ", ".join(list(map(str, record))[:8])
    return ArticleInvalid(
        "title and body are both missing or empty",
        place=place,
        field="title",
        hint=f"one is needed; the record has {names}",
    )


def _wrong_type(field: str, value: object, wanted: str, place: str) -> ArticleInvalid:
    return ArticleInvalid(
        f"a {field} is {wanted}, not {_kind(value)}",
        place=place, field=field, value=value, hint="mend the line and add it again",
    )  # fmt: skip


def _too_long(field: str, value: str, length: int, place: str) -> ArticleInvalid:
    return ArticleInvalid(
        f"the {field} is longer than {MAX_BODY_CHARACTERS:,} characters",
        place=place, field=field, value=value[:80], hint=f"it has {length:,}; cut it into articles",
    )  # fmt: skip


def _kind(value: object) -> str:
    names = {bool: "true or false", dict: "an object", list: "a list", float: "a number with decimals"}
    return names.get(type(value), f"of type {type(value).__name__}")
