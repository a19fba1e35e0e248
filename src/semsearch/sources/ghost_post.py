"""One post as Ghost writes it, in its export and from its interfaces, as a record under our names; pure."""

from __future__ import annotations

from collections.abc import Mapping

from semsearch.sources.html_page import fragment_text
from semsearch.sources.statuses import truth

_SITE = "__GHOST_URL__"  # stands in exports for the address of the site
_MARKS = frozenset(
    {"mobiledoc", "lexical", "comment_id", "feature_image", "custom_excerpt", "codeinjection_head"}
)

Post = Mapping[str, object]


def is_ghost_post(record: Post) -> bool:
    """Whether a record is a post as Ghost writes it."""
    return "status" in record and "visibility" in record and len(_MARKS & record.keys()) >= 2


def is_ghost_page(record: Post) -> bool:
    """Whether it is a page ("About") rather than a post."""
    return record.get("type") == "page" or record.get("page") in (True, 1)


def record_from_post(post: Post) -> dict[str, object]:
    """Title, text, address, dates, authors, tags, picture and status under our names.

    The first tag is the section. The draft that an editor works on (``lexical``) is not read.
    """
    names = [str(one.get("name") or "") for one in objects(post.get("tags"))]
    tags = [name for name in names if name and not name.startswith("#")]  # those with # are internal
    primary = post.get("primary_tag")
    section = primary.get("name") if isinstance(primary, Mapping) else next(iter(tags), None)
    slug = str(post.get("slug") or "")
    record: dict[str, object] = {
        "id": post.get("id"),
        "title": post.get("title"),
        "body": _text(post),
        "lead": post.get("custom_excerpt"),
        "url": post.get("url") or post.get("canonical_url") or (f"/{slug}/" if slug else None),
        "published_at": post.get("published_at"),
        "updated_at": post.get("updated_at"),
        "section": section,
        "authors": [one.get("name") for one in objects(post.get("authors")) if one.get("name")],
        "tags": tags,
        "language": post.get("locale"),
        "image": post.get("feature_image"),
        "status": post.get("status"),
        "visibility": post.get("visibility"),
        "email_only": post.get("email_only"),
        "extra": {"slug": slug} if slug else None,
    }
    if not record["authors"] and isinstance(author := post.get("primary_author"), Mapping):
        record["authors"] = [author.get("name")]
    if truth(record.pop("email_only")):  # a newsletter alone
        record["status"] = "sent"
    plain = {name: _without_site(value) for name, value in record.items()}
    return {name: value for name, value in plain.items() if value}


def _text(post: Post) -> object:
    """The text without buttons and sign-up boxes, which Ghost keeps among it."""
    html = post.get("html")
    return fragment_text(html.replace(_SITE, "")) if isinstance(html, str) and html else post.get("plaintext")


def _without_site(value: object) -> object:
    return value.replace(_SITE, "") if isinstance(value, str) else value


def objects(value: object) -> list[Mapping[str, object]]:
    """The objects of a list; none where it is no list."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, (list, tuple)) else []
