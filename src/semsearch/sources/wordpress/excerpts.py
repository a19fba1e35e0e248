"""Excerpts: one that an editor wrote is a lead, one that WordPress or a theme cut from the text is none."""

from __future__ import annotations

import re

from semsearch.sources.leads import stands_in
from semsearch.sources.wordpress.text import wordpress_text
from semsearch.text import clean_text

_ELLIPSIS = r"(?:\[\s*(?:…|&hellip;|&#8230;|\.\.\.)\s*\]|…|&hellip;|&#8230;|\.\.\.)"
_MORE_WORDS = (
    "continue reading|read more|keep reading|read the (?:rest|full)|full (?:story|article)|weiterlesen"
    "|weiter lesen|mehr lesen|lire la suite|lire plus|continuer la lecture|leer más|seguir leyendo"
    "|continuar leyendo|continua a leggere|leggi tutto|leggi di più|lees verder|lees meer|leia mais"
    "|continue lendo|continuar lendo|läs mer|fortsätt läsa|les mer|læs mere|lue lisää|czytaj dalej"
    "|czytaj więcej|číst dále|читать далее|читать дальше|devamını oku|اقرأ المزيد"
    "|続きを読む|阅读更多|继续阅读"
    "|繼續閱讀|閱讀全文|더 읽기|계속 읽기|\\(more…\\)"
)
_LINK = re.compile(r"<a\b([^<>]*)>((?:(?!</?a\b).){0,1000})</a>", re.I | re.S)
_LAST = re.compile(r"(?:\s|<[^<>]*>|[→»›.…])*\Z")
# From the last ellipsis on, a few words are the name of a link; without one, only known words are.
_AFTER_ELLIPSIS = re.compile(rf"\s*{_ELLIPSIS}\s*(?P<tail>[^…]{{0,300}})\Z", re.S)
_MORE = re.compile(
    rf"(?:^|(?<=[.!?…\]\"”»。！？]\s)|(?<=[。！？…\]]))(?:{_MORE_WORDS})[^.!?\n]{{0,200}}[.…→»›]*\s*\Z", re.I
)


def written_lead(excerpt: str, content: str, body: str, *, url: str = "", language: str = "") -> str:
    """The excerpt without its "more" link, or "" where it only gives the beginning of the post again.

    ``excerpt`` and ``content`` are HTML as the site gives it, ``body`` is the plain text of the content, and
    ``url`` the address of the post. A site cuts an excerpt from all of the content, also from what is no text
    of the body: the titles of other posts, the words on buttons.
    """
    text = wordpress_text(without_more_link(excerpt, url), language)
    if not text:
        return ""
    match = _AFTER_ELLIPSIS.search(text)
    shortened = _MORE.sub("", text).strip()
    candidates = [(shortened, False), *([(text[: match.start()].strip(), True)] if match else [])]
    if any(not one or stands_in(one, body, is_cut=is_cut) for one, is_cut in candidates):
        return ""
    whole = clean_text(content[: 20_000 + 20 * len(text)])
    return "" if any(stands_in(one, whole, is_cut=is_cut) for one, is_cut in candidates) else shortened


def without_more_link(excerpt: str, url: str) -> str:
    """The HTML of an excerpt without a link at its end that leads to the post itself or says "read more"."""
    if "<a" not in excerpt:
        return excerpt
    links = list(_LINK.finditer(excerpt))
    if not links or not _LAST.match(excerpt, links[-1].end()):
        return excerpt
    last = links[-1]
    target = re.search(r"""href\s*=\s*["']?([^"'\s>]+)""", last[1], re.I)
    own = url.partition("#")[0].rstrip("/")
    is_own = bool(target and own and target[1].partition("#")[0].rstrip("/") == own)
    if is_own or "more-link" in last[1] or _MORE.match(re.sub(r"<[^<>]*>", "", last[2]).strip()):
        return excerpt[: last.start()] + excerpt[last.end() :]
    return excerpt
