"""The REST API of a WordPress site, read so that nothing is lost while the site goes on changing.

Posts are asked for in the order of their ids, and each page begins at the last post of the page before.
A page without that post (or an older one) at its head shows that posts were deleted meanwhile and the
rest moved up; then it goes back until it has one: no post can slip between two pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from semsearch.errors import SourceUnreadable
from semsearch.sources.remote.client import Answer, Answered, Fetcher, NotJson

Post = Mapping[str, object]

PAGE = 100  # the most that WordPress gives at once
SIZES = (PAGE, 14, 2)  # smaller and smaller where a site cannot make a page of so many posts
OVERLAP = timedelta(hours=1)  # looked at again: caches and clocks of a site may be late
_TOO_MUCH = frozenset({500, 504})  # what a site answers that breaks down over one page
_EMBED = {"_embed": "author,wp:term,wp:featuredmedia"}


@dataclass(frozen=True, slots=True)
class PostsPage:
    """New posts of a listing; ``offset`` and ``last`` are where it goes on, ``failed`` could not be given."""

    posts: Sequence[Post]
    offset: int = 0
    last: int = 0
    total: int | None = None
    failed: tuple[int, ...] = ()
    fault: str = ""


class WordPressApi:
    """Asks one site for its posts; ``post_type`` is the name of their route (posts, pages, news)."""

    def __init__(self, fetcher: Fetcher, url: str, post_type: str) -> None:
        self._fetcher = fetcher
        self._url = url.rstrip("/")
        self._type = post_type
        self._root: httpx.URL | None = None

    @property
    def name(self) -> str:
        """The site and the kind of posts."""
        return f"{self._url} ({self._type})"

    def posts(
        self, where: Mapping[str, str], *, offset: int = 0, last: int = 0, skipped: Sequence[int] = ()
    ) -> Iterator[PostsPage]:
        """All posts in the order of their ids, from the place given, but for those ``skipped``."""
        at, size, excluded = PostsPage([], offset, last), 0, list(skipped)
        while True:
            leave_out = {"exclude": ",".join(map(str, excluded))} if excluded else {}
            try:
                page, short = self._page(at, SIZES[size], {**_EMBED, **where, **leave_out})
            except SourceUnreadable as fault:
                if not _is_too_much(fault):
                    raise
                if size + 1 < len(SIZES):
                    size += 1
                    continue
                page, short = self._without_first(at, {**where, **leave_out}, fault), False
                excluded += page.failed
            if page.posts or page.failed:
                yield page
            at = page
            if short:
                return

    def ids(self) -> Iterator[int]:
        """The ids of all posts, cheaply."""
        at, short = PostsPage([]), False
        while not short:
            at, short = self._page(at, PAGE, {"_fields": "id"})
            yield from map(post_id, at.posts)

    def one(self, number: int) -> PostsPage:
        """One post by its id: empty where the site has it no more."""
        try:
            return PostsPage(self._ask({**_EMBED, "include": str(number)})[0])
        except SourceUnreadable as fault:
            if not _is_too_much(fault):
                raise
            return PostsPage([], failed=(number,), fault=str(fault))

    def some(self, numbers: Sequence[int], *, skipped: Sequence[int] = ()) -> Iterator[PostsPage]:
        """Posts by their ids, those that the site has."""
        for start in range(0, len(numbers), PAGE - 1):
            wanted = ",".join(map(str, numbers[start : start + PAGE - 1]))
            yield from self.posts({"include": wanted}, skipped=skipped)

    def newest(self) -> tuple[list[int], int | None]:
        """The highest ids, and how many posts the site says it has."""
        order = {"orderby": "id", "order": "desc", "per_page": str(PAGE), "_fields": "id"}
        posts, answer = self._ask(order)
        return [post_id(post) for post in posts], _total(answer)

    def names(self, route: str, most: int) -> dict[int, str] | None:
        """The names under a route (categories, tags, users) by id; None where they are not given or more."""
        found: dict[int, str] = {}
        while True:
            asked = {"per_page": str(PAGE), "offset": str(len(found)), "orderby": "id", "_fields": "id,name"}
            try:
                listed, answer = self._ask(asked, route)
            except (Answered, NotJson):  # many sites give no list of their users
                return None
            before = len(found)
            found |= {post_id(one): str(one.get("name") or "") for one in listed}
            if (_total(answer) or 0) > most or (len(listed) == PAGE and len(found) == before):
                return None
            if len(listed) < PAGE:
                return found

    def safe_now(self) -> str:
        """The site's own time, some time ago: what changes from now on is after it."""
        moment = _date(self._ask({"per_page": "1", "_fields": "id"})[1].headers.get("date", ""))
        return f"{(moment or datetime.now(UTC)) - OVERLAP:%Y-%m-%dT%H:%M:%SZ}"

    def _page(self, at: PostsPage, size: int, where: Mapping[str, str]) -> tuple[PostsPage, bool]:
        """The next page after a place, and whether it is the last one."""
        back = 1
        while True:
            start = max(0, at.offset - back) if at.last else at.offset
            order = {"orderby": "id", "order": "asc", "per_page": str(size), "offset": str(start)}
            posts, answer = self._ask({**order, **where})
            ids = [post_id(post) for post in posts]
            if ids != sorted(ids):
                raise SourceUnreadable(
                    f"{self._url}: posts do not come in the order asked for (orderby=id), so some could be "
                    "lost; switch off the plugin that reorders posts for requests to /wp-json/"
                )
            if not at.last or not start or (ids and ids[0] <= at.last):
                break
            back *= 8
        new = [post for post in posts if post_id(post) > at.last]
        last = post_id(new[-1]) if new else at.last
        if not new and len(posts) == size and start + size > (_total(answer) or 0):
            raise SourceUnreadable(
                f"{answer.url}: the site gives the same posts whatever the offset; ask its operator"
            )
        return PostsPage(new, start + len(posts), last, _total(answer)), len(posts) < size

    def _without_first(self, at: PostsPage, where: Mapping[str, str], fault: SourceUnreadable) -> PostsPage:
        """Leave out the next post, which the site cannot give; raises ``fault`` where it gives no id."""
        page, _ = self._page(at, SIZES[-1], {**where, "_fields": "id"})
        failed = tuple(map(post_id, page.posts[:1]))
        if not failed:
            raise fault
        return replace(at, posts=[], total=page.total, failed=failed, fault=str(fault))

    def _ask(self, parameters: Mapping[str, str], route: str = "") -> tuple[list[Post], Answer]:
        if self._root is None:
            self._root = self._find_root()
        posts, answer = self._fetcher.get_json(self._route(self._root, parameters, route))
        if not isinstance(posts, list) or not all(isinstance(post, dict) and "id" in post for post in posts):
            raise SourceUnreadable(f"{answer.url}: not a list of posts; is the url that of a WordPress site?")
        return posts, answer

    def _route(self, root: httpx.URL, parameters: Mapping[str, str], name: str = "") -> str:
        route = f"wp/v2/{name or self._type}"
        if "rest_route" in root.params:  # a site without pretty addresses: /?rest_route=/
            base = root.params["rest_route"].rstrip("/")
            return str(root.copy_merge_params({"rest_route": f"{base}/{route}", **parameters}))
        path = root.path.rstrip("/")
        return str(root.copy_with(path=f"{path}/{route}").copy_merge_params(dict(parameters)))

    def _find_root(self) -> httpx.URL:
        """Where the API is: as given, else at /wp-json/, else where the site's own front page says."""
        if "/wp-json" in self._url or "rest_route=" in self._url:
            return httpx.URL(self._url)
        usual = httpx.URL(f"{self._url}/wp-json/")
        try:
            self._fetcher.get_json(self._route(usual, {"per_page": "1", "_fields": "id"}))
        except (Answered, NotJson) as fault:
            if isinstance(fault, Answered) and fault.status not in {400, 404}:
                raise
            announced = self._announced()
            if announced is None:
                raise SourceUnreadable(
                    f"{self._url}: no WordPress REST API at /wp-json/, and the front page names none "
                    f"({fault}); give the site's address, or that of its API, as url"
                ) from fault
            return announced
        return usual

    def _announced(self) -> httpx.URL | None:
        front = self._fetcher.get(f"{self._url}/")
        links = httpx.Response(200, headers={"link": front.headers.get("link", "")}).links
        found = links.get("https://api.w.org/", {}).get("url")
        return httpx.URL(front.url).join(found) if found else None


def post_id(post: Post) -> int:
    """The number of a post."""
    return int(str(post["id"]))


def _is_too_much(fault: SourceUnreadable) -> bool:
    return isinstance(fault, NotJson) or (isinstance(fault, Answered) and fault.status in _TOO_MUCH)


def _total(answer: Answer) -> int | None:
    written = answer.headers.get("x-wp-total", "")
    return int(written) if written.isdigit() else None


def _date(written: str) -> datetime | None:
    try:
        return parsedate_to_datetime(written)
    except ValueError:
        return None
