# ruff: noqa: E501 - markup is long
"""Pages in the markup of common themes, written for these tests: each takes a page's words."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from tests.themes.words import Page


def _head(page: Page, more: str = "") -> str:
    return (
        f'<!doctype html><html lang="{page.language}"><head><meta charset="utf-8">'
        f"<title>{escape(page.title)} – The Gazette</title>"
        f'<link rel="canonical" href="https://gazette.example/{page.language}/bridge">'
        f"<style>.x{{}}</style><script>var styleWord = 1;</script>{more}</head>"
    )


def _paragraphs(page: Page, between: dict[int, str], tag: str = "p", attributes: str = "") -> str:
    parts = []
    for number, text in enumerate(page.story):
        parts += [between.get(number, ""), f"<{tag}{attributes}>{escape(text)}</{tag}>"]
    return "\n".join([*parts, between.get(len(page.story), "")])


def _menu(page: Page) -> str:
    return "".join(f'<li><a href="/{word}">{escape(word)}</a></li>' for word in page["menu"].split())


def _networks(page: Page) -> str:
    return "".join(f'<li><a href="https://{n}.example/share">{n}</a></li>' for n in page["networks"].split())


def twenty_twenty_four(page: Page) -> str:
    """WordPress block theme: groups, post-content, terms, previous and next, comments in the main part."""
    inside = {
        1: f'<figure class="wp-block-image size-large"><img src="/a.jpg" alt=""><figcaption class="wp-element-caption">'
        f"{page['caption']}</figcaption></figure>",
        3: f"<p><strong>{page['read_more']}</strong></p>",
        6: f'<h2 class="wp-block-heading">{page["related"]}</h2><ul class="wp-block-list">'
        f'<li><a href="/1">{page["related_1"]}</a></li><li><a href="/2">{page["related_2"]}</a></li></ul>',
    }
    return f"""{_head(page)}<body class="wp-singular single"><a class="skip-link screen-reader-text" href="#c">{page["skip"]}</a>
<div class="wp-site-blocks"><header class="wp-block-template-part"><div class="wp-block-group alignwide">
<p class="wp-block-site-title"><a href="/">The Gazette</a></p><nav class="wp-block-navigation"><ul>{_menu(page)}</ul></nav></div></header>
<main class="wp-block-group" id="c"><h1 class="wp-block-post-title">{page.title}</h1>
<div class="wp-block-template-part"><div class="wp-block-group"><div class="wp-block-post-date"><time datetime="2026-03-03">{page["time"]}</time></div>
<p class="wp-block-paragraph">{page["byline"]}</p></div></div>
<div class="entry-content wp-block-post-content is-layout-constrained">{_paragraphs(page, inside)}</div>
<div class="taxonomy-post_tag wp-block-post-terms">{page["tags"]}</div>
<nav class="wp-block-group" aria-label="Posts"><div class="post-navigation-link-previous wp-block-post-navigation-link">{page["previous"]}</div></nav>
<div class="wp-block-comments"><h2>{page["comments"]}</h2><ol class="wp-block-comment-template"><li class="comment"><p>{page["comment"]}</p></li></ol></div>
</main><footer class="wp-block-template-part"><p>{page["footer"]}</p></footer></div>
<div id="cookie-law-info-bar" class="cookie-bar"><p>{page["cookie"]}</p><button>{page["cookie_button"]}</button></div></body></html>"""


def newspaper(page: Page) -> str:
    """Newspaper by tagDiv and its like: td- classes, share above and below, adverts and related boxes inside."""
    inside = {
        1: f'<div class="td-a-rec td-a-rec-id-content_inline"><span class="td-adspot-title">{page["advert"]}</span></div>',
        3: f'<p><em><a href="/more">{page["read_more"]}</a></em></p>',
        5: f'<div class="tdm-newsletter"><h3>{page["newsletter"]}</h3><p>{page["newsletter_text"]}</p></div>',
    }
    return f"""{_head(page)}<body class="single-post td-standard-pack"><div id="td-outer-wrap">
