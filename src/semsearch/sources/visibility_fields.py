"""The names of the fields that say who may see an article, and when, as systems call them."""

from __future__ import annotations

import functools
import re
from types import MappingProxyType

from semsearch.sources.fieldmap import ALIASES, MADE, compared
from semsearch.sources.statuses import ACCESS, DRAFTS, SCHEDULED, UNPUBLISHED, WORKFLOW

NOINDEX = "noindex"  # of pages that ask search engines to leave them out
EMBARGOED = "embargoed"

# All names are written as compared. True or false: what an article is where the field is true,
HIDES = MappingProxyType(
    {
        "draft": "draft", "isdraft": "draft", "private": "private", "isprivate": "private",
        "hidden": "hidden", "ishidden": "hidden", "unlisted": "unlisted", "isunlisted": "unlisted",
        "unpublished": UNPUBLISHED, "isunpublished": UNPUBLISHED, "unpublish": UNPUBLISHED,
        "deleted": "deleted", "isdeleted": "deleted", "trashed": "trash", "istrashed": "trash",
        "removed": "removed", "isremoved": "removed", "archived": "archived", "isarchived": "archived",
        "withdrawn": "withdrawn", "iswithdrawn": "withdrawn", "retracted": "retracted",
        "isretracted": "retracted", "spiked": "spiked", "isspiked": "spiked", "killed": "killed",
        "iskilled": "killed", "expired": "expired",
        "isexpired": "expired", "hold": "on hold", "onhold": "on hold", "isonhold": "on hold",
        "withheld": "withheld", "iswithheld": "withheld", "disabled": "disabled",
        "isdisabled": "disabled", "protected": "password", "isprotected": "password",
        "passwordprotected": "password", "membersonly": "members", "ismembersonly": "members",
        "subscribersonly": "members", "emailonly": "sent", "isemailonly": "sent",
        "embargo": EMBARGOED, "embargoed": EMBARGOED, "isembargoed": EMBARGOED,
        "scheduled": SCHEDULED, "isscheduled": SCHEDULED, "headless": "hidden",
        NOINDEX: NOINDEX, "robotsnoindex": NOINDEX, "searchhidden": NOINDEX,
        "searchexclude": NOINDEX, "excludefromsearch": NOINDEX, "excludesearch": NOINDEX,
    }
)  # fmt: skip
# and where it is false.
SHOWS = MappingProxyType(
    {
        "published": UNPUBLISHED, "ispublished": UNPUBLISHED, "publish": UNPUBLISHED, "live": UNPUBLISHED,
        "islive": UNPUBLISHED, "posted": UNPUBLISHED, "isposted": UNPUBLISHED, "public": "private",
        "ispublic": "private", "visible": "hidden", "isvisible": "hidden",
        "active": "inactive", "isactive": "inactive", "online": "offline", "isonline": "offline",
        "enabled": "disabled", "isenabled": "disabled", "listed": "unlisted", "islisted": "unlisted",
        "approved": "pending", "isapproved": "pending", "search": NOINDEX, "searchable": NOINDEX,
        "indexable": NOINDEX,
    }
)  # fmt: skip
PUBLISHED = frozenset({"published", "ispublished", "publish"})
LIVE = frozenset({"live", "islive"})  # of a live blog, they say whether it is still written
CASUALTIES = frozenset({"injured", "wounded", "casualties", "victims", "deaths"})  # "killed" is a number, too
HTTP_HEADERS = frozenset({"cachecontrol", "contenttype", "etag", "pragma", "setcookie"})  # "expires" is one
MUST_BE_CLEAR = frozenset({"draft", "isdraft", "private", "isprivate"})
CONTRADICTED = PUBLISHED | {"draft", "isdraft", "unpublished"}
# True or false in one system; in another a date from which, or until which, readers see the article.
DATED_STARTS = frozenset({"embargo", "embargoed", "scheduled", "hold", "onhold"})
DATED_ENDS = frozenset(
    {"expired", "deleted", "trashed", "removed", "archived", "withdrawn", "retracted", "spiked", "killed"}
    | {"unpublished", "unpublish"}
)
PASSWORDS = frozenset({"password", "postpassword"})
ROBOTS = frozenset({"robots", "metarobots", "robotsmeta", "xrobotstag"})
STATUSES = frozenset({"status", *ALIASES["status"]})
# Fields that mean something else as well (a state of the USA, a stage of a theatre): read for these words.
IF_KNOWN = MappingProxyType(
    {
        "state": WORKFLOW, "stage": DRAFTS,  "access": ACCESS, "accesslevel": ACCESS,
        "accesstype": ACCESS, "accessstatus": ACCESS, "contentaccess": ACCESS, "audience": ACCESS,
        "privacy": ACCESS, "privacystatus": ACCESS, "privacylevel": ACCESS,
    }
)  # fmt: skip
# Objects in a record that hold such fields, and those whose "start" and "end" are of being published.
WINDOWS = frozenset({"schedule", "scheduling", "publication", "publishing", "availability", "publishwindow"})
GROUPS = WINDOWS | {
    "sys", "system", "meta", "metadata", "revision", "seo", "seometa", "yoastheadjson", "workflow",
    "attributes", "fields", "options", "settings", "publishoptions", "publishsettings", "publishinfo",
}  # fmt: skip

