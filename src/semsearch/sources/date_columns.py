"""What the dates of one source say of each other: 25/12/2024 tells how 03/04/2024 beside it is meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from semsearch.text.dates import DateHabits, DateOrder, orders_of
from semsearch.text.languages import detect_language

_MOST_CHARACTERS = 60  # of a value that is looked at for a date
_TEXTS_TRIED = 20
_ALL: frozenset[DateOrder] = frozenset({"dmy", "mdy", "ymd"})


class DateColumns:
    """The habits of a source by field; dates that were observed settle what others leave open."""

    def __init__(self, habits: DateHabits | None = None) -> None:
        self._habits = habits or DateHabits()
        self._orders: dict[str, dict[str, frozenset[DateOrder]]] = {}  # field -> between numbers -> possible
        self._language = ""

    def observe(self, record: Mapping[str, object]) -> bool:
        """Take note of the dates of a record; True if one of them can mean several days."""
        is_open = False
        for name, value in record.items():
            if not isinstance(value, str) or len(value) > _MOST_CHARACTERS:
                continue
            found = orders_of(value)
            if found is None or not found[1]:
                continue
            gap, possible = found
            held = self._orders.setdefault(name, {})
            held[gap] = held.get(gap, _ALL) & possible
            is_open = is_open or len(possible) > 1
        return is_open and not self._habits.order

    def read_language(self, records: Iterable[Mapping[str, object]]) -> None:
        """Detect the language of the texts, where records do not name theirs."""
        found = Counter(
            detect_language(f"{record.get('title') or ''}\n{record.get('body') or ''}"[:2_000])
            for record, _ in zip(records, range(_TEXTS_TRIED), strict=False)
        )
        del found[None]
        if len(found) == 1:
            self._language = str(next(iter(found)))

    def habits(self, field: str, language: object = None) -> DateHabits:
        """The habits of a field; ``language`` is what its record names, which goes before all else."""
        columns = self._columns(field)
        named = language if isinstance(language, str) and language.strip() else ""
        code = named.strip() or self._habits.language or self._language
        if not columns and code == self._habits.language:
            return self._habits
        return replace(self._habits, language=code, columns=columns)

    def _columns(self, field: str) -> dict[str, DateOrder]:
        """The order of dates in a field, or of those in all fields where its own do not tell."""
        if not self._orders:
            return {}
        found: dict[str, DateOrder] = {}
        for gap in {gap for orders in self._orders.values() for gap in orders}:
            own = self._orders.get(field, {}).get(gap, _ALL)
            order = _single(own)
            if order is None:
                order = _single(_common(orders.get(gap, _ALL) for orders in self._orders.values()))
            if order is None:
                order = _single(_common(one for orders in self._orders.values() for one in orders.values()))
                order = order or None  # that columns contradict each other says nothing of this one
            if order is not None:
                found[gap] = order
        return found


def _single(orders: frozenset[DateOrder]) -> DateOrder | None:
    """The one order that is possible; "" where none is, None where several are."""
    if not orders:
        return ""
    return next(iter(orders)) if len(orders) == 1 else None


def _common(orders: Iterable[frozenset[DateOrder]]) -> frozenset[DateOrder]:
    found = _ALL
    for one in orders:
        found &= one
    return found
