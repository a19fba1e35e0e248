"""One post of the WordPress REST API as a record under our names; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from semsearch.sources.wordpress.excerpts import written_lead
from semsearch.sources.wordpress.text import wordpress_line, wordpress_text

_NO_CATEGORY = frozenset({"uncategorized", "uncategorised"})  # what WordPress gives to a post without one
_PRIMARY = ("_yoast_wpseo_primary_category", "yoast_wpseo_primary_category", "rank_math_primary_category")


def record_from_post(post: Mapping[str, object], language: str = "") -> dict[str, object]:
    """Title, text, dates, authors, section, tags, image, status of a post asked for with ``_embed``.

    ``language`` is that of the site; a post that names its own keeps that one.
    """
    spoken = str(post.get("lang") or "") or language  # of Polylang and WPML
    title = wordpress_line(_rendered(post, "title"), spoken)
    content, url = _text(post, "content"), str(post.get("link") or "")
    body = wordpress_text(content, spoken)
    categories = [term for term in _terms(post) if term.get("taxonomy") == "category"]
    names = _names(categories, spoken)
    section = _primary(post, categories, spoken)
    others = [name for name in names if name != section]
    record = {
        "id": post.get("id"),
        "title": title,
        "body": body,
        "lead": written_lead(_text(post, "excerpt"), content, body, url=url, language=spoken),
        "url": post.get("link"),
        "published_at": _moment(post, "date"),
        "updated_at": _moment(post, "modified"),
        "section": section,
        "authors": _names(_embedded(post, "author"), spoken),
        "tags": _names((term for term in _terms(post) if term.get("taxonomy") == "post_tag"), spoken),
        "language": post.get("lang"),
        "image": _image(post),
        "status": "password" if _is_locked(post) else post.get("status"),
        "extra": {"categories": others} if others else None,
    }
    return {name: value for name, value in record.items() if value}


def is_protected(post: Mapping[str, object]) -> bool:
    """Whether the text is behind a password and so not given."""
    content = post.get("content")
    return _is_locked(post) and isinstance(content, Mapping) and not content.get("rendered")


def _is_locked(post: Mapping[str, object]) -> bool:
    """Whether readers need a password; who is logged in may get the text all the same."""
    content = post.get("content")
    return bool(post.get("password")) or (isinstance(content, Mapping) and bool(content.get("protected")))


def _rendered(post: Mapping[str, object], field: str) -> object:
    value = post.get(field)
    return value.get("rendered") if isinstance(value, Mapping) else value


def _text(post: Mapping[str, object], field: str) -> str:
    value = _rendered(post, field)
    return value if isinstance(value, str) else ""


def _names(objects: Iterable[Mapping[str, object]], language: str) -> list[str]:
    """Their names, decoded: WordPress gives them as HTML."""
    names = [wordpress_line(one.get("name"), language) for one in objects]
    return list(dict.fromkeys(filter(None, names)))


def _moment(post: Mapping[str, object], field: str) -> str | None:
    """The date in UTC; WordPress keeps it without a zone and leaves zeros where it never knew it."""
    value = post.get(f"{field}_gmt")
    if isinstance(value, str) and value[:4].isdigit() and not value.startswith("0000"):
        return value if value.endswith("Z") else f"{value}Z"
    local = post.get(field)
    return local if isinstance(local, str) else None


def _embedded(post: Mapping[str, object], name: str) -> Iterator[Mapping[str, object]]:
    """Embedded objects; what the site could not embed comes as an object with a code and is left out."""
    held = post.get("_embedded")
    found = held.get(name) if isinstance(held, Mapping) else None
    for one in _flat(found):
        if isinstance(one, Mapping) and "code" not in one:
            yield one


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            yield from _flat(one)
    elif value is not None:
        yield value


def _terms(post: Mapping[str, object]) -> list[Mapping[str, object]]:
    return list(_embedded(post, "wp:term"))


def _primary(
    post: Mapping[str, object], categories: Sequence[Mapping[str, object]], language: str
) -> str | None:
    """The main category: as the SEO plugin says by number or in its breadcrumbs, else the first real one."""
    names = _names(categories, language)
    meta = post.get("meta")
    fields = {**post, **(meta if isinstance(meta, Mapping) else {})}
    for field in _PRIMARY:
        for term in categories:
            if fields.get(field) and str(term.get("id")) == str(fields[field]):
                return wordpress_line(term.get("name"), language) or None
    for crumb in reversed(_breadcrumbs(post)):
        if (name := wordpress_line(crumb, language)) in names:
            return name
    real = [name for name in names if name.casefold() not in _NO_CATEGORY]
    return real[0] if real else None


def _breadcrumbs(post: Mapping[str, object]) -> list[str]:
    """The names in the breadcrumb list of Yoast's schema.org graph, from the front page to the post."""
    head = post.get("yoast_head_json")
    schema = head.get("schema") if isinstance(head, Mapping) else None
    graph = schema.get("@graph") if isinstance(schema, Mapping) else None
    for node in _flat(graph):
        if isinstance(node, Mapping) and node.get("@type") == "BreadcrumbList":
            crumbs = node.get("itemListElement")
            return [str(one["name"]) for one in _flat(crumbs) if isinstance(one, Mapping) and one.get("name")]
    return []


def _image(post: Mapping[str, object]) -> str | None:
    for media in _embedded(post, "wp:featuredmedia"):
        if isinstance(media.get("source_url"), str):
            return str(media["source_url"])
    found = post.get("jetpack_featured_media_url")
    return found if isinstance(found, str) and found else None
