"""The text of a page that Elementor keeps as JSON beside a post whose own text is empty."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Settings of its widgets that readers see as text, in the order in which they see them.
_TEXTS = (
    "title", "editor", "text", "html", "title_text", "description_text", "caption", "tab_title",
    "tab_content", "blockquote_content", "testimonial_content", "testimonial_name", "item_title",
    "content", "description",
)  # fmt: skip
_SILENT = _words(
    """
    button posts portfolio form share-buttons social-icons login search-form nav-menu post-navigation
        loop-grid loop-carousel video google_maps image-gallery image-carousel icon menu-anchor
    spacer divider shortcode
    author-box post-comments table-of-contents call-to-action subscribe wp-widget-recent-posts sitemap
    archive-posts
    """
)
_DEEPEST = 100


def elementor_html(data: str) -> str:
    """The HTML of all texts of its widgets, in their order; "" for what is no page of Elementor."""
    try:
        elements = json.loads(data)
    except (ValueError, RecursionError):
        return ""
    return "\n\n".join(_texts(elements, _DEEPEST))


def _texts(elements: object, depth: int) -> Iterator[str]:
    for element in elements if isinstance(elements, list) and depth else ():
        if not isinstance(element, Mapping) or element.get("widgetType") in _SILENT:
            continue
        if element.get("elType") == "widget":
            yield from _of_settings(element.get("settings"), 3)
        yield from _texts(element.get("elements"), depth - 1)


def _of_settings(settings: object, depth: int) -> Iterator[str]:
    """The texts of one widget, and of the rows of its lists (tabs, icons with a text)."""
    if not isinstance(settings, Mapping) or not depth:
        return
    for name in _TEXTS:
        if isinstance(value := settings.get(name), str) and value.strip():
            yield f"<div>{value}</div>"
    for value in settings.values():
        for row in value if isinstance(value, list) else ():
            yield from _of_settings(row, depth - 1)
