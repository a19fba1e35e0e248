"""One table of the names that other systems give to our fields, and a publisher's own map before it."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Mapping
from types import MappingProxyType

from semsearch.errors import SettingsInvalid
from semsearch.sources.statuses import is_scheduled, is_status, small_number
from semsearch.text.dates import DateHabits

# Written as compared: small letters and digits alone, so that "Published At" and "published_at" are one.
# The first name of a row that has a value wins; a field of our own name always goes before them.
ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": (
            "articleid", "storyid", "postid", "contentid", "documentid", "docid", "itemid", "newsid", "nid",
            "guid", "uuid", "uid", "identifier", "key",
        ),
        "title": (
            "headline", "posttitle", "articletitle", "newstitle", "heading", "head", "webtitle", "name",
        ),
        "body": (
            "content", "bodytext", "articlebody", "fulltext", "maintext", "text", "posttext", "postcontent",
            "contentencoded", "contenthtml", "contenttext", "bodyhtml", "html", "articletext", "story",
            "article", "description", "excerpt",
        ),
        "lead": ("standfirst", "dek", "deck", "teaser", "intro", "trailtext", "subheadline"),
        "url": ("link", "permalink", "canonicalurl", "canonical", "weburl", "articleurl", "href", "uri"),
        "status": (
            "poststatus", "articlestatus", "contentstatus", "storystatus", "newsstatus", "entrystatus",
            "pagestatus", "itemstatus", "pubstatus", "publishstatus", "publishedstatus", "publishingstatus",
            "publicationstatus", "publicationstate", "publishingstate", "publishstate", "workflowstatus",
            "workflowstate", "moderationstate", "moderationstatus", "creativeworkstatus", "reviewstate",
            "editorialstatus", "editorialstate", "articlestate", "contentstate", "poststate", "entrystate",
            "documentstatus", "revisionstatus", "versionstatus", "pubstate", "visibility",
        ),
        "published_at": (
            "published", "publishedon", "publishedtime", "datepublished", "publishdate", "publisheddate",
            "publicationdate", "webpublicationdate", "firstpublished", "firstpublishedat", "pubdate",
            "pubtime", "publishdatetime", "publicationdatetime", "postdategmt", "postdate", "dategmt",
            "dateutc", "datetime", "date", "dateposted", "posteddate", "postedat", "postedon",
            "displaydate", "timestamp",
            "created", "createdat", "datecreated", "createddate",
        ),
        "publish_at": (
            "publishdate", "publishon", "publishtime", "publishup", "publishfrom", "publishafter",
            "scheduledat", "scheduledfor", "scheduleddate", "scheduledtime", "scheduledpublishdate",
            "scheduledpublishtime", "scheduledpublishat", "goliveat", "golivedate", "releaseat",
            "embargountil", "embargoeduntil", "embargodate", "embargoend", "embargoenddate", "embargoends",
            "embargoliftsat", "visiblefrom", "availablefrom", "validfrom", "onlinefrom", "livefrom",
            "showfrom", "notbefore",
        ),
        "expires_at": (
            "expires", "expireson", "expiry", "expiryat", "expirydate", "expirytime", "expirationdate",
            "expirationtime", "expiration", "expiredate", "expireat", "expiredat", "dateexpires",
            "unpublishat", "unpublishdate", "unpublishon", "unpublishedat", "publishdown", "publishuntil",
            "validuntil", "validto", "validthrough", "visibleuntil", "availableuntil", "onlineuntil",
            "liveuntil", "showuntil", "goofflineat", "takedownat", "takedowndate", "deletedat",
            "archivedat", "removeat", "withdrawnat", "notafter",
        ),
        "updated_at": (
            "updated", "lastupdated", "updatedon", "dateupdated", "modified", "modifiedat", "datemodified",
            "modifieddate", "lastmodified", "lastmod", "postmodifiedgmt", "postmodified", "modifiedgmt",
        ),
        "section": (
            "sectionname", "articlesection", "newsdesk", "desk", "channel", "rubric", "category",
            "categories", "categoryname", "primarycategory",
        ),
        "author": (
            "byline", "creator", "dccreator", "writer", "writers", "reporter", "authorname", "postauthor",
        ),
        "tags": ("tag", "keywords", "keyword", "posttags", "labels", "topics"),
        "language": ("lang", "locale", "inlanguage", "langcode"),
        "source": ("publisher", "publication", "sitename", "outlet", "newspaper"),
        "image": (
            "imageurl", "leadimage", "featuredimage", "featuredimageurl", "urltoimage", "mainimage",
            "ogimage", "thumbnail", "thumbnailurl", "photo", "picture",
        ),
    }
)  # fmt: skip

# Which fields of ours stand for the same thing: where one has a value, no alias is looked for.
_SAME: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"author": ("author", "authors"), "lead": ("lead", "summary")}
)
OURS = frozenset(ALIASES) | {"authors", "summary", "updated_at", "extra"}
_ENDS_IN_A_TIME = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*\Z")
_LOOK_ALIKE = re.compile(r"[^a-z0-9]+")
# When an article was made is no promise of when it appears.
MADE = frozenset({"timestamp", "created", "createdat", "datecreated", "createddate"})
_DATES = frozenset(ALIASES["published_at"]) - MADE  # of being published, or a flag that says it
_CHANGED = frozenset({"updatedat", *ALIASES["updated_at"]})
_SAYS_PUBLISHED = frozenset(ALIASES["status"]) | {"ispublished", "islive", "live", "public"}


@functools.lru_cache(maxsize=4_096)
def compared(name: str) -> str:
    """A name as names are compared: small letters and digits alone."""
    return _LOOK_ALIKE.sub("", name.casefold())


_OURS_COMPARED = MappingProxyType({compared(name): name for name in OURS})

_BY_ALIAS = MappingProxyType(  # the first row that has the name, as it is looked for
    {alias: ours for ours, aliases in reversed(list(ALIASES.items())) for alias in aliases}
)


def usual_name(name: str) -> str | None:
    """Our name of a field that is usually called ``name``; None where it may be anything."""
    key = compared(name)
    return _OURS_COMPARED.get(key) or _BY_ALIAS.get(key)


class FieldMap:
    """Turns the names of a record into ours: first a given map (ours -> theirs), then the usual names.

    ``theirs`` may be a path with dots (``meta.date``), which is followed through objects and, by number
    or through its first item, lists. ``dates`` is how the publisher writes dates. Raises SettingsInvalid
    for a field that we do not have.
    """

    def __init__(self, given: Mapping[str, str] | None = None, *, dates: DateHabits | None = None) -> None:
        self.dates = dates or DateHabits()
        self._given = {ours: theirs for ours, theirs in (given or {}).items() if theirs}
        for ours in self._given:
            if ours not in OURS:
                near = difflib.get_close_matches(ours, OURS, 1)
                hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(sorted(OURS))}"
                raise SettingsInvalid(f"the field map names '{ours}', which articles do not have; {hint}")

    def names(self) -> Mapping[str, str]:
        """The given map."""
        return MappingProxyType(self._given)

    def apply(self, record: Mapping[str, object]) -> dict[str, object]:
        """The record under our names; what has no name of ours keeps its own."""
        found: dict[str, object] = {}
        taken: set[str] = set()
        for ours, theirs in self._given.items():
            value = _at(record, theirs)
            if value is not None:
                found[ours] = value
                taken.add(theirs)
        taken.discard(self._given.get("id", ""))  # an id may be a field that keeps its own meaning
        self._take_our_names(record, found, taken)
        if "status" not in found and (status := _undated(record)):
            found["status"] = status
        if len(taken) < len(record):
            _take_aliases(record, found, taken)
        for name, value in record.items():
            if name not in taken and name not in found:
                found[name] = value
        for ours, theirs in self._given.items():  # a name of ours, whatever the record calls it
            if theirs in OURS and theirs not in record and not _is_empty(found.get(theirs)):
                found[ours] = found[theirs]
        return found

    def _take_our_names(
        self, record: Mapping[str, object], found: dict[str, object], taken: set[str]
    ) -> None:
        """Fields that have our name as it is, or but for case, blanks and underscores."""
        for name in record:
            if name in OURS and name not in found and name not in taken:
                found[name] = record[name]
                taken.add(name)
        for name in record:
            ours = _OURS_COMPARED.get(compared(name))
            if ours is not None and name not in taken and _is_empty(found.get(ours)):
                found[ours] = record[name]
                taken.add(name)


def _take_aliases(record: Mapping[str, object], found: dict[str, object], taken: set[str]) -> None:
    open_names = {compared(name): name for name in reversed(list(record)) if name not in taken}
    for ours, aliases in ALIASES.items():
        if any(not _is_empty(found.get(same)) for same in _SAME.get(ours, (ours,))):
            continue
        for alias in aliases:
            name = open_names.get(alias)
            if name is None or _is_empty(record[name]):
                continue
            if ours != "published_at" or _is_date(alias, record[name], found):
                found[ours] = _in_utc(record[name]) if alias.endswith(("gmt", "utc")) else record[name]
                taken.add(name)
                del open_names[alias]
                break


def _undated(record: Mapping[str, object]) -> str | None:
    """The status of a record that was made and changed, but whose date of publication is null; else None.

    So do content systems and frameworks mark a draft (Strapi, Laravel); a record that says otherwise goes
    before. An empty text is no null: tables have it where a date is not known.
    """
    if all(value is not None for value in record.values()):
        return None
    values = {compared(name): value for name, value in record.items()}
    if values.get("publishedat", "") is not None:
        return None
    given = {key for key, value in values.items() if not _is_empty(value)}
    made = "documentid" in given or not (MADE.isdisjoint(given) or given.isdisjoint(_CHANGED))
    if not made or not given.isdisjoint(_SAYS_PUBLISHED) or not given.isdisjoint(_DATES):
        return None
    return "draft" if given.isdisjoint(ALIASES["publish_at"]) else "scheduled"


def _in_utc(value: object) -> object:
    """A time of a field whose name says that it is in UTC; it does not say so itself."""
    return f"{value}Z" if isinstance(value, str) and _ENDS_IN_A_TIME.search(value) else value


def _is_date(alias: str, value: object, found: Mapping[str, object]) -> bool:
    """Whether a field can be the date of publication: ``published: true`` says something else."""
    if alias == "published" and small_number(value) is not None:
        return False
    return not is_status(value) and not (alias in MADE and is_scheduled(found.get("status")))


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {}, ())


def _at(record: Mapping[str, object], path: str) -> object:
    """The value at a path with dots; a name that has dots itself is found as it stands."""
    if path in record:
        return record[path]
    value: object = record
    for step in path.split("."):
        if isinstance(value, (list, tuple)) and value and not step.isdigit():
            value = value[0]
        if isinstance(value, (list, tuple)):
            value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(step)
        else:
            return None
    return value
