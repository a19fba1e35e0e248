"""Names of categories, tags and authors: a site renames them without changing the posts that carry them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from semsearch.sources.remote.wordpress_api import WordPressApi

# The route that lists them, and the parameter by which posts are asked for.
_ROUTES = {"categories": "categories", "tags": "tags", "users": "author"}
FEW = 500  # names of one route that are looked at in each run; more only together with a listing of all ids
MOST = 20_000  # names of one route that are looked at at all
_ASKED = 50  # of them in one request for posts
Names = Mapping[str, Mapping[str, str]]  # route -> id -> digest of the name


def read_names(api: WordPressApi, before: Names, *, thorough: bool) -> dict[str, Mapping[str, str]]:
    """The names as they are now; those of ``before`` where the site does not give them or has many."""
    found: dict[str, Mapping[str, str]] = {}
    for route in _ROUTES:
        listed = api.names(route, MOST if thorough or route not in before else FEW)
        if listed is not None:
            found[route] = {str(number): _digest(name) for number, name in listed.items()}
        elif route in before:
            found[route] = before[route]
    return found


def posts_to_read(before: Names, now: Names) -> Iterator[Mapping[str, str]]:
    """What to ask posts by, so that all come whose names changed; nothing where none did.

    Which posts had a name that is gone can be asked for no more: then it is all posts.
    """
    if any(before[route].keys() - now[route].keys() for route in before.keys() & now.keys()):
        yield {}
        return
    for route, parameter in _ROUTES.items():
        old, new = before.get(route, {}), now.get(route, {})
        renamed = [number for number in old if new[number] != old[number]]
        for start in range(0, len(renamed), _ASKED):
            yield {parameter: ",".join(renamed[start : start + _ASKED])}


def names_from(stored: object) -> dict[str, Mapping[str, str]]:
    """The names as a cursor keeps them; none where an earlier version wrote it."""
    if not isinstance(stored, Mapping):
        return {}
    return {
        str(route): {str(number): str(digest) for number, digest in names.items()}
        for route, names in stored.items()
        if isinstance(names, Mapping)
    }


def _digest(name: str) -> str:
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=4).hexdigest()
