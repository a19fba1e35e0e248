"""A lead that is stored apart from the body becomes its first paragraph, once."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_CUT_OFF = re.compile(r"\s*(?:\[…\]|\[\.\.\.\]|…|\.\.\.|\(more…\))\s*$")
_HEAD = 6  # the lead is looked for in so many times its own length at the start of the body
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+"
)
_RUN = 3  # words in a row; fewer stand in order by chance
_FEWEST = 12  # words of a lead that may be cut out of the body in several pieces
_LONGEST = 1_000  # characters of a paragraph that a short lead may hold
_MOST = 400  # words of a lead that are compared
_SHARE, _SHARE_CUT = 0.9, 0.8  # of its words, for a lead that is whole and for one that ends with an ellipsis


def with_lead(body: str, lead: str) -> str:
    """The body with the lead as its first paragraph, unless it stands there already."""
    if not lead:
        return body
    if not body:
        return lead
    return body if stands_in(lead, body) else f"{lead}\n\n{body}"


def stands_in(lead: str, body: str, *, is_cut: bool = False) -> bool:
    """Whether a lead only gives again what the body begins with; both are plain text.

    Compared by words: case, punctuation and blanks do not count. A lead that was cut off (an ellipsis at
    its end, or ``is_cut``) counts as there when its beginning is. A longer lead counts as there when nearly
    all of its words stand in the body in their order and in runs, a short one when it is made of whole
    paragraphs: a caption between two paragraphs is in one of the two alone.
    """
    is_cut = is_cut or _CUT_OFF.search(lead) is not None
    words = _TOKEN.findall(_CUT_OFF.sub("", lead).casefold())
    if not words:
        return True
    held = _TOKEN.findall(body[: 600 + _HEAD * len(lead)].casefold())
    if _runs(words, held) or (is_cut and len(words) > 1 and _runs(words[:-1], held)):
        return True
    if len(words) < _FEWEST:
        return _is_paragraphs(words, body)
    words = words[:_MOST]
    blocks = SequenceMatcher(None, words, held[: 4 * _MOST], autojunk=False).get_matching_blocks()
    found = sum(block.size for block in blocks if block.size >= _RUN)
    return found >= (_SHARE_CUT if is_cut else _SHARE) * len(words)


def _is_paragraphs(words: list[str], body: str) -> bool:
    """Whether the words are those of the first paragraph and of later ones, each whole."""
    at = 0
    for number, paragraph in enumerate(body.split("\n\n", _FEWEST)[:_FEWEST]):
        held = _TOKEN.findall(paragraph[:_LONGEST].casefold())
        if words[at : at + len(held)] == held:
            at += len(held)
        elif not number:
            return False
    return at == len(words)


def _runs(words: list[str], held: list[str]) -> bool:
    """Whether the words stand in a row in what is held; the last of them may go on there."""
    return f" {' '.join(words)} " in f" {' '.join(held)} "
