"""WordPress by its own REST API: everything once, then what changed, and what was deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from semsearch.errors import ArticleInvalid
from semsearch.sources.protocol import Note, Rejected, Reporter
from semsearch.sources.records import article_from_record
from semsearch.sources.remote.protocol import Got, Known, Listed, Reached, Step
from semsearch.sources.remote.wordpress_api import Post, WordPressApi, post_id
from semsearch.sources.remote.wordpress_names import names_from, posts_to_read, read_names
from semsearch.sources.wordpress.rest_post import is_protected, record_from_post

LIST_EVERY = 24  # runs between two listings of all ids, where the count gives no reason for one
MOST_FAILED = 500  # posts that the site could not give, asked for again in each run


class WordPress:
    """The published posts of one site: their ids are those of the site, after ``id_prefix``."""

    def __init__(self, api: WordPressApi, *, defaults: Mapping[str, object], id_prefix: str = "") -> None:
        self._api = api
        self._defaults = defaults
        self._prefix = id_prefix
        self._failed: list[int] = []

    @property
    def identity(self) -> str:
        """The site and the kind of posts."""
        return f"wordpress {self._api.name}"

    def steps(self, known: Known, report: Reporter) -> Iterator[Step]:
        """All posts at first, then what was changed or published since; in between, ids that are gone."""
        cursor = dict(known.cursor)
        self._failed = [number for number in _list(cursor.get("failed")) if isinstance(number, int)]
        if isinstance(cursor.get("since"), str):
            yield from self._later(cursor, known, report)
            return
        names = names_from(cursor.get("names")) or read_names(self._api, {}, thorough=True)
        yield from self._first({**cursor, "names": names}, known, report)
        if "begun" in cursor:  # what changed between the two parts of a first reading
            yield from self._later({"since": cursor["begun"], "names": names}, known, report)

    def _first(self, cursor: Mapping[str, object], known: Known, report: Reporter) -> Iterator[Step]:
        """Everything, from where the last run broke off."""
        begun, names = str(cursor.get("begun") or self._api.safe_now()), cursor["names"]
        offset, last = _number(cursor.get("offset")), _number(cursor.get("last"))
        for page in self._api.posts({}, offset=offset, last=last, skipped=self._failed):
            yield from self._got(page.posts, report)
            yield from self._not_got(page.failed, page.fault, report)
            offset = page.offset
            reached = {"begun": begun, "offset": offset, "last": page.last, "failed": self._failed}
            yield Reached({**reached, "names": names}, offset, page.total)
        yield from self._listed(known, report)
        yield Reached({"since": begun, "runs": 0, "failed": self._failed, "names": names}, offset, offset)

    def _later(self, cursor: dict[str, object], known: Known, report: Reporter) -> Iterator[Step]:
        since, runs = str(cursor["since"]), _number(cursor.get("runs")) + 1
        begun, before = self._api.safe_now(), names_from(cursor.get("names"))
        names = read_names(self._api, before, thorough=runs >= LIST_EVERY)
        yield from self._failed_before(report)
        done = 0
        # A post that was scheduled keeps its date of change when it appears: its date of publication tells.
        for where in ({"modified_after": since}, {"after": since}, *posts_to_read(before, names)):
            for page in self._api.posts(where, skipped=self._failed):
                yield from self._got(page.posts, report)
                yield from self._not_got(page.failed, page.fault, report)
                done += len(page.posts)
                yield Reached({**cursor, "failed": self._failed}, done)
        newest, count = self._api.newest()
        keys = known.keys()
        if runs >= LIST_EVERY or count != len(keys) or not keys >= set(map(str, newest)):
            yield from self._listed(known, report)
            runs = 0
        yield Reached({"since": begun, "runs": runs, "failed": self._failed, "names": names}, done)

    def _listed(self, known: Known, report: Reporter) -> Iterator[Step]:
        """All ids, and the posts of those that are not known.

        A post that was imported, or waited long for its turn, appears with dates that are long past.
        """
        ids = list(self._api.ids())
        yield Listed(frozenset(map(str, ids)))
        keys = known.keys()
        unknown = [number for number in ids if str(number) not in keys]
        for page in self._api.some(unknown, skipped=self._failed):
            yield from self._got(page.posts, report)
            yield from self._not_got(page.failed, page.fault, report)

    def _failed_before(self, report: Reporter) -> Iterator[Got]:
        """Posts that the site could not give in an earlier run, one by one."""
        failed, self._failed = self._failed, []
        for number in failed:
            page = self._api.one(number)
            yield from self._got(page.posts, report)
            yield from self._not_got(page.failed, page.fault, report)

    def _got(self, posts: Sequence[Post], report: Reporter) -> Iterator[Got]:
        for post in posts:
            key = str(post_id(post))
            place = str(post.get("link") or f"{self._api.name}: post {key}")
            if is_protected(post):
                report.warn(Note(place, "", "a post behind a password; passed over"))
                yield Got(key, None, is_none=True)
                continue
            try:
                language = str(self._defaults.get("language") or "")
                record = {**self._defaults, **record_from_post(post, language), "id": f"{self._prefix}{key}"}
                article, notes = article_from_record(record, place=place)
            except ArticleInvalid as error:
                report.reject(Rejected(place, error, json.dumps(post, ensure_ascii=False)))
                yield Got(key, None)
                continue
            for note in notes:
                report.warn(note)
            yield Got(key, article)

    def _not_got(self, failed: Sequence[int], fault: str, report: Reporter) -> Iterator[Got]:
        for number in failed:
            place = f"{self._api.name}: post {number}"
            error = ArticleInvalid(
                "the site cannot give this post", place=place, value=fault,
                hint="it is asked for again at the next sync; the site's own error log says more",
            )  # fmt: skip
            report.reject(Rejected(place, error, ""))
            self._failed = [*dict.fromkeys([*self._failed, number])][-MOST_FAILED:]
            yield Got(str(number), None)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
