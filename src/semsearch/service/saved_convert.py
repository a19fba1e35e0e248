"""Between saved searches and their words over HTTP: bodies, answers and the Atom feed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

from semsearch.articles import Filter
from semsearch.editorial.checking import strictness_of
from semsearch.index.saved_types import Counts, Delivery, Found, Match, SavedSearch, Webhook
from semsearch.service.convert import Json, safe_url
from semsearch.service.schemas_saved import Looked, SavedSearchBody

ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def where_of(body: Looked) -> Filter:
    """The filter of a body."""
    return Filter(
        sections=_tuple(body.section),
        authors=_tuple(body.author),
        tags=_tuple(body.tag),
        languages=_tuple(body.language),
        sources=_tuple(body.source),
    )


def search_of(
    search_id: str, body: SavedSearchBody, *, made_by: str, known: SavedSearch | None
) -> SavedSearch:
    """The search that a body describes; a secret that was left out is the known one."""
    webhook = None
    if body.webhook is not None:
        secret = body.webhook.secret
        if secret is None:
            secret = known.webhook.secret if known is not None and known.webhook is not None else ""
        webhook = Webhook(body.webhook.url, secret)
    return SavedSearch(
        search_id,
        body.name,
        body.meaning,
        body.threshold,
        tuple(body.words),
        where_of(body),
        webhook,
        body.enabled,
        made_by,
    )


def feed_path(search: SavedSearch) -> str:
    """The address of a search's feed, with its token."""
    return f"/v1/saved-searches/{quote(search.id)}/feed.atom?token={search.feed_token}"


def search_json(search: SavedSearch, counts: Counts) -> Json:
    """A search as ``schemas_saved.SavedSearchAnswer`` describes it."""
    where = search.where
    lists = {
        "section": where.sections,
        "author": where.authors,
        "tag": where.tags,
        "language": where.languages,
        "source": where.sources,
    }
    hook = search.webhook
    return {
        "id": search.id,
        "name": search.name,
        "meaning": search.meaning,
        "words": list(search.words),
        "threshold": search.threshold,
        "strictness": strictness_of(search.threshold),
        **{name: None if values is None else list(values) for name, values in lists.items()},
        "webhook": {"url": hook.url, "signed": bool(hook.secret)} if hook else None,
        "enabled": search.enabled,
        "made_by": search.made_by,
        "feed": feed_path(search),
        "created_at": search.created_at,
        "updated_at": search.updated_at,
        "matches": counts.matches,
        "matches_last_day": counts.last_day,
    }


def found_json(found: Found) -> Json:
    """What was found, as ``schemas_saved.FoundAnswer`` describes it."""
    return {
        "id": found.article_id,
        "title": found.title,
        "url": safe_url(found.url),
        "section": found.section,
        "author": found.author,
        "published_at": found.published_at,
        "score": found.score,
        "passage": found.passage,
    }


def match_json(match: Match) -> Json:
    """A match as ``schemas_saved.MatchAnswer`` describes it."""
    return {**found_json(match.found), "matched_at": match.at}


def delivery_json(one: Delivery) -> Json:
    """A message as ``schemas_saved.DeliveryAnswer`` describes it."""
    return {
        "id": one.id,
        "article": one.article_id or None,
        "state": one.state,
        "tries": one.tries,
        "status": one.status or None,
        "problem": one.problem,
        "created_at": one.created_at,
        "next_at": one.next_at if one.state == "pending" else None,
    }


def atom(search: SavedSearch, matches: Sequence[Match], *, index: str, site: str, base: str) -> bytes:
    """An Atom 1.0 feed (RFC 4287) of matches; the same ids wherever the service stands.

    ``base`` is the address of the service without a slash at its end.
    """
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    ours = uuid.uuid5(uuid.NAMESPACE_URL, f"semsearch:{index}:{search.id}")
    updated = matches[0].at if matches else search.created_at or datetime.now(UTC)
    _add(feed, "id", ours.urn)
    _add(feed, "title", search.name)
    _add(feed, "updated", _moment(updated))
    _add(_add(feed, "author"), "name", site or "semsearch")
    address = f"{base}/v1/saved-searches/{quote(search.id)}/feed.atom"
    _add(feed, "link", rel="self", type="application/atom+xml", href=address)
    for match in matches:
        found = match.found
        entry = _add(feed, "entry")
        _add(entry, "id", uuid.uuid5(ours, found.article_id.encode("utf-8", "replace").decode()).urn)
        _add(entry, "title", found.title or found.article_id)
        _add(entry, "updated", _moment(match.at))
        if found.published_at is not None:
            _add(entry, "published", _moment(found.published_at))
        if found.author:
            _add(_add(entry, "author"), "name", found.author)
        own = f"{base}/articles/{quote(found.article_id, safe='', errors='replace')}"
        _add(entry, "link", rel="alternate", href=safe_url(found.url) or own)
        _add(entry, "summary", found.passage or found.title)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    clean = {key: _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value) for key, value in attributes.items()}
    child = ET.SubElement(parent, f"{{{ATOM}}}{name}", clean)
    if text is not None:
        child.text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return child


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tuple(values: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
