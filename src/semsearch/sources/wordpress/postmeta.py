"""What plugins write beside a WordPress post of who may see it, and until when; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from semsearch.sources.fieldmap import compared
from semsearch.sources.statuses import is_nothing, truth
from semsearch.sources.visibility_fields import NOINDEX, says_when

# PublishPress Future: when, whether this is still to be done, and what is done then.
_EXPIRES, _IS_ON, _DOES, _OPTIONS = (
    "_expiration-date", "_expiration-date-status", "_expiration-date-type", "_expiration-date-options"
)  # fmt: skip
_HARMLESS = re.compile(r"\b(?:un)?stick\b|\bcategory", re.I)  # which leaves the post published
# SEO plugins: Yoast, Rank Math, All in One SEO, SEOPress, The SEO Framework.
_NOINDEX = re.compile(
    r"_yoast_wpseo_meta-robots-noindex|_?aioseop?_(?:robots_)?noindex|_seopress_robots_index|_genesis_noindex"
)
_ROBOTS = frozenset({"rank_math_robots", "_yoast_wpseo_meta-robots-adv"})
# Plugins for members: Members, Restrict Content Pro.
_MEMBERS = frozenset({"_members_access_role", "rcp_user_level", "rcp_access_level", "rcp_subscription_level"})
_ALL = frozenset({"", "0", "all", "none", "everyone", "false"})


def withheld(meta: Mapping[str, str]) -> dict[str, object]:
    """Fields of a record for what the fields of a post say; none for most posts."""
    found: dict[str, object] = {}
    for key, value in meta.items():
        plain = value.strip()
        robots = key in _ROBOTS and re.search(r"\bnoindex\b", plain, re.I)
        if robots or (_NOINDEX.fullmatch(key) and truth(plain)):
            found[NOINDEX] = True
        elif key in _MEMBERS and plain.casefold() not in _ALL:
            found["membersonly"] = True
        elif key == _EXPIRES:
            does = f"{meta.get(_DOES, '')} {meta.get(_OPTIONS, '')}"
            if meta.get(_IS_ON, "saved").strip() in {"saved", "1"} and not _HARMLESS.search(does):
                found["expires_at"] = plain
        elif not is_nothing(plain) and (when := says_when(compared(key))) in {"start", "end"}:
            found.setdefault({"start": "publish_at", "end": "expires_at"}[when], plain)
    return found