<div class="td-header-wrap"><div class="td-header-menu-wrap"><ul class="sf-menu">{_menu(page)}</ul></div></div>
<div class="td-container"><div class="td-pb-row"><div class="td-pb-span8 td-main-content"><div class="td-ss-main-content">
<article class="post type-post"><div class="td-post-header"><header class="td-post-title"><h1 class="entry-title">{page.title}</h1>
<div class="td-module-meta-info"><div class="td-post-author-name">{page["byline"]}</div><span class="td-post-date"><time class="entry-date">{page["time"]}</time></span></div></header></div>
<div class="td-post-sharing-top"><div class="td-post-sharing"><span>{page["share"]}</span><ul>{_networks(page)}</ul></div></div>
<div class="td-post-content tagdiv-type"><div class="td-post-featured-image"><figure><img src="/a.jpg" alt=""><figcaption class="wp-caption-text">{page["caption"]}</figcaption></figure></div>
{_paragraphs(page, inside)}</div>
<footer><div class="td-post-source-tags"><ul class="td-tags"><li>{page["tags"]}</li></ul></div><div class="td-block-row td-post-next-prev">{page["previous"]}</div>
<div class="author-box-wrap"><div class="desc"><p>{page["author_box"]}</p></div></div></footer></article>
<div class="td_block_wrap td_block_related_posts"><h4 class="td-related-title">{page["related"]}</h4>
<div class="td_module_related_posts"><h3 class="entry-title"><a href="/1">{page["related_1"]}</a></h3></div><div class="td_module_related_posts"><h3><a href="/2">{page["related_2"]}</a></h3></div></div>
<div class="comments" id="comments"><div class="comment-respond"><h3>{page["comments"]}</h3></div><ol class="comment-list"><li><p>{page["comment"]}</p></li></ol></div>
</div></div><div class="td-pb-span4 td-main-sidebar"><aside class="widget"><h4>{page["popular"]}</h4><ul><li><a href="/3">{page["popular_1"]}</a></li></ul></aside></div></div></div>
<div class="td-footer-wrapper"><div class="td-sub-footer-copy">{page["footer"]}</div></div></div></body></html>"""


def astra(page: Page) -> str:
    """Astra and its like: ast- classes, meta line under the title, related posts section, sidebar."""
    inside = {
        0: f'<div class="ast-post-social-sharing"><p>{page["share"]}</p><ul>{_networks(page)}</ul></div>',
        2: f'<blockquote class="wp-embedded-content"><a href="/x">{page["read_more"]}</a></blockquote>',
    }
    return f"""{_head(page)}<body class="single ast-right-sidebar"><a class="skip-link" href="#content">{page["skip"]}</a><div class="hfeed site" id="page">
