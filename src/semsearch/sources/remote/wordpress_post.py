"""One post of the WordPress REST API as a record under our names; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

_NO_CATEGORY = frozenset({"uncategorized", "uncategorised"})  # what WordPress gives to a post without one
_PRIMARY = ("_yoast_wpseo_primary_category", "yoast_wpseo_primary_category", "rank_math_primary_category")


def record_from_post(post: Mapping[str, object]) -> dict[str, object]:
    """Title, text, dates, authors, section, tags, image, status of a post asked for with ``_embed``."""
    categories = [term for term in _terms(post) if term.get("taxonomy") == "category"]
    section = _primary(post, categories)
    others = [name for term in categories if (name := term.get("name")) and name != section]
    record = {
        "id": post.get("id"),
        "title": _rendered(post, "title"),
        "body": _rendered(post, "content"),
        "lead": _rendered(post, "excerpt"),
        "url": post.get("link"),
        "published_at": _moment(post, "date"),
        "updated_at": _moment(post, "modified"),
        "section": section,
        "authors": [author.get("name") for author in _embedded(post, "author") if author.get("name")],
        "tags": [term.get("name") for term in _terms(post) if term.get("taxonomy") == "post_tag"],
        "language": post.get("lang"),  # of Polylang and WPML
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


def _primary(post: Mapping[str, object], categories: Sequence[Mapping[str, object]]) -> str | None:
    """The main category: as the SEO plugin says by number or in its breadcrumbs, else the first real one."""
    names = [str(term["name"]) for term in categories if term.get("name")]
    meta = post.get("meta")
    fields = {**post, **(meta if isinstance(meta, Mapping) else {})}
    for field in _PRIMARY:
        for term in categories:
            if fields.get(field) and str(term.get("id")) == str(fields[field]):
                return str(term.get("name"))
    for crumb in reversed(_breadcrumbs(post)):
        if crumb in names:
            return crumb
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
