"""What plugins and themes put into the text of a post: share buttons, other posts, forms, buttons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Classes and ids, whole words of the attribute; a star stands for any ending.
_SHARING = """
    sharedaddy sd-sharing* jetpack-likes-widget* jp-relatedposts jp-post-flair addtoany_* a2a_kit* addthis_*
    at-above-post* at-below-post* heateor_sss_* heateor_ss* the_champ_* ssba* ssbp* essb_* sfsi_* sfsiplus_*
    simplesocialbuttons mashsb-* dpsp-* shareaholic-* social-share* share-buttons social-icons sharethis-*
    st-inline-* swp_social_panel* wpusb* et_social_* novashare-* scriptlesssocialsharing*
        wp-block-social-link* wp-block-outermost-social-sharing* elementor-share-buttons*
    elementor-widget-share-buttons
"""
_OTHER_POSTS = """
    wp-block-query wp-block-query-* wp-block-post-template wp-block-latest-posts wp-block-latest-posts__*
    wp-block-latest-comments wp-block-comments wp-block-post-comments* wp-block-rss wp-block-archives*
    wp-block-categories* wp-block-tag-cloud wp-block-calendar wp-block-page-list wp-block-navigation*
    wp-block-search wp-block-loginout wp-block-post-navigation-link wp-block-post-terms wp-block-post-author*
    wp-block-jetpack-related-posts wp-block-newspack-blocks-homepage-articles
        wp-block-newspack-blocks-carousel wp-embedded-content yarpp* crp_related rp4wp-related-posts
    wp_rp_wrap related-posts related_posts
    relpost-thumb-wrapper jp-related* elementor-posts elementor-posts-container elementor-widget-posts
    elementor-widget-loop-grid elementor-post-navigation* et_pb_posts et_pb_blog_grid* et_pb_portfolio*
    vc_grid-container* vc_basic_grid fusion-recent-posts fusion-blog-shortcode* display-posts-listing
    irp-wrapper you-may-also-like semsearch* ez-toc-container toc_container lwptoc* wp-block-table-of-contents
    wp-block-yoast-seo-table-of-contents rank-math-toc* wp-block-rank-math-toc-block post-navigation nav-links
    page-links post-nav-links
"""
_BUTTONS = """
    wp-block-button wp-block-buttons wp-block-file__button wp-block-jetpack-button elementor-widget-button
    elementor-button-wrapper et_pb_button_module_wrapper et_pb_button vc_btn3-container fusion-button-wrapper
    post-password-form wpcf7* wpforms-container* gform_wrapper* mc4wp-form* mailpoet_form* tnp*
        wp-block-jetpack-*subscri* jetpack_subscription_widget wp-block-jetpack-contact-form
    elementor-widget-form et_pb_contact*
    et_pb_newsletter* wp-block-mailpoet-* newsletter-form* elementor-screen-only screen-reader-text more-link
    moretag
"""


def _pattern(names: str) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(name).replace(r"\*", "[^\\s\"']*") for name in names.split())
    return re.compile(rf"(?<![^\s\"'])(?:{alternatives})(?![^\s\"'])")


_BOXES = _pattern(_SHARING + _OTHER_POSTS + _BUTTONS)
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)
_MARKS = re.compile(
    r"data-fn=|class=[\"']fn[\"']|\shidden\b|display\s*:\s*none|visibility\s*:\s*hidden|<nav\b|<form\b|footnote",
    re.I,
)
# Paragraphs that plugins write without a box that could be known.
_LINE = re.compile(
    r"(?:Share|Like|Print) this:?|Like Loading(?:\.\.\.|…)|Loading(?:\.\.\.|…)"
    r"|Click to (?:share|email|print) .{1,80}|(?:https?://|www\.)\S+",
    re.I,
)


def without_boxes(html: str) -> str:
    """The HTML of a post without elements that hold no text of it."""
    if "<" not in html or not (_BOXES.search(html) or _MARKS.search(html)):
        return html
    from lxml import html as parser
    from lxml.etree import ParserError

    try:
        tree: HtmlElement = parser.fragment_fromstring(
            _safe(html), create_parent="div", parser=parser.HTMLParser(no_network=True, huge_tree=False)
        )
    except (ParserError, ValueError, AssertionError):
        return html
    waiting = [tree]
    while waiting:
        for child in waiting.pop():
            if not isinstance(child.tag, str) or not _is_box(child):
                waiting.append(child)
                continue
            child.clear(keep_tail=True)  # an empty element keeps what is beside it as far apart as it was
            child.tag = "span" if child.tag in {"span", "sup", "a"} else "div"
    written = parser.tostring(tree, encoding="unicode")
    return str(written).removeprefix("<div>").removesuffix("</div>")


def without_lines(text: str) -> str:
    """The plain text without lines that only a share box or an embedded address leaves."""
    paragraphs = []
    for paragraph in text.split("\n\n"):
        lines = [line for line in paragraph.split("\n") if not _LINE.fullmatch(line.strip())]
        if lines:
            paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs)


def _safe(html: str) -> str:
    """The HTML as a parser takes it: no NUL, and words in angle brackets that are no tags kept."""
    return re.sub(r"<(?![a-zA-Z/!])|<(?=[A-Z][A-Z0-9]*\.)", "&lt;", html.replace("\0", ""))


def _is_box(element: HtmlElement) -> bool:
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    if element.tag in {"nav", "form"} or element.get("hidden") is not None:
        return True
    if _HIDDEN.search(element.get("style") or ""):
        return True
    if element.tag == "sup" and (element.get("data-fn") or "footnote" in named):
        return True  # the mark of a footnote, which would be glued to its word
    if element.tag == "a" and re.search(r"footnote-?back|footnote.*return", named):
        return True
    return bool(named.strip()) and _BOXES.search(named) is not None