# Dates that may be of something else, as the release of a film: they count where they lie ahead.
_AHEAD = frozenset(
    {
        "releasedate", "releaseon", "releasetime", "releasedatetime", "displaydate", "displaytime",
        "effective", "effectivedate", "ontime", "posted", "postedat", "postedon", "posteddate",
        "dateposted", "availabledate", "dateavailable", "golive", "live", "publish", "public",
        "online", "visible",
    }
    | (frozenset(ALIASES["published_at"]) - MADE - {"date", "datetime"})
)  # fmt: skip
_PERHAPS_ENDS = frozenset({"offtime"})
_OF = "(?:post|article|story|content|page|item|entry|news)?"
_AT = "(?:at|on|date|time|datetime|timestamp)"
_FROM = "(?:up|from|after|start|starts|starting|begin|begins|notbefore)"
_UNTIL = "(?:down|until|till|til|to|through|thru|end|ends|ending|stop|off)"
_SEEN = "(?:publish|publishing|published|publication|pub|visible|visibility|available|availability|online)"
_SHOWN = f"(?:{_SEEN}|active|activation|display|valid)"
_START_NAMES = re.compile(
    rf"{_OF}(?:"
    rf"embargo(?:ed|es)?(?:until|till|til|to|ends?|ended|lift|lifts|lifted|release|releases|expires|expiry"
    rf"|expiration)?{_AT}?"
    rf"|(?:hold|heldback|held|holdback|withhold|withheld|delay|delayed)(?:until|till|til){_AT}?"
    rf"|scheduled?(?:publish|published|publishing|publication|release|golive){_AT}?"
    rf"|scheduled(?:for|{_AT})|goe?s?(?:live|online|public){_AT}"
    rf"|{_SHOWN}{_FROM}{_AT}?|(?:show|live)(?:from|after){_AT}?"
    rf"|(?:start|begin)(?:publish|publishing|publication){_AT}?|publishschedule|releaseat|notbefore"
    r")"
)
_END_NAMES = re.compile(
    rf"{_OF}(?:"
    rf"(?:un|de)publish(?:ed|ing)?{_AT}|(?:un|de)publication{_AT}?"
    rf"|(?:expire|expires|expired|expiry|expiration|expiring)(?:after)?{_AT}?"
    rf"|{_SHOWN}{_UNTIL}{_AT}?|(?:show|live)(?:until|till|til){_AT}?"
    rf"|(?:end|stop)(?:publish|publishing|publication){_AT}?|notafter|go(?:es)?offline{_AT}?"
    rf"|(?:takedown|removal|remove|removed|deletion|delete|deleted|trash|trashed|spiked|killed|withdrawal"
    rf"|withdrawn|retraction|retracted|hidden){_AT}"
    r"|archived(?:at|on)|date(?:expires|expired|deleted|removed|unpublished|withdrawn|retracted)"
    r")"
)
_START_TABLE, _END_TABLE = (
    frozenset({compared(ours), *ALIASES[ours]}) for ours in ("publish_at", "expires_at")
)

# Systems that write numbers, told by fields that they alone have, and what the numbers mean.
_TEXTPATTERN = frozenset({"posted", "textilebody", "urltitle", "overrideform", "lastmodid", "category1"})
_JOOMLA = frozenset({"introtext", "catid", "publishup", "publishdown", "fulltext"})
_TYPO3 = frozenset({"tstamp", "crdate", "bodytext", "syslanguageuid"})
_NUMBERS = MappingProxyType({1: None, 0: UNPUBLISHED, -2: "trash"})  # of Joomla, as nobody else writes them
_JOOMLA_NUMBERS = MappingProxyType({**_NUMBERS, 2: "archived"})
_TEXTPATTERN_NUMBERS = MappingProxyType({1: "draft", 2: "hidden", 3: "pending", 4: None, 5: None})


@functools.lru_cache(maxsize=4_096)
def says_when(key: str) -> str:
    """What a date under this name says: "start", "end", "ahead" and "perhaps end" (as above), or ""."""
    if key in _AHEAD and key not in _START_TABLE:
        return "ahead"
    if key in _START_TABLE or (key not in HIDES and _START_NAMES.fullmatch(key)):
        return "start"
    if key in _END_TABLE or (key not in HIDES and _END_NAMES.fullmatch(key)):
        return "end"
    return "perhaps end" if key in _PERHAPS_ENDS else ""


def is_typo3_time(name: str, value: object, keys: frozenset[str]) -> bool:
    """Whether ``starttime`` or ``endtime`` is TYPO3's, in seconds since 1970, and not that of an event."""
    number = str(value) if isinstance(value, (int, str)) else ""
    return name in {"starttime", "endtime"} and (number.isdecimal() or not _TYPO3.isdisjoint(keys))


def numbers_of(key: str, keys: frozenset[str]) -> MappingProxyType[int, str | None]:
    """What the numbers in a field mean in the system whose names the record has; None for published."""
    if key == "status" and not _TEXTPATTERN.isdisjoint(keys):
        return _TEXTPATTERN_NUMBERS
    if key in PUBLISHED or (key == "state" and not _JOOMLA.isdisjoint(keys)):
        return _JOOMLA_NUMBERS
    return _NUMBERS if key == "state" else MappingProxyType({})


def says_visibility(name: str) -> bool:
    """Whether a field of this name says who may see an article, or when."""
    key = compared(name)
    tables = HIDES, SHOWS, STATUSES, ROBOTS, PASSWORDS, {"build", "permalink", "robots"}
    return any(key in table for table in tables) or says_when(key) != ""
