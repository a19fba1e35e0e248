"""A small WordPress: the posts route of its REST API as the real one answers it, over a dictionary."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.sources.remote.servers import Reply, Request

AUTHORS = {1: "Ann Ode", 2: "Bo Rowe", 3: "Cy Young"}
CATEGORIES = {1: "Uncategorized", 2: "Local", 3: "Economy", 4: "Sport"}
TAGS = {10: "council", 11: "schools"}


@dataclass(frozen=True)
class Post:
    """What an editor wrote; times are UTC."""

    id: int
    title: str
    content: str
    date: datetime
    modified: datetime
    excerpt: str = ""
    author: int = 1
    categories: tuple[int, ...] = (2,)
    tags: tuple[int, ...] = (10,)
    protected: bool = False


class WordPressSite:
    """Posts by id, and the clock of the site; ``answer`` is for a Server."""

    def __init__(self, *, pretty: bool = True) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        self.pretty = pretty
        self.posts: dict[int, Post] = {}
        self.origin = ""
        self.authors, self.categories, self.tags = dict(AUTHORS), dict(CATEGORIES), dict(TAGS)
        self._next = 1

    def fill(self, count: int) -> None:
        """Write posts, one an hour, the last one a week ago."""
        for _ in range(count):
            moment = self.now - timedelta(days=7) - timedelta(hours=count - self._next)
            number = self._next
            self.write(
                f"Report {number} &#8211; the town &amp; its roads",
                f"<p>Workers mended road number {number} on day {number % 7}.</p>\n"
                f"<p>It took <em>{number}</em> hours.</p>",
                date=moment,
                author=number % 3 + 1,
                categories=((1, 2), (3,), (4, 3))[number % 3],
            )

    def write(self, title: str, content: str, *, date: datetime | None = None, **fields) -> int:
        """Publish a post now (or then)."""
        moment = date or self.now
        number, self._next = self._next, self._next + 1
        self.posts[number] = Post(number, title, content, moment, moment, **fields)
        return number

    def edit(self, number: int, **fields) -> None:
        """Change a post now."""
        self.posts[number] = replace(self.posts[number], modified=self.now, **fields)

    def delete(self, number: int) -> None:
        """Put a post into the bin."""
        del self.posts[number]

    def answer(self, request: Request) -> Reply:
        """What the site says."""
        headers = {"Date": format_datetime(self.now, usegmt=True), "Content-Type": "application/json"}
        route = request.path.removeprefix("/wp-json") if self.pretty else request.query.get("rest_route", "")
        if request.path == "/" and not route.startswith("/wp"):
            api = "/wp-json/" if self.pretty else "/index.php?rest_route=/"
            link = f'<{self.origin}{api}>; rel="https://api.w.org/", <{self.origin}/?p=2>; rel=shortlink'
            return Reply(body=b"<title>A site</title>", headers=headers | {"Link": link})
        named = {"categories": self.categories, "tags": self.tags, "users": self.authors}
        if (names := named.get(route.removeprefix("/wp/v2/"))) is not None:
            return self._names(names, request.query, headers)
        if route != "/wp/v2/posts":
            return Reply(404, b'{"code":"rest_no_route"}', headers)
        return self._posts(request.query, headers)

    def _names(self, names, query, headers) -> Reply:
        start, size = int(query.get("offset", 0)), int(query.get("per_page", 10))
        rows = [{"id": number, "name": name} for number, name in sorted(names.items())]
        total = {"X-WP-Total": str(len(rows))}
        return Reply(200, json.dumps(rows[start : start + size]).encode(), headers | total)

    def _posts(self, query, headers) -> Reply:
        size = int(query.get("per_page", 10))
        if not 1 <= size <= 100:
            return Reply(400, b'{"code":"rest_invalid_param"}', headers)
        found = [post for post in self.posts.values() if post.date <= self.now]
        for name, field in (("after", "date"), ("modified_after", "modified")):
            if name in query:
                bound = datetime.fromisoformat(query[name])
                found = [post for post in found if getattr(post, field) > bound]
        if "include" in query:
            wanted = {int(one) for one in query["include"].split(",")}
            found = [post for post in found if post.id in wanted]
        if "exclude" in query:
            unwanted = {int(one) for one in query["exclude"].split(",")}
            found = [post for post in found if post.id not in unwanted]
        for name, of in (
            ("categories", lambda post: post.categories),
            ("tags", lambda post: post.tags),
            ("author", lambda post: (post.author,)),
        ):
            if name in query:
                asked = set(map(int, query[name].split(",")))
                found = [post for post in found if asked & set(of(post))]
        key = {"id": lambda post: post.id, "date": lambda post: post.date}[query.get("orderby", "date")]
        found.sort(key=key, reverse=query.get("order", "desc") == "desc")
        total = len(found)
        page = int(query.get("page", 1))
        start = int(query["offset"]) if "offset" in query else (page - 1) * size
        if "offset" not in query and page > 1 and start >= total:
            return Reply(400, b'{"code":"rest_post_invalid_page_number"}', headers)
        pages = {"X-WP-Total": str(total), "X-WP-TotalPages": str(-(-total // size))}
        rows = [self.shown(post, query) for post in found[start : start + size]]
        return Reply(200, json.dumps(rows).encode(), headers | pages)

    def shown(self, post: Post, query) -> dict[str, object]:
        """A post as an object of the interface."""
        if query.get("_fields") == "id":
            return {"id": post.id}
        shown: dict[str, object] = {
            "id": post.id,
            "date": f"{post.date + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}",  # the site's own zone
            "date_gmt": f"{post.date:%Y-%m-%dT%H:%M:%S}",
            "modified_gmt": f"{post.modified:%Y-%m-%dT%H:%M:%S}",
            "link": f"{self.origin}/?p={post.id}",
            "title": {"rendered": post.title},
            "content": {"rendered": "" if post.protected else post.content, "protected": post.protected},
            "excerpt": {"rendered": post.excerpt, "protected": post.protected},
        }
        if "_embed" in query:
            shown["_embedded"] = {
                "author": [{"id": post.author, "name": self.authors[post.author]}]
                if post.author in self.authors
                else [{"code": "rest_user_invalid_id", "message": "Invalid user ID."}],
                "wp:term": [
                    [
                        {"id": one, "taxonomy": "category", "name": self.categories[one]}
                        for one in post.categories
                        if one in self.categories
                    ],
                    [{"id": one, "taxonomy": "post_tag", "name": self.tags[one]} for one in post.tags],
                ],
            }
        return shown
