"""One item of a WordPress export as a record under our names; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from semsearch.sources.wordpress.elementor import elementor_html
from semsearch.sources.wordpress.excerpts import written_lead
from semsearch.sources.wordpress.postmeta import withheld
from semsearch.sources.wordpress.text import wordpress_line, wordpress_text

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_NO_ARTICLE = frozenset({"auto-draft", "inherit"})  # what the editor keeps before and beside a post
_NO_CATEGORY = frozenset({"uncategorized", "uncategorised"})  # what WordPress gives to a post without one
_PRIMARY = ("_yoast_wpseo_primary_category", "rank_math_primary_category")
_REUSED = re.compile(r'<!--\s*wp:(?:core/)?block\s+\{"ref":([0-9]+)[^>]*?/-->')
_GALLERY = re.compile(r"""(?<!\[)\[gallery\b[^\[\]]*?\sids\s*=\s*["']([0-9,\s]+)["'][^\[\]]*\](?!\])""")
_IMAGE = re.compile(r"""<img\b[^<>]{0,2000}?\ssrc\s*=\s*["']([^"'<>\s]{1,2000})["']""", re.I)


@dataclass(slots=True)
class Site:
    """What an export says once for all its items, learned while it is read."""

    title: str = ""
    language: str = ""
    authors: dict[str, str] = field(default_factory=dict)  # login -> display name
    terms: dict[str, str] = field(default_factory=dict)  # number of a category -> its name
    images: dict[str, str] = field(default_factory=dict)  # number of an attachment -> its address
    captions: dict[str, str] = field(default_factory=dict)  # number of an attachment -> its caption
    blocks: dict[str, str] = field(default_factory=dict)  # number of a block used in many posts -> its text

    def learn(self, element: Element) -> None:
        """Keep what an element of the channel tells."""
        tag = _local(element)
        if tag == "author":
            login = _of(element, "author_login")
            names = f"{_of(element, 'author_first_name')} {_of(element, 'author_last_name')}".strip()
            self.authors[login] = _of(element, "author_display_name") or names or login
        elif tag == "category" and "}" in element.tag:
            self.terms[_of(element, "term_id")] = wordpress_line(_of(element, "cat_name"))
        elif tag == "language" and not self.language:
            self.language = (element.text or "").strip()
        elif tag == "title" and not self.title:
            self.title = (element.text or "").strip()
        elif tag == "item" and _of(element, "post_type") == "attachment":
            self.images[_of(element, "post_id")] = _of(element, "attachment_url")
            self.captions[_of(element, "post_id")] = _excerpt(element)
        elif (
            tag == "item" and _of(element, "post_type") == "wp_block" and _of(element, "status") == "publish"
        ):
            self.blocks[_of(element, "post_id")] = element.findtext(f"{_CONTENT}encoded") or ""


def why_not(item: Element) -> str | None:
    """Why an item is no article, as a note says it; None for a post, be it published or not."""
    kind, status = _of(item, "post_type") or "post", _of(item, "status")
    if kind != "post":
        return f"of type '{kind[:40]}', not a post; passed over"
    if status in _NO_ARTICLE:
        return f"a post with status '{status}', which holds no article; passed over"
    written = (item.findtext("title") or "").strip() or (item.findtext(f"{_CONTENT}encoded") or "").strip()
    if status not in {"", "publish"} and not written:
        return "a post that is not published and has neither title nor text; passed over"
    return None


def is_local_time(item: Element) -> bool:
    """Whether only the site's own time of the post is known, whose zone an export does not name."""
    return _of(item, "post_date_gmt")[:4] in {"", "0000"} and _of(item, "post_date")[:4] not in {"", "0000"}


def record_from_item(item: Element, site: Site) -> dict[str, object]:
    """Title, text, dates in UTC, author, section, tags, image and status; the id is the number of the post.

    It is the same id that the site's REST interface gives, so that an export and a live site agree.
    """
    meta, language = _meta(item), site.language
    content = _filled(item.findtext(f"{_CONTENT}encoded") or "", site)
    if not content.strip():
        content = elementor_html(meta.get("_elementor_data", ""))
    body = wordpress_text(content, language)
    categories = _terms(item, "category", language)
    section = _section(meta, site, categories)
    picture = _IMAGE.search(content)
    creator = (item.findtext(_CREATOR) or "").strip()
    url = (item.findtext("link") or "").strip()
    others = [name for name in categories if name != section]
    record: dict[str, object] = {
        "id": _of(item, "post_id") or (item.findtext("guid") or "").strip(),
        "title": wordpress_line(item.findtext("title") or "", language),
        "body": body,
        "lead": written_lead(_excerpt(item), content, body, url=url, language=language),
        "url": url,
        "published_at": _moment(item, "post_date") or (item.findtext("pubDate") or "").strip(),
        "updated_at": _moment(item, "post_modified"),
        "section": section,
        "authors": [site.authors.get(creator, creator)] if creator else None,
        "tags": _terms(item, "post_tag", language),
        "language": site.language,
        "source": site.title,
        "image": site.images.get(meta.get("_thumbnail_id", "")) or (picture[1] if picture else None),
        "status": "password" if _of(item, "post_password") else _status(item),
        "extra": {"categories": others} if others else None,
        **withheld(meta),
    }
    return {name: value for name, value in record.items() if value}


def _filled(content: str, site: Site) -> str:
    """The content with what WordPress puts in when it shows a post: reused blocks, captions of a gallery."""
    content = _REUSED.sub(lambda match: site.blocks.get(match[1], ""), content)
    return _GALLERY.sub(
        lambda match: "\n\n".join(
            filter(None, (site.captions.get(one, "") for one in re.findall(r"\d+", match[1])))
        ),
        content,
    )


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _of(element: Element, name: str) -> str:
    """The text of a child in any version of WordPress's own namespace."""
    for child in element:
        if _local(child) == name and "wordpress.org/export" in child.tag:
            return (child.text or "").strip()
    return ""


def _status(item: Element) -> str:
    """The status; an empty one, which WordPress never writes, is not taken for published."""
    is_there = any(_local(child) == "status" and "wordpress.org/export" in child.tag for child in item)
    return _of(item, "status") or ("unknown" if is_there else "")


def _excerpt(item: Element) -> str:
    """The excerpt that an author wrote; WordPress exports none that it makes itself."""
    for child in item:
        if _local(child) == "encoded" and "excerpt" in child.tag:
            return child.text or ""
    return ""


def _moment(item: Element, name: str) -> str:
    """The date in UTC, or else in the site's own time, which an export does not name: read as UTC."""
    for field_name, zone in ((f"{name}_gmt", "Z"), (name, "")):
        written = _of(item, field_name)
        if written and not written.startswith("0000"):
            return written + zone
    return ""


def _terms(item: Element, domain: str, language: str) -> list[str]:
    names = [
        wordpress_line(child.text or child.get("nicename") or "", language)
        for child in item.findall("category")
        if child.get("domain") == domain
    ]
    return list(dict.fromkeys(filter(None, names)))


def _meta(item: Element) -> dict[str, str]:
    return {_of(child, "meta_key"): _of(child, "meta_value") for child in item if _local(child) == "postmeta"}


def _section(meta: Mapping[str, str], site: Site, categories: list[str]) -> str | None:
    """The main category: as the SEO plugin says by number, else the first real one."""
    for key in _PRIMARY:
        if (name := site.terms.get(meta.get(key, ""))) and name in categories:
            return name
    real = [name for name in categories if name.lower() not in _NO_CATEGORY]
    return real[0] if real else None
