"""Editors' rules in a few words, for tables and sentences; pure."""

from __future__ import annotations

from datetime import UTC, datetime

from semsearch.rules import FILTER_FIELDS, Rule

NAMED = 3  # ids that are told of a rule that names more


def does(rule: Rule) -> str:
    """What a rule does: ``pin a-17 at 1``, ``hide section Opinion``, ``boost tag wire by 0.5``."""
    what = subject(rule)
    if rule.action == "pin":
        return f"pin {what} at {rule.position}"
    return f"boost {what} by {rule.factor:g}" if rule.action == "boost" else f"hide {what}"


def subject(rule: Rule) -> str:
    """The articles that a rule names, or the fields that it goes by."""
    if rule.filter is None:
        more = len(rule.articles) - NAMED
        return ", ".join(rule.articles[:NAMED]) + (f" and {more} more" if more > 0 else "")
    given = {name: getattr(rule.filter, f"{name}s") for name in FILTER_FIELDS}
    return ", ".join(f"{name} {' or '.join(values)}" for name, values in given.items() if values)


def holds(rule: Rule) -> str:
    """Where a rule holds: ``query “school closure”``, ``under a-5``, ``everywhere``."""
    if rule.holds_for == "query":
        return f"{'words' if rule.match == 'words' else 'query'} “{rule.query}”"
    if rule.holds_for == "article":
        return f"under {rule.under}"
    return {"search": "all searches", "related": "all related lists"}.get(rule.holds_for, "everywhere")


def times(rule: Rule) -> str:
    """From when until when it holds, in UTC; "" for always."""
    given = (("from", rule.starts_at), ("until", rule.expires_at))
    return " ".join(f"{name} {moment_text(moment)}" for name, moment in given if moment is not None)


def moment_text(moment: datetime) -> str:
    """A moment to the minute, in UTC; its date alone at midnight."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%d}" if utc.hour == utc.minute == 0 else f"{utc:%Y-%m-%d %H:%M}"
