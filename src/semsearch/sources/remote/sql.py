"""Any SQL database: the operator's own query, streamed; with ``:since`` only what changed."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from importlib.util import find_spec
from types import TracebackType

import sqlalchemy
from sqlalchemy import Executable
from sqlalchemy import exc as faults

from semsearch.errors import ArticleInvalid, SettingsInvalid, SourceUnreadable
from semsearch.options import SourceOptions
from semsearch.sources.date_columns import DateColumns
from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.protocol import Rejected, Reporter
from semsearch.sources.records import article_from_record
from semsearch.sources.remote.cursors import EARLIEST, Moment, cursor_from, cursor_of, overlapped
from semsearch.sources.remote.making import defaults_of, habits_of
from semsearch.sources.remote.protocol import Got, Known, Listed, Reached, Step

ROWS = 500  # fetched at a time
# Drivers that a plain postgresql:// or mysql:// may mean, in the order of preference.
_DRIVERS = {
    "postgresql": ("psycopg", "psycopg2", "pg8000"),
    "mysql": ("MySQLdb", "pymysql", "mysql.connector"),
}
_NAMES = {"MySQLdb": "mysqldb", "mysql.connector": "mysqlconnector"}


class SqlSource:
    """The rows of a query as articles; a context manager.

    Nothing is ever written or committed. Raises SettingsInvalid for a url or a driver that is not there.
    """

    def __init__(self, options: SourceOptions) -> None:
        self._options = options
        self._map = FieldMap(options.fields)
        self._dates = DateColumns(habits_of(options))
        self._defaults = defaults_of(options)
        # The pool tells on the log what goes wrong after a fault that is told already.
        logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
        try:
            url = _with_driver(sqlalchemy.make_url(options.url))
            self._name = url.render_as_string(hide_password=True)
            self._engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
        except (faults.ArgumentError, faults.NoSuchModuleError) as error:
            raise SettingsInvalid(
                f"the url of the database cannot be used: {error}; give one like "
                "postgresql://user:password@host/name"
            ) from error
        except ImportError as error:
            raise SettingsInvalid(
                f"{self._name}: the driver '{error.name}' is not installed: pip install {error.name}"
            ) from error
        self._query = sqlalchemy.text(options.query)
        self._has_since = "since" in self._query.compile().params

    @property
    def identity(self) -> str:
        """The database and the query."""
        return f"sql {self._name} {self._options.query}"

    def steps(self, known: Known, report: Reporter) -> Iterator[Step]:
        """The rows that changed since the newest ``updated_at`` seen before; all without ``:since``."""
        newest = cursor_from(known.cursor.get("since"))
        ids: set[str] = set()
        done = 0
        with self._translated():
            for row in self._rows(self._query, newest):
                record = {**self._defaults, **self._map.apply(row)}
                newest = cursor_of(newest, record.get("updated_at")) if self._has_since else None
                yield self._got(record, report)
                done += 1
                ids.add(_key(record))
            if done and self._has_since and newest is None:
                raise SourceUnreadable(
                    f"{self._name}: the query asks for :since, but no column is the updated_at of the "
                    'articles; name it in fields = {updated_at = "…"}'
                )
            if self._options.deletes:
                yield Listed(frozenset(self._ids() if self._has_since else ids))
        yield Reached({"since": overlapped(newest)} if newest is not None else {}, done)

    def _rows(self, query: Executable, since: Moment | None) -> Iterator[dict[str, object]]:
        """Rows by column name; on a first run since the earliest value that the column's type knows."""
        starts = [since] if since is not None or not self._has_since else list(EARLIEST)
        for number, start in enumerate(starts):
            found = False
            try:
                for row in self._stream(query, {"since": start} if self._has_since else {}):
                    found = True
                    yield row
            except faults.DBAPIError:
                if found or number + 1 == len(starts):
                    raise
            if found:
                return

    def _stream(self, query: Executable, values: Mapping[str, object]) -> Iterator[dict[str, object]]:
        with self._engine.connect().execution_options(yield_per=ROWS) as connection:
            for row in connection.execute(query, values).mappings():
                yield {str(name): _plain(value) for name, value in row.items()}

    def _ids(self) -> Iterator[str]:
        """The ids of all rows of the query, nothing else of them."""
        column = self._map.names().get("id", "id")
        inner = self._query.columns(sqlalchemy.column(column)).subquery()
        for row in self._rows(sqlalchemy.select(inner.c[column].label("id")), None):
            yield _key(row)

    def _got(self, record: Mapping[str, object], report: Reporter) -> Got:
        key = _key(record)
        place = f"{self._name}: {key}"
        try:
            given = {**record, "id": f"{self._options.id_prefix}{key}"} if key else record
            article, notes = article_from_record(given, place=place, dates=self._dates)
        except ArticleInvalid as error:
            report.reject(Rejected(place, error, repr(dict(record))))
            return Got(key, None)
        for note in notes:
            report.warn(note)
        return Got(key, article)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except faults.SQLAlchemyError as error:
            told = _told(error)
            raise SourceUnreadable(
                f"{self._name}: {told}; check the url, the query and the database"
            ) from error

    def __enter__(self) -> SqlSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()


def _told(error: faults.SQLAlchemyError) -> str:
    """The words of the database, without the statement and its values."""
    original = getattr(error, "orig", None) or error
    first = original.args[0] if original.args else original
    words = first.get("M", first) if isinstance(first, Mapping) else first  # pg8000 gives a table of facts
    return str(words).strip().partition("\n")[0]


def _key(record: Mapping[str, object]) -> str:
    value = record.get("id")
    return "" if value is None else str(value).strip()


def _with_driver(url: sqlalchemy.URL) -> sqlalchemy.URL:
    """The url with a driver that is installed, where it names none."""
    for module in _DRIVERS.get(url.drivername, ()):
        if find_spec(module.partition(".")[0]):
            return url.set(drivername=f"{url.drivername}+{_NAMES.get(module, module)}")
    return url


def _plain(value: object) -> object:
    """A value of a driver as a record has it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, dt.date | dt.time) or value is None:
        return value
    return value if isinstance(value, str | int | float | list | dict | tuple) else str(value)
