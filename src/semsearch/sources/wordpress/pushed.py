"""A post that the plugin sends as the site's REST interface gives it: read as a sync reads it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from semsearch.options import SourceOptions
from semsearch.sources.remote.making import defaults_of
from semsearch.sources.wordpress.rest_post import record_from_post

FIELD = "wordpress"  # of the body of PUT /v1/articles/{id}


def is_pushed(record: Mapping[str, object]) -> bool:
    """Whether a record holds a post of WordPress rather than the fields of an article."""
    return isinstance(record.get(FIELD), Mapping)


def record_from_pushed(
    record: Mapping[str, object], sources: Mapping[str, SourceOptions]
) -> dict[str, object]:
    """The post under our names, with what the settings say of its site; other fields of the record win."""
    post = record[FIELD]
    if not isinstance(post, Mapping):
        return dict(record)
    link = post.get("link")
    defaults = _defaults(link if isinstance(link, str) else "", sources)
    mapped = record_from_post(post, str(defaults.get("language") or ""))
    given = {name: value for name, value in record.items() if name != FIELD}
    return {**defaults, **mapped, **given}


def _defaults(link: str, sources: Mapping[str, SourceOptions]) -> dict[str, object]:
    """What articles of the post's site get: by its source, or the only source of this kind, or its host."""
    sites = [options for options in sources.values() if options.kind == "wordpress"]
    own = [options for options in sites if _host(options.url) == _host(link)]
    if own or len(sites) == 1:
        return defaults_of((own or sites)[0])
    return {"source": host} if (host := _host(link)) else {}


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
