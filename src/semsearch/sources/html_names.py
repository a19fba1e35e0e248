"""How systems and their themes name the parts of a page, by class and id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement


def _names(text: str, *, whole: str = "", first: bool = True) -> re.Pattern[str]:
    """A pattern for names at an end of what ``names_of`` gives: ``share`` in ``post-share``, ``share-box``.

    Not in the middle: ``market-share-table`` is no share bar. Those of ``whole`` stand alone; ``first`` says
    whether the others may stand at the start, too.
    """
    either = "|".join(text.split())
    alone = f"|(?<!\\S)-(?:{'|'.join(whole.split())})-(?!\\S)" if whole else ""
    start = rf"|(?<!\S)-(?:{either})-" if first else ""
    return re.compile(rf"-(?:{either})-(?!\S){start}{alone}")


def names_of(element: HtmlElement) -> str:
    """Classes and id in small letters between hyphens: ``postBody`` and ``post_body`` as ``-post-body-``."""
    given = f"{element.get('class') or ''} {element.get('id') or ''}"
    parts = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", given).lower().split()
    return " ".join(f"-{re.sub(r'[_-]+', '-', part).strip('-')}-" for part in parts)


# Parts of a page that hold other articles, or what readers wrote.
FOREIGN = _names(
    """
    comments? commentlist comments?-area comments?-list comment-respond disqus-thread wpdiscuz
    gh-comments wp-block-query wp-block-latest-posts wp-block-latest-comments wp-block-post-template
    wp-block-comments wp-block-post-comments-form wp-block-rss wp-block-archives wp-block-categories
    wp-block-tag-cloud wp-block-page-list wp-block-calendar wp-block-navigation
    wp-block-post-navigation-link wp-block-read-more wp-block-newspack-blocks-homepage-articles
    related related-?posts jp-relatedposts yarpp crp-related recommended
    recommendations outbrain taboola read-next read-more-wrap more-posts more-stories more-from
    you-may-(?:also-)?like also-like most-(?:read|popular|viewed) popular-posts recent-posts
    latest-(?:posts|news|articles) post-card gh-card gh-feed post-feed kg-collection-card
    article-card story-card news-card teasers? post-grid posts-grid post-list posts-list elementor-posts
    et-pb-blog lcp-catlist display-posts-listing widget-area sidebar side-bar post-navigation
    posts-navigation nav-links nav-previous nav-next next-prev breadcrumbs? site-header site-footer
    """,
    whole="widget respond trending",
)
# Parts of the story's own element that are not its text.
TRIMMINGS = _names(
    """
    share sharing sharedaddy sharebar social-links wp-block-social-links addtoany addthis
    essb heateor newsletters? sign-?up subscribe optin opt-in mailing-?list
    mc4wp-form kg-signup-card kg-button-card kg-cta-card kg-btn wp-block-buttons? wp-block-search
    wp-block-loginout elementor-button et-pb-button kg-audio-player kg-audio-player-container
    kg-video-player kg-toggle-card-icon kg-file-card-metadata kg-product-card-button
    kg-product-card-rating advert adverts advertisement advertising adsense adspot a-rec
    author-box author-bio author-info authorbox about-author by-line post-meta
    entry-meta article-meta posted-on cat-links tags-links tag-links tag-list post-tags entry-tags
    td-tags post-terms wp-block-post-terms wp-block-post-date wp-block-post-author
    wp-block-post-author-name wp-block-post-author-biography wp-block-post-title entry-footer page-links
    post-nav-links link-pages pagination pager screen-reader-text visually-hidden sr-only skip-link
    skip-links cookies? gdpr reading-time read-time noprint no-print print-only
    ez-toc-container table-of-contents lwptoc wp-block-embed-wrapper wp-embedded-content
    ad-(?:slot|container|wrapper|unit|banner|label|box|space|placeholder|break|block|zone)
    wp-block-embed-wordpress comments-link edit-link
    """,
    whole="ads? amp-ad(?:-wrapper)? socials? btn button consent toc sponsored subscriptions? byline",
)
# Boxes that stand for text which readers do not see.
WALLS = _names(
    """
    paywalls? regwall gh-post-upgrade-cta post-upgrade-cta gh-paywall subscriber-only subscribers-only
    members-only-message leaky-paywall-message pmpro-content-message wc-memberships-message piano-inline
    premium-wall meter-wall content-gate content-lock locked-content-message post-password-form
    post-access-denied
    """
)
BUTTONS = _names("btn button kg-btn wp-block-button-link")
# Elements that hold a story's text and nothing else.
CONTENT = _names(
    """
    entry-content gh-content wp-block-post-content post-content post-full-content article-content
    article-body article-text post-body post-text entry-body story-body story-content story-text
    body-content main-article-content single-content the-content content-article content-body
    field-name-body e-content kg-canvas blog-item-content blog-post-content news-content news-body
    rich-text-body body-copy body-text entry-text c-content available-content w-richtext
    """
)
# A lead, before the text.
LEAD = _names(
    """
    gh-article-excerpt article-excerpt post-full-custom-excerpt post-excerpt wp-block-post-excerpt
    entry-summary p-summary standfirst dek deck article-lead article-lede article-intro article-summary
    article-standfirst article-subtitle article-dek post-lead post-lede post-intro post-subtitle
    entry-lead entry-subtitle lead lede intro teaser vorspann chapo entradilla story-lead story-intro
    story-summary
    """,
    first=False,
)
HEADLINE = _names(
    "entry-title post-title wp-block-post-title article-title post-full-title headline story-title p-name"
)
HENTRY = _names("hentry h-entry")
