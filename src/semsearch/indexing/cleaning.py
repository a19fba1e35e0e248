"""Says what was left out of bodies, so that nobody has to wonder."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = {
    "recurring": "texts that recur over the site",
    "phrase": "set phrases",
    "link": "links to other stories",
    "list": "lines of related lists",
    "site": "paragraphs about the site",
    "title": "titles repeated",
    "byline": "bylines",
    "time": "times of publication",
    "credit": "photo credits and captions",
    "dateline": "datelines",
}


def cuts_note(cuts: Mapping[str, int]) -> str | None:
    """What a build left out of the texts that are searched, most first; None where it was nothing.

    ``cuts`` counts parts of bodies by the kind of ``boilerplate.Cut``.
    """
    counted = sorted(((-count, kind) for kind, count in cuts.items() if count))
    if not counted:
        return None
    parts = ", ".join(f"{-count:,} {_NAMES.get(kind, kind)}" for count, kind in counted)
    return f"shown but not searched: {parts} (docs/cleaning.md)"