<header class="site-header"><div class="main-header-menu"><ul>{_menu(page)}</ul></div></header>
<div id="content" class="site-content"><div class="ast-container"><div id="primary" class="content-area primary"><main id="main" class="site-main">
<article class="post ast-article-single"><div class="ast-post-format- single-layout-1"><header class="entry-header"><div class="post-thumb"><img src="/a.jpg" alt=""></div>
<h1 class="entry-title">{page.title}</h1><div class="entry-meta"><span class="comments-link"><a href="#respond">{page["comments"]}</a></span> / {page["byline"]} / <span class="posted-on">{page["time"]}</span></div></header>
<div class="entry-content clear">{_paragraphs(page, inside)}</div></div></article>
<nav class="navigation post-navigation"><div class="nav-links">{page["previous"]}</div></nav>
<div class="ast-single-related-posts-container"><h2 class="ast-related-posts-title">{page["related"]}</h2><div class="ast-related-posts-wrapper"><article class="ast-related-post"><h3><a href="/1">{page["related_1"]}</a></h3></article><article class="ast-related-post"><h3><a href="/2">{page["related_2"]}</a></h3></article></div></div>
<div id="comments" class="comments-area"><ol class="ast-comment-list"><li class="comment"><section class="ast-comment-content"><p>{page["comment"]}</p></section></li></ol></div>
</main></div><div class="widget-area secondary" id="secondary"><aside class="widget widget_recent_entries"><h2>{page["popular"]}</h2><ul><li><a href="/3">{page["popular_1"]}</a></li></ul></aside></div></div></div>
<footer class="site-footer"><div class="ast-footer-copyright"><p>{page["footer"]}</p></div></footer></div></body></html>"""


def casper(page: Page) -> str:
    """Ghost's Casper: gh- classes, bookmark and sign-up cards in the text, read-next feed."""
    inside = {
        3: f'<figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="/1"><div class="kg-bookmark-content"><div class="kg-bookmark-title">{page["related_1"]}</div></div></a></figure>',
        4: f'<div class="kg-card kg-signup-card"><h2 class="kg-signup-card-heading">{page["newsletter"]}</h2><p class="kg-signup-card-subheading">{page["newsletter_text"]}</p><form><button>{page["newsletter"]}</button></form></div>',
        6: f"<p>{page['read_more']}</p>",
    }
    return f"""{_head(page)}<body class="post-template"><div class="viewport"><header id="gh-head" class="gh-head outer"><nav class="gh-head-menu"><ul class="nav">{_menu(page)}</ul></nav></header>
<div class="site-content"><main id="site-main" class="site-main"><article class="article post image-full"><header class="article-header gh-canvas"><h1 class="article-title">{page.title}</h1>
<div class="article-byline"><section class="article-byline-content"><div class="article-byline-meta"><h4 class="author-name"><a href="/author/a/">{page["byline"]}</a></h4><div class="byline-meta-content"><time datetime="2026-03-03">{page["time"]}</time><span class="byline-reading-time">{page["reading"]}</span></div></div></section></div>
<figure class="article-image"><img src="/a.jpg" alt=""><figcaption>{page["caption"]}</figcaption></figure></header>
<section class="gh-content gh-canvas">{_paragraphs(page, inside)}</section></article>
<section class="footer-cta outer"><div class="inner"><h2 class="footer-cta-title">{page["newsletter"]}</h2></div></section></main>
<aside class="read-more-wrap outer"><div class="read-more inner"><article class="post-card"><a class="post-card-content-link" href="/2"><h2 class="post-card-title">{page["related_2"]}</h2></a></article></div></aside></div>
<footer class="site-footer outer"><section class="copyright">{page["footer"]}</section></footer></div></body></html>"""


def olivero(page: Page) -> str:
    """Drupal's Olivero: regions, node__content, text-content, a visually hidden skip link, comment forms."""
    inside = {
        1: f'<figure role="group" class="caption caption-drupal-media align-right"><article class="media"><img src="/a.jpg" alt=""></article><figcaption>{page["caption"]}</figcaption></figure>',
        4: f'<p><a href="/x">{page["read_more"]}</a></p>',
    }
    return f"""{_head(page)}<body class="path-node page-node-type-article"><a href="#main-content" class="visually-hidden focusable skip-link">{page["skip"]}</a>
<div class="dialog-off-canvas-main-canvas"><div id="page-wrapper" class="page-wrapper"><header id="header" class="site-header"><nav class="primary-nav block-menu"><ul class="primary-nav__menu--level-1">{_menu(page)}</ul></nav></header>
<div id="main-wrapper"><div id="main"><div class="main-content"><a id="main-content"></a><div class="main-content__container container"><main role="main"><div class="region region--content grid-full">
<div class="block block-system-main-block"><div class="block__content"><article class="node node--type-article node--view-mode-full"><header class="node__header"><h1 class="title page-title"><span>{page.title}</span></h1>
<div class="node__meta"><div class="node__author"><span>{page["byline"]}, <span>{page["time"]}</span></span></div></div></header>
<div class="node__content"><div class="text-content clearfix field field--name-body">{_paragraphs(page, inside)}</div><div class="field field--name-field-tags field--tags"><h3 class="field__label">{page["tags"]}</h3></div>
<section class="field field--name-comment comments"><h2 class="comments__title">{page["comments"]}</h2><article class="comment"><div class="comment__text-content text-content"><p>{page["comment"]}</p></div></article></section></div></article></div></div></div></main>
<div class="sidebar-grid"><div class="region region--sidebar"><div class="views-block"><h2 class="block__title">{page["popular"]}</h2><ul><li><a href="/3">{page["popular_1"]}</a></li></ul></div></div></div></div></div></div></div>
<footer class="site-footer"><div class="site-footer__inner">{page["footer"]}</div></footer></div></div>
<div id="sliding-popup" class="eu-cookie-compliance-banner"><div class="popup-content"><p>{page["cookie"]}</p><button>{page["cookie_button"]}</button></div></div></body></html>"""


