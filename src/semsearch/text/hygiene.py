"""Turn what publishers store as text into plain text: no HTML, no invisible characters, clear paragraphs.

Every step is one linear pass, so that a hostile body of megabytes costs no more than a good one, and
cleaning a text that is clean changes nothing.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from html import unescape

# A text that still changes after so many rounds of decoding is an attack and loses all its "&" and "<".
_MOST_ROUNDS = 12


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DROPPED_WITH_CONTENT = (
    "script|style|template|noscript|iframe|object|svg|canvas|audio|video|head|select|button|textarea"
)
_PARAGRAPH_TAGS = _words(
    """
    p div article section header footer main aside nav figure figcaption blockquote pre address h1 h2 h3
    h4 h5 h6 ul ol dl table hr form fieldset details summary body html hgroup menu center
    """
)
_LINE_TAGS = _words("br li dt dd tr caption option legend")
_SPACE_TAGS = _words("td th col img input")
_INLINE_TAGS = _words(
    """
    a abbr acronym b base basefont bdi bdo big cite code colgroup data datalist del dfn em embed font i
    ins kbd label link map area mark meta meter optgroup output param picture progress q rb rp rt ruby s
    samp slot small source span strike strong sub sup tbody tfoot thead time track tt u var wbr script
    style template noscript iframe object svg canvas audio video head select button textarea title frame
    frameset noframes marquee nobr math
    """
)
_KNOWN_TAGS = _PARAGRAPH_TAGS | _LINE_TAGS | _SPACE_TAGS | _INLINE_TAGS
_FOREIGN_TAG = re.compile(r"(?:o|w|v|m|st1|fb|g):[a-z]|amp-[a-z]", re.I)

# Possessive, and a quote always toggles, so at most three scans are ever alive at one place: linear.
_TAG = re.compile(r"""<(/?)([A-Za-z][A-Za-z0-9:-]*+)(?=[\s/>])((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_DROPPED_OPENING = re.compile(rf"<({_DROPPED_WITH_CONTENT})(?=[\s/>])|<!--", re.I)
_DECLARATION = re.compile(r"<!doctype\b[^<>]*+>|<\?[a-z][^<>]*+>|<!\[CDATA\[", re.I)
_SOURCE_NEWLINES = re.compile(r"<(?:p|br|div)(?=[\s/>])", re.I)

_NESTED_AMPERSAND = re.compile(r"&(?:(?:amp|AMP|#0*38|#[xX]0*26);)+")
_ENTITY = re.compile(
    r"&(?:#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,30};|(?:nbsp|amp|lt|gt|quot)(?![A-Za-z0-9;=]))"
)

# Latin-1 reads the typographic characters of Windows-1252 as these controls; their meaning is known.
_WINDOWS = {
    chr(code): bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
_CONTROLS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
# The joiners carry meaning between letters of many scripts and inside emoji, and nowhere else.
_JOINERS = re.compile(
    r"([\u200c\u200d])[\u200c\u200d]+|(?<![^\x00-\x7f\s])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\s])"
)
# Python sorts a run of combining marks in quadratic time; 30 is the bound of UAX 15, stream-safe text.
_MOST_MARKS = 30
_RUN_OF_MARKS = re.compile(r"[^\w\s\x00-\x7f]{31,}")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\u2028]")
_BLANKS = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_BLANK_LINES = re.compile(r"\n{2,}")
_ENDS_SENTENCE = tuple(".!?:;…。！？”\"’')")


def clean_text(raw: str) -> str:
    """Plain text of a body: paragraphs separated by one blank line, single newlines only where lines matter.

    HTML tags are taken out (with the content of scripts, styles and embedded things), block tags become
    paragraph breaks, entities are decoded however often they were encoded, Unicode is NFC, invisible
    characters and odd blanks go. Words in angle brackets that are no HTML (``<IBM.N>``) stay. A text
    without blank lines has its lines as paragraphs, unless they are hard-wrapped: these are joined.
    """
    return _settle_lines(_settle_markup(raw))


def clean_line(raw: str) -> str:
    """Plain text of a title, name or other single line: as ``clean_text``, every run of blanks one space."""
    return " ".join(clean_text(raw).split())


def clean_characters(text: str) -> str:
    """The text in NFC without control and other invisible characters; HTML is left as it stands."""
    if text.isascii() and text.isprintable():
        return text
    text = _NEWLINES.sub("\n", text)
    text = _CONTROLS.sub(lambda match: _WINDOWS.get(match[0], ""), text)
    if text.isascii():
        return text
    text = replace_surrogates(text).replace("\u2029", "\n\n")
    if "\u200c" in text or "\u200d" in text:
        text = _JOINERS.sub(r"\1", text)
    return unicodedata.normalize("NFC", _RUN_OF_MARKS.sub(_without_late_marks, text))


def replace_surrogates(raw: str) -> str:
    """The text with lone surrogates, which no file or database can hold, replaced by U+FFFD."""
    return _SURROGATES.sub("\ufffd", raw)


def _settle_markup(text: str) -> str:
    for _ in range(_MOST_ROUNDS):
        before = text
        # Tags before entities: what is escaped among tags, like "&lt;I&gt;", is text, not one of them.
        text = _decode_entities(_take_out_tags(clean_characters(text)))
        if text == before:
            return text
    text = re.sub("[&<\u200c\u200d]", "", text)
    return clean_characters(text)


def _without_late_marks(match: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in match[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _decode_entities(text: str) -> str:
    if "&" not in text:
        return text
    text = _NESTED_AMPERSAND.sub("&", text)
    return _ENTITY.sub(_decoded, text)


def _decoded(match: re.Match[str]) -> str:
    entity = match[0]
    return unescape(entity if entity.endswith(";") else entity + ";")


def _take_out_tags(text: str) -> str:
    if "<" not in text:
        return text
    text = "".join(_without_dropped(text))
    if "<" not in text:
        return text
    if _SOURCE_NEWLINES.search(text):  # in marked-up text a newline is only a blank
        text = re.sub(r"(?<!\n)\n(?!\n)", " ", text)
    has_cdata = "<![CDATA[" in text.upper()
    text = _DECLARATION.sub("", text)
    if has_cdata:
        text = text.replace("]]>", "")
    marked_up = any(_is_clear_tag(match) for match in _TAG.finditer(text))
    return _TAG.sub(lambda match: _replacement(match, marked_up=marked_up), text)


def _without_dropped(text: str) -> Iterator[str]:
    """The text around comments, scripts and the like; one that is never closed loses its opening only."""
    unclosed: set[str] = set()
    position = 0
    while opening := _DROPPED_OPENING.search(text, position):
        yield text[position : opening.start()]
        name = (opening[1] or "--").lower()
        closing = None
        if name not in unclosed:
            pattern = "-->" if name == "--" else rf"</{name}(?:\s[^<>]*+)?>"
            closing = re.compile(pattern, re.I).search(text, opening.end())
        if closing is None:
            unclosed.add(name)
            if name != "--":
                yield opening[0]
            position = opening.end()
        else:
            yield "\n\n" if name not in {"--", "button", "svg"} else ""
            position = closing.end()
    yield text[position:]


def _is_tag(name: str) -> bool:
    return name.lower() in _KNOWN_TAGS or _FOREIGN_TAG.match(name) is not None


def _is_clear_tag(match: re.Match[str]) -> bool:
    """Whether this shows that the text is HTML: ``<S>`` and ``<U>`` alone are tickers of shares."""
    closing, name, rest = match.groups()
    return _is_tag(name) and bool(closing or rest.strip() or name.islower() or name == "BR")


def _replacement(match: re.Match[str], *, marked_up: bool) -> str:
    name = match[2].lower()
    if not marked_up or not _is_tag(name):
        return match[0]
    if name in _PARAGRAPH_TAGS:
        return "\n\n"
    if name in _LINE_TAGS:
        return "\n" if not match[1] or name in {"caption", "tr"} else ""
    return " " if name in _SPACE_TAGS else ""


def _settle_lines(text: str) -> str:
    """Blanks and newlines in order; see ``clean_text`` for what becomes a paragraph."""
    text = _BLANKS.sub(" ", text)
    text = "\n".join(line.strip() for line in text.split("\n")).strip()
    if "\n" not in text:
        return text
    paragraphs = _BLANK_LINES.split(text)
    if _is_wrapped(paragraphs):
        return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs)
    if len(paragraphs) == 1:
        return text.replace("\n", "\n\n")
    return "\n\n".join(paragraphs)


def _is_wrapped(paragraphs: list[str]) -> bool:
    """Whether newlines inside paragraphs come from a fixed width: long even lines that stop mid-sentence."""
    lines = [line for paragraph in paragraphs for line in paragraph.split("\n")[:-1]]
    if len(lines) < 3:
        return False
    widths = sorted(len(line) for line in lines)
    stops = sum(line.endswith(_ENDS_SENTENCE) for line in lines)
    return widths[-1] <= 110 and widths[len(widths) // 2] >= 45 and stops <= 0.4 * len(lines)


def shown(path: object) -> str:
    """The text of a path or an argument of a command, which the system gives as bytes.

    Where Python could not decode it and keeps the bytes as surrogates, which no file, database or terminal
    takes: each part between slashes is UTF-8 after all (as under the C locale), or else Windows-1252.
    """
    given = str(path)
    if not _SURROGATES.search(given):
        return given
    return "/".join(_part_shown(part) for part in given.split("/"))


def _part_shown(part: str) -> str:
    try:
        raw = os.fsencode(part)
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return replace_surrogates(part)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
