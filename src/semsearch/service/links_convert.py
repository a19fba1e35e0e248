"""Between HTTP and the editorial room for links to add: requests to jobs, answers to JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from markupsafe import Markup

from semsearch.service.convert import Json, article_head, filter_of, index_note, safe_url
from semsearch.service.schemas_editor import source_of
from semsearch.service.schemas_links import LinksBody
from semsearch.service.views import article_path

if TYPE_CHECKING:
    from semsearch.articles import Article
    from semsearch.editorial.links import Link, Links
    from semsearch.engine import Engine


def links_job(body: LinksBody) -> Callable[[Engine], Links]:
    """The job that finds what is asked for; raises InputError unless it is exactly one draft."""
    source, where = source_of(body), filter_of(body)

    def job(engine: Engine) -> Links:
        return engine.links(
            source, where=where, limit=body.limit, older=body.older, least=body.min_confidence
        )

    return job


def links_answer(found: Links, *, request_id: str, took_ms: float) -> Json:
    """The body of the answer, as ``schemas_links.LinksAnswer`` describes it."""
    return {"request_id": request_id, **links_record(found), "took_ms": round(took_ms, 1)}


def links_record(found: Links) -> Json:
    """What was found, without how it was asked: the command line shows the same."""
    draft = found.draft
    return {
        "index": index_note(found.generation, found.encoder),
        "title": draft.title,
        "text": draft.text,
        "links": [link_answer(one, one.article) for one in found.links],
        "older": [link_answer(one, draft.article) for one in found.older],
    }


def link_answer(link: Link, leads_to: Article | None) -> Json:
    """One link, which leads to an article or to a draft that is in no archive."""
    href = href_of(leads_to) if leads_to else None
    return {
        "start": link.start,
        "end": link.end,
        "phrase": link.phrase,
        "sentence": link.sentence,
        "reason": link.reason,
        "confidence": link.confidence,
        "href": href,
        "html": link_html(link.phrase, href) if href else None,
        "article": article_head(link.article),
    }


def href_of(article: Article) -> str:
    """The address of an article where it has a safe one, else that of its page here."""
    return safe_url(article.url) or article_path(article.id)


def link_html(phrase: str, href: str) -> str:
    """A link as HTML, all of it escaped."""
    return str(Markup('<a href="{}">{}</a>').format(href, phrase))