def papermod(page: Page) -> str:
    """Hugo's PaperMod: post-header, post-meta, post-content, share buttons and paging in the footer."""
    inside = {
        0: f"<p>{page['reading']}</p>",
        6: f'<h2 id="r">{page["related"]}</h2><ul><li><a href="/1">{page["related_1"]}</a></li><li><a href="/2">{page["related_2"]}</a></li></ul>',
    }
    return f"""{_head(page)}<body id="top"><header class="header"><nav class="nav"><ul id="menu">{_menu(page)}</ul></nav></header>
<main class="main"><article class="post-single"><header class="post-header"><div class="breadcrumbs"><a href="/">Home</a></div><h1 class="post-title entry-hint-parent">{page.title}</h1>
<div class="post-meta"><span title="x">{page["time"]}</span>&nbsp;·&nbsp;{page["byline"]}</div></header>
<figure class="entry-cover"><img src="/a.jpg" alt=""><p>{page["caption"]}</p></figure>
<div class="post-content">{_paragraphs(page, inside)}</div>
<footer class="post-footer"><ul class="post-tags"><li>{page["tags"]}</li></ul><nav class="paginav">{page["previous"]}</nav><ul class="share-buttons">{_networks(page)}</ul></footer></article></main>
<footer class="footer"><span>{page["footer"]}</span></footer></body></html>"""


def squarespace(page: Page) -> str:
    """Squarespace and its like: sqs-blocks without names, every box a div, summary blocks behind the text."""
    half = {
        1: f'</div></div><div class="sqs-block image-block"><div class="sqs-block-content"><div class="image-block-wrapper"><img src="/a.jpg" alt=""></div><div class="image-caption-wrapper"><div class="image-caption"><p>{page["caption"]}</p></div></div></div></div><div class="sqs-block html-block"><div class="sqs-block-content">',
        3: f'</div></div><div class="sqs-block newsletter-block"><div class="sqs-block-content"><div class="newsletter-form-header"><h2>{page["newsletter"]}</h2><p>{page["newsletter_text"]}</p></div></div></div><div class="sqs-block html-block"><div class="sqs-block-content">',
    }
    return f"""{_head(page)}<body class="view-item"><div id="siteWrapper" class="site-wrapper"><header id="header" class="header"><div class="header-nav"><div class="header-nav-list">{"".join(f'<div class="header-nav-item"><a href="/{w}">{w}</a></div>' for w in page["menu"].split())}</div></div></header>
<main id="page" class="container"><article class="sections"><section class="page-section"><div class="content-wrapper"><article class="h-entry entry"><div class="blog-item-wrapper"><div class="blog-item-top-wrapper"><div class="blog-item-title"><h1 class="entry-title">{page.title}</h1></div>
<div class="blog-item-meta-wrapper"><time class="dt-published">{page["time"]}</time><span class="blog-item-author-text">{page["byline"]}</span></div></div>
<div class="blog-item-content-wrapper"><div class="blog-item-content e-content"><div class="sqs-layout"><div class="row sqs-row"><div class="col sqs-col-12"><div class="sqs-block html-block"><div class="sqs-block-content">{_paragraphs(page, half, attributes=' class="" style="white-space:pre-wrap;"')}</div></div></div></div></div></div></div>
<div class="sqs-block summary-v2-block"><div class="summary-heading">{page["related"]}</div><div class="summary-item"><a href="/1">{page["related_1"]}</a></div><div class="summary-item"><a href="/2">{page["related_2"]}</a></div></div></div></article>
<div class="blog-item-comments"><div class="squarespace-comments"><div class="comments-header">{page["comments"]}</div><div class="comment-body"><p>{page["comment"]}</p></div></div></div></div></section></article></main>
<footer class="sections" id="footer-sections"><div class="sqs-block-content"><p>{page["footer"]}</p></div></footer></div></body></html>"""


