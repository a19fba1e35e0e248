"""Hits on the terminal, and as JSON in the shape that the service answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from semsearch_cli.output import HARMFUL, clean, day, duration, iso, plain, say, show, table

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from semsearch.articles import Article, Hit, Snippet
    from semsearch.search.types import FallbackNote, SearchResponse

REASONS = {
    "article_missing": "the index has no such article",
    "index_not_ready": "the index is not ready",
    "too_few": "too few articles are near",
    "failed": "the related list failed",
}


def response_json(response: SearchResponse) -> dict[str, Any]:
    """A response as DESIGN's HTTP answer, without a request id."""
    encoder = response.encoder.label if response.encoder else None
    return {
        "index": {"generation": response.generation, "encoder": encoder},
        "hits": [hit_json(hit) for hit in response.hits],
        "total": response.total,
        "total_is_exact": response.total_is_exact,
        "facets": plain(response.facets),
        "limit": response.limit,
        "offset": response.offset,
        "took_ms": round(1000 * sum(response.seconds.values())),
        "fallback": plain(response.fallback),
        "did_you_mean": response.did_you_mean,
        "nothing_relevant": response.nothing_relevant,
        "nothing_asked": response.nothing_asked,
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """One hit: what a list needs of its article, and why it is here."""
    article = hit.article
    made: dict[str, Any] = {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "published_at": iso(article.published_at),
        "section": article.section,
        "author": ", ".join(article.authors) or None,
        "score": hit.score,
        "snippet": None
        if hit.snippet is None
        else {"text": hit.snippet.text, "highlights": [list(span) for span in hit.snippet.highlights]},
        "duplicates": plain(hit.duplicates),
        "reason": hit.reason,
    }
    if hit.filled:
        made["filled"] = True
    if hit.pinned:
        made["pinned"] = True
    if hit.explain is not None:
        made["explain"] = plain(hit.explain)
    return made


def print_response(response: SearchResponse, *, offset: int = 0) -> None:
    """Print hits under each other, then facets and counts."""
    if response.did_you_mean:
        say(f"Did you mean: {response.did_you_mean}")
    if response.nothing_asked:
        say("The query has no word to search for" + ("; the newest articles:" if response.hits else "."))
    elif response.nothing_relevant and response.hits:
        say("Nothing here is likely to answer this; the nearest articles:")
    if response.fallback:
        say(_fallback_words(response.fallback))
    if response.hits:
        show(_hit_grid(response.hits))
    for field, counts in response.facets.items():
        show(table((field, "#articles"), counts.items()))
    if response.hits or not response.nothing_asked:
        say(_footer(response, offset))


def _fallback_words(note: FallbackNote) -> str:
    reason = REASONS.get(note.reason, note.reason)
    if not note.filled:
        return f"Note: {reason}."
    origin = {"section": "of the same section", "recent": "that are recent"}.get(note.kind, "")
    return f"Note: {reason}; filled with {note.filled} articles {origin}."


def _footer(response: SearchResponse, offset: int) -> str:
    took = duration(sum(response.seconds.values()))
    if not response.hits:
        return f"Nothing found ({took})."
    about = "" if response.total_is_exact else "about "
    return f"{offset + 1} to {offset + len(response.hits)} of {about}{response.total:,} articles ({took})."


def _hit_grid(hits: tuple[Hit, ...]) -> Table:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 1, 0))
    grid.add_column(justify="right")
    grid.add_column()
    grid.add_column(overflow="fold")
    for hit in hits:
        grid.add_row(
            str(hit.rank), Text("–" if hit.filled else f"{hit.score:.2f}", style="cyan"), _hit_text(hit)
        )
    return grid


def _hit_text(hit: Hit) -> Text:
    from rich.text import Text

    lines = heading(hit.article)
    if hit.snippet is not None:
        lines.append(snippet_text(hit.snippet))
    if hit.duplicates is not None:
        copies = f"{hit.duplicates.count} more with the same text: {', '.join(hit.duplicates.ids)}"
        lines.append(Text(clean(copies), style="dim"))
    if hit.reason:
        lines.append(Text(clean(hit.reason), style="dim italic"))
    if hit.explain is not None:
        lines.append(Text(clean(_explanation(hit.explain)), style="dim"))
    return Text("\n").join(lines)


def heading(article: Article) -> list[Text]:
    """A line for the title of an article, and one for what it is: id, day, section, authors, address."""
    from rich.text import Text

    when, where = day(article.published_at) or "", article.url or ""
    facts = (article.id, when, article.section or "", ", ".join(article.authors), where)
    return [
        Text(clean(article.title) or "(no title)", style="bold"),
        Text(clean("  ".join(fact for fact in facts if fact)), style="dim"),
    ]


def snippet_text(snippet: Snippet) -> Text:
    """A snippet with its highlights in bold; every harmful character is replaced by one other."""
    from rich.text import Text

    # One for one, so that the highlights keep their places.
    shown = "".join(
        " " if char.isspace() else char for char in HARMFUL.sub("\N{REPLACEMENT CHARACTER}", snippet.text)
    )
    made = Text(shown)
    for start, end in snippet.highlights:
        made.stylize("bold yellow", start, end)
    return made


def _explanation(explain: Mapping[str, object]) -> str:
    """The parts in their order, the steps between them as what each added."""
    told = []
    for name, value in plain(explain).items():
        if isinstance(value, dict):
            told += [f"{step} {added:+.3f}" for step, added in value.items()]
        else:
            told.append(f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}")
    return "; ".join(told)
