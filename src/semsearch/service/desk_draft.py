"""The form of the desk's pages that take a draft: what was typed, and what a body makes of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import ValidationError

from semsearch.editorial.draft import MAX_ADDRESS
from semsearch.errors import InputError, NotFound
from semsearch.service.desk import DeskPage, Form, labelled, words_of
from semsearch.service.desk_fields import parts_of
from semsearch.service.reading import in_query

if TYPE_CHECKING:
    from semsearch.engine import Engine

Found = TypeVar("Found")

# A short line without a full stop, a blank line, and a text after them: how a page is pasted.
_HEADLINE = re.compile(r"\s*([^\n<>#\[\]]{3,150}[^\n.:;,<>\s])[ \t]*\r?\n[ \t]*\r?\n\s*(?=\S[^\n]{60})")
FILTERS = ("section", "source", "author")
LABELS = {
    "title": "Headline",
    "text": "Text",
    "id": "Address or id",
    "url": "Address or id",
    "published_after": "Ran on or after",
    "published_before": "Ran before",
    "section": "Sections",
    "source": "Sources",
    "author": "Authors",
}


@dataclass(frozen=True, slots=True)
class FilledDraft:
    """What stands in the form, as it was typed; ``place`` is an address or an id."""

    title: str = ""
    text: str = ""
    place: str = ""
    section: str = ""
    source: str = ""
    author: str = ""
    published_after: str = ""
    published_before: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether a filter is filled in."""
        return any((self.section, self.source, self.author, self.published_after, self.published_before))


@dataclass(frozen=True, slots=True)
class Answered(Generic[Found]):
    """What a draft gave, or the ``words`` that say what is wrong with it, and the status of the page."""

    found: Found | None = None
    words: Sequence[str] = ()
    status: int = 200


async def answered(desk: DeskPage, job_of: Callable[[], Callable[[Engine], Found]]) -> Answered[Found]:
    """Do the job of a form; ``job_of`` makes it of what was typed, and may refuse that."""
    try:
        return Answered(await desk.call(job_of()))
    except ValidationError as error:
        return Answered(words=words_of(in_query(error), LABELS), status=422)
    except (InputError, NotFound) as error:
        return Answered(words=_draft_words(str(error)), status=404 if isinstance(error, NotFound) else 422)


def place_asked(desk: DeskPage) -> str:
    """The article of the archive that the address of a page names; empty for none."""
    return desk.request.query_params.get("id", "").strip()[:MAX_ADDRESS]


def typed_draft(form: Form) -> FilledDraft:
    """What was typed into a form; the headline of a pasted page goes into its own field."""
    filled = FilledDraft(**{name: form.get(name) for name in FilledDraft.__slots__})
    pasted = None if filled.title.strip() else _HEADLINE.match(filled.text)
    return replace(filled, title=pasted[1].strip(), text=filled.text[pasted.end() :]) if pasted else filled


def draft_values(filled: FilledDraft) -> Mapping[str, Any]:
    """What was typed as a ``DraftBody`` wants it: an empty text is none where there is a place."""
    values: dict[str, Any] = {name: parts_of(getattr(filled, name)) or None for name in FILTERS}
    for name in ("published_after", "published_before"):
        values[name] = getattr(filled, name) or None
    values["title"] = filled.title
    if filled.text or not filled.place:
        values["text"] = filled.text
    if filled.place:
        values["url" if "://" in filled.place else "id"] = filled.place
    return values


def _draft_words(words: str) -> list[str]:
    """An error in the words of this form: its fields are called otherwise than those of a body."""
    told = {
        "text has 0 characters": "There is no text: paste a draft, or give the address or id of an article.",
        "url is ": "Give an http or https address of the archive, an id, or paste the text.",
        "give exactly one of text, id and url": "Give a text, or an address or id, not both.",
        "title goes with text": "A headline goes with a text; an article of the archive has its own.",
    }
    return [next((new for old, new in told.items() if words.startswith(old)), labelled(words, LABELS))]
