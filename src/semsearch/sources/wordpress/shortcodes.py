"""Shortcodes in the text of a post, of WordPress and of page builders: ``[name key="value"]``, ``[/name]``.

A site renders those that it knows and leaves the others as they are: those of a builder or a plugin that
is gone, or that only works on the page itself. What a shortcode encloses is text, unless the table says
that readers see none of it.
"""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_left
from collections.abc import Iterator
from urllib.parse import unquote


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Those that stand anywhere without attributes; another single word is a shortcode on a line of its own alone.
_KNOWN = _words(
    """
    caption wp_caption gallery playlist toc contact-form contact-form-7 ad ads adsense sharethis addtoany ssba
    yarpp starrating related_posts
    """
)
# What readers see as a player, a form, a list of links or a button: gone with what it encloses.
_NO_TEXT = _words(
    """
    gallery playlist audio video embed youtube vimeo tweet instagram facebook soundcloud button map googlemap
    vc_raw_js vc_btn vc_button vc_button2 et_pb_button fusion_button av_button su_button vc_gmaps vc_video
    et_pb_video et_pb_map et_pb_signup et_pb_contact_form et_pb_contact_field et_pb_social_media_follow
    et_pb_social_media_follow_network fusion_social_links vc_basic_grid vc_posts_slider et_pb_blog
    """
)
# Texts that stand in attributes, shown by the builder as a heading of what follows.
_SHOWN = {
    "vc_custom_heading": ("text",),
    "vc_tta_section": ("title",),
    "vc_tab": ("title",),
    "vc_toggle": ("title",),
    "vc_accordion_tab": ("title",),
    "vc_cta": ("h2", "h4"),
    "et_pb_blurb": ("title",),
    "et_pb_toggle": ("title",),
    "et_pb_accordion_item": ("title",),
    "et_pb_tab": ("title",),
    "et_pb_slide": ("heading",),
    "fusion_toggle": ("title",),
    "fusion_tab": ("title",),
    "av_heading": ("heading",),
}
_INLINE = re.compile(
    r"drop_?cap|highlight|tooltip|icon|abbr|label|popover|colou?r|font|(?:^|_)(?:b|i|u|em|strong|span|link|sup|sub)$"
)
_TITLED = re.compile(r"(?:^|[_-])(?:tab|toggle|accordion[_-]item|spoiler|panel)$")
# Words that writers put into brackets on a line of their own: no shortcodes.
_STAGE = _words(
    """
    sic applause laughter laughs laughing music inaudible crosstalk silence pause cheering cheers sighs update
    updated correction corrected end ends ellipsis redacted deleted omitted unclear indistinct coughs crying
    translation translated emphasis added snip chorus verse intro outro bridge advertisement
    """
)

# Quotes as a site gives them: plain, curly, or as an entity of one of these.
_DOUBLE = r"(?:[\"“”„″]|&(?:quot|\#0?34|\#82(?:20|21|22|43)|[lrb]dquo|Prime);)"
_SINGLE = r"(?:['‘’′]|&(?:apos|\#0?39|\#82(?:16|17|42)|[lr]squo|prime);)"
_QUOTED = (
    rf"(?:{_DOUBLE}(?:(?!{_DOUBLE}).){{0,2000}}+{_DOUBLE}|{_SINGLE}(?:(?!{_SINGLE}).){{0,2000}}+{_SINGLE})"
)
# A quoted value may hold brackets. Possessive, so that no text takes more than one look at each part.
_TAG = re.compile(
    rf"""\[(?P<escaped>\[)?(?P<close>/)?(?P<name>[A-Za-z][\w-]{{0,60}}+)
    (?P<rest>(?:(?=[\s=/])(?:=\s*{_QUOTED}(?=[\s\]/])|[^\[\]]){{0,3000}}+)?+)\](?(escaped)\]|(?!\())""",
    re.X | re.S,
)
_BREAK = "\n\n"
# Stand for an opening and a closing shortcode within a line until it is known what is on both sides of it.
_OPENED, _CLOSED = "\ue000", "\ue001"
_EITHER = f"[{_OPENED}{_CLOSED}]"
_DROP_CAP = re.compile(rf"{_OPENED}(\w){_CLOSED}(?=\w)")
_SIDE_BY_SIDE = re.compile(rf"{_CLOSED}\s*{_OPENED}")
_GLUED = re.compile(rf"(?<=\w){_EITHER}+(?=\w)")
_ASSIGNED = re.compile(r"[\w-]\s*=\s*\S")
_ATTRIBUTE = re.compile(rf"([\w-]+)\s*=\s*({_QUOTED})", re.S)
_ENDS = re.compile(rf"^(?:{_DOUBLE}|{_SINGLE})|(?:{_DOUBLE}|{_SINGLE})$")
_CUT = re.compile(
    r"\[/?(?:[a-z][a-z0-9]*_[\w-]*)(?:\s[^\[\]]{0,2000})?(?=(?:\s|\[?(?:…|&hellip;|\.\.\.)\]?)*\s*(?:</p>\s*)?\Z)",
    re.I,
)
_LAYOUT = re.compile(r"row|col|section|tab|accordion|toggle|quote|caption|half|third|fourth")
_BUILDER = re.compile(r"(?:vc|et_pb|fusion|av|mk|nectar|kc|ux|cs|tatsu|ct|fl|siteorigin|oxy)_", re.I)