def of_old(page: Page) -> str:
    """A newspaper's system of about 2003: tables in tables, font tags, breaks, and no element that names a part."""
    inside = {3: f'<p><b><a href="more.asp?id=7">{page["read_more"]}</a></b></p>'}
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>{page.title} - The Gazette</title></head>
<body bgcolor="#ffffff"><table width="760" border="0" cellpadding="0"><tr><td colspan="3" bgcolor="#003366"><a href="/"><img src="logo.gif" alt="The Gazette"></a></td></tr>
<tr><td width="120" valign="top"><font size="1">{"<br>".join(f'<a href="{w}.asp">{w}</a>' for w in page["menu"].split())}</font></td>
<td width="480" valign="top"><h1><font face="Georgia">{page.title}</font></h1><p><font size="1">{page["byline"]}</font></p><p><font size="1">{page["time"]}</font></p>
<table align="right" width="200"><tr><td><img src="a.jpg"></td></tr><tr><td><font size="1">{page["caption"]}</font></td></tr></table>
{_paragraphs(page, inside)}<p><font size="1"><a href="print.asp">{page["share"]}</a></font></p></td>
<td width="160" valign="top"><font size="2"><b>{page["popular"]}</b><br><a href="3.asp">{page["popular_1"]}</a></font><br><b>{page["related"]}</b><br><a href="1.asp">{page["related_1"]}</a><br><a href="2.asp">{page["related_2"]}</a></td></tr>
<tr><td colspan="3" align="center"><font size="1">{page["footer"]}</font></td></tr></table></body></html>"""


def amp(page: Page) -> str:
    """An AMP page as plugins make it: amp- elements, consent, side bar, share and related carousel."""
    inside = {
        2: f'<div class="amp-ad-wrapper"><span>{page["advert"]}</span><amp-ad width="300" height="250" type="doubleclick"></amp-ad></div>',
        4: f'<p class="related-link"><a href="/x/amp">{page["read_more"]}</a></p>',
    }
    return f"""{_head(page).replace("<html ", "<html amp ")}<body class="amp-wp"><amp-sidebar id="side" layout="nodisplay"><ul>{_menu(page)}</ul></amp-sidebar><header class="amp-wp-header"><a href="/">The Gazette</a></header>
<article class="amp-wp-article"><header class="amp-wp-article-header"><h1 class="amp-wp-title">{page.title}</h1><div class="amp-wp-meta amp-wp-byline">{page["byline"]}</div><div class="amp-wp-meta amp-wp-posted-on"><time>{page["time"]}</time></div></header>
<figure class="amp-wp-article-featured-image wp-caption"><amp-img src="/a.jpg" width="8" height="6"></amp-img><figcaption class="wp-caption-text">{page["caption"]}</figcaption></figure>
<div class="amp-wp-article-content">{_paragraphs(page, inside)}</div>
<footer class="amp-wp-article-footer"><div class="amp-wp-meta amp-wp-tax-tag">{page["tags"]}</div><div class="amp-wp-meta amp-wp-comments-link"><a href="#c">{page["comments"]}</a></div></footer></article>
<div class="amp-related"><h3>{page["related"]}</h3><ul><li><a href="/1">{page["related_1"]}</a></li><li><a href="/2">{page["related_2"]}</a></li></ul></div>
<footer class="amp-wp-footer"><div><p>{page["footer"]}</p></div></footer>
<amp-consent id="consent" layout="nodisplay"><div><p>{page["cookie"]}</p><button>{page["cookie_button"]}</button></div></amp-consent></body></html>"""


THEMES: dict[str, Callable[[Page], str]] = {
    "WordPress block theme": twenty_twenty_four,
    "Newspaper": newspaper,
    "Astra": astra,
    "Ghost Casper": casper,
    "Drupal Olivero": olivero,
    "Hugo PaperMod": papermod,
    "Squarespace": squarespace,
    "tables of 2003": of_old,
    "AMP": amp,
}