def without_shortcodes(text: str) -> str:
    """The text without shortcodes; columns and boxes of builders are paragraphs of their own."""
    if "[" not in text:
        return text
    text = re.sub(_EITHER, "", text)
    tags = list(_TAG.finditer(text))
    closing = {match["name"].lower() for match in tags if match["close"]}
    found = [match for match in tags if match["escaped"] or _is_shortcode(match, text, closing)]
    left = _CUT.sub("", "".join(_pieces(text, found)))
    left = _SIDE_BY_SIDE.sub(_BREAK, _DROP_CAP.sub(r"\1", left))
    return re.sub(_EITHER, "", _GLUED.sub(" ", left))


def _is_shortcode(match: re.Match[str], text: str, closing: frozenset[str] | set[str]) -> bool:
    """Whether it is no word of the text: [sic], [he said] and [1] are."""
    name, rest = match["name"].lower(), match["rest"]
    if match["close"]:
        return not rest.strip()
    if name in _KNOWN and (not rest.strip(" /") or _ASSIGNED.search(rest)):
        return True
    if name in closing or _ASSIGNED.search(rest):
        return True
    if rest.strip(" /"):  # words: "[name and more]"
        return "_" in name
    return "_" in name or (name not in _STAGE and _stands_alone(match, text))


def _stands_alone(match: re.Match[str], text: str) -> bool:
    """Whether nothing else is in its line, and it is written as no sentence is."""
    before = text[max(0, match.start() - 200) : match.start()]
    after = text[match.end() : match.end() + 200]
    opened = re.search(r"(?:^|\n|<(?:p|div)\b[^<>]*>|-->)[ \t]*$", before) is not None
    closed = re.match(r"[ \t]*(?:$|\n|\r|</(?:p|div)>|<!--|<br)", after) is not None
    return opened and closed and (match["name"].islower() or "-" in match["name"])


def _pieces(text: str, found: list[re.Match[str]]) -> Iterator[str]:
    """The text between shortcodes, and what stands in the place of each."""
    closes: dict[str, list[int]] = {}
    for number, match in enumerate(found):
        if match["close"]:
            closes.setdefault(match["name"].lower(), []).append(number)
    position, number = 0, 0
    while number < len(found):
        match = found[number]
        name = match["name"].lower()
        number += 1
        yield text[position : match.start()]
        position = match.end()
        if match["escaped"]:
            yield match[0][1:-1]
            continue
        end = None
        if not match["close"] and (name in _NO_TEXT or name == "vc_raw_html"):
            ends = closes.get(name, [])
            at = bisect_left(ends, number)
            end = ends[at] if at < len(ends) else None
        if end is not None:
            inside = text[position : found[end].start()]
            position, number = found[end].end(), end + 1
            yield f"{_BREAK}{_decoded(inside)}{_BREAK}" if name == "vc_raw_html" else _BREAK
            continue
        yield _between(name, match["close"]) + _shown(match, name)
    yield text[position:]


def _between(name: str, closes: str | None) -> str:
    """Nothing where a shortcode stands within a line, a break where it lays out a page."""
    if _INLINE.search(name):
        return ""
    return _BREAK if _BUILDER.match(name) or _LAYOUT.search(name) else _CLOSED if closes else _OPENED


def _shown(match: re.Match[str], name: str) -> str:
    wanted = () if match["close"] else _SHOWN.get(name, ("title",) if _TITLED.search(name) else ())
    if not wanted:
        return ""
    values = {key.lower(): _ENDS.sub("", value) for key, value in _ATTRIBUTE.findall(match["rest"])}
    texts = [_unescaped(values[key]) for key in wanted if values.get(key)]
    return "".join(f"{one}{_BREAK}" for one in texts)


def _unescaped(value: str) -> str:
    """A value as its builder writes brackets and quotes in it."""
    for written, meant in (("`{`", "["), ("`}`", "]"), ("``", '"'), ("%22", '"'), ("%91", "["), ("%93", "]")):
        value = value.replace(written, meant)
    return value


def _decoded(inside: str) -> str:
    """The HTML that WPBakery keeps as base64 of an escaped text; nothing where it is none."""
    try:
        written = base64.b64decode("".join(re.sub(r"<[^<>]*>", "", inside).split()), validate=True)
        return unquote(written.decode("utf-8"))
    except (binascii.Error, ValueError):
        return ""
