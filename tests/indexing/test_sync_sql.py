"""A table in SQLite or PostgreSQL and the index that follows it hold the same."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy

from semsearch.errors import SettingsInvalid
from semsearch.options import SourceOptions
from tests.indexing.syncing import Follower, counts

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SINCE = "SELECT * FROM stories WHERE changed > :since ORDER BY nr"
ALL = "SELECT * FROM stories"
FIELDS = {"id": "nr", "title": "headline", "body": "copy", "updated_at": "changed"}
POSTGRES = os.environ.get("SEMSEARCH_TEST_POSTGRES", "")


class Table:
    """A table of stories; ``changed`` is a time, a text or a number, as the database at hand has it."""

    def __init__(self, url: str, kind: str) -> None:
        self.url = url
        self.kind = kind
        self.now = START
        self._engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
        self._do("DROP TABLE IF EXISTS stories")
        types = {"time": "TIMESTAMP WITH TIME ZONE", "local": "TIMESTAMP", "text": "TEXT", "number": "BIGINT"}
        self._do(
            f"CREATE TABLE stories(nr INTEGER PRIMARY KEY, headline TEXT, copy TEXT, changed {types[kind]})"
        )

    def write(self, number: int, title: str) -> None:
        """Insert or replace a story now."""
        self.delete(number)
        values = {"nr": number, "headline": title, "copy": f"The text of {title}.", "changed": self._moment()}
        self._do("INSERT INTO stories VALUES (:nr, :headline, :copy, :changed)", values)

    def delete(self, number: int) -> None:
        """Delete a story."""
        self._do("DELETE FROM stories WHERE nr = :nr", {"nr": number})

    def oracle(self) -> dict[str, tuple[str, str]]:
        """What the table holds."""
        with self._engine.connect() as connection:
            rows = connection.execute(sqlalchemy.text("SELECT nr, headline, copy FROM stories"))
            return {str(number): (title, body) for number, title, body in rows}

    def close(self) -> None:
        """Drop the table."""
        self._do("DROP TABLE stories")
        self._engine.dispose()

    def _moment(self, later: timedelta = timedelta()) -> object:
        moment = self.now + later
        return {
            "time": moment,
            "local": moment.replace(tzinfo=None),
            "text": f"{moment:%Y-%m-%d %H:%M:%S}",
            "number": int(moment.timestamp()),
        }[self.kind]

    def _do(self, statement: str, values: dict[str, object] | None = None) -> None:
        with self._engine.begin() as connection:
            connection.execute(sqlalchemy.text(statement), values or {})


DATABASES = [
    pytest.param(("sqlite", "text"), id="SQLite, times as text"),
    pytest.param(("sqlite", "number"), id="SQLite, times as numbers"),
    pytest.param(("postgresql", "time"), id="PostgreSQL, with zone"),
    pytest.param(("postgresql", "local"), id="PostgreSQL, without zone"),
    pytest.param(("postgresql", "number"), id="PostgreSQL, numbers"),
]


@pytest.fixture(params=DATABASES)
def table(request, tmp_path):
    """1,200 stories: more than are fetched at a time."""
    database, kind = request.param
    if database == "postgresql" and not POSTGRES:
        pytest.skip("no PostgreSQL: SEMSEARCH_TEST_POSTGRES names no server (.ci/run starts one)")
    made = Table(POSTGRES if database == "postgresql" else f"sqlite:///{tmp_path}/news.db", kind)
    with made._engine.begin() as connection:
        connection.execute(
            sqlalchemy.text("INSERT INTO stories VALUES (:nr, :headline, :copy, :changed)"),
            [
                {
                    "nr": nr,
                    "headline": f"Story {nr}",
                    "copy": f"The text of {nr}.",
                    "changed": made._moment(timedelta(minutes=nr - 1200)),
                }
                for nr in range(1200)
            ],
        )
    yield made
    made.close()


@pytest.fixture
def follower(tmp_path):
    """An index that follows."""
    made = Follower(tmp_path / "indexes")
    yield made
    made.engine.close()


def options(table, query=SINCE, **more):
    """The settings of the source."""
    return SourceOptions(kind="sql", url=table.url, query=query, fields=FIELDS, **more)


def test_only_what_changed_is_read_and_what_is_gone_is_deleted(table, follower):
    """Edits, deletes and new rows between two syncs; the last ten minutes are looked at again."""
    assert (1200, 0, 0, 0, 0) == counts(follower.sync("db", options(table, deletes=True)))
    assert table.oracle() == follower.held()
    table.now += timedelta(hours=3)
    table.write(7, "Story 7 again")
    table.write(5000, "A new one")
    table.delete(11)
    assert (1, 1, 10, 1, 0) == counts(follower.sync("db", options(table, deletes=True)))
    assert table.oracle() == follower.held()
    report = follower.sync("db", options(table, deletes=True))
    assert (0, 0, 2, 0, 0) == counts(report)


def test_without_deletes_nothing_is_deleted(table, follower):
    """A query may show a part of a table on purpose."""
    follower.sync("db", options(table))
    table.delete(3)
    assert 0 == follower.sync("db", options(table)).deleted
    assert 1200 == len(follower.held())


def test_a_query_without_since_reads_all_each_time(table, follower):
    """And its rows are the list of what there is."""
    follower.sync("db", options(table, ALL, deletes=True))
    table.delete(3)
    table.write(4, "Four")
    assert (0, 1, 1198, 1, 0) == counts(follower.sync("db", options(table, ALL, deletes=True)))
    assert table.oracle() == follower.held()


def test_a_row_that_is_no_article_is_rejected_and_the_rest_is_taken(table, follower):
    """With its place."""
    table.write(8, "")
    table._do("UPDATE stories SET copy = '' WHERE nr = 8")
    report = follower.sync("db", options(table))
    assert (1199, 1, None) == (report.added, report.rejected, report.fault)
    assert "stories" not in report.rejects_file.name
    assert '"8' in report.rejects_file.read_text() or ": 8" in report.rejects_file.read_text()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM storys", "storys"),
        ("SELECT nr, headline, copy FROM stories WHERE changed > :since", "no column is the updated_at"),
    ],
)
def test_a_query_that_cannot_work_is_a_fault_in_words(table, follower, query, said):
    """The database's own, or ours; never with a password."""
    report = follower.sync("db", options(table, query))
    assert said in report.fault


def test_a_database_that_is_not_there_is_a_fault_without_its_password(follower):
    """It is tried again at the next run."""
    source = SourceOptions(kind="sql", url="postgresql+pg8000://ann:secret@127.0.0.1:1/news", query=ALL)
    report = follower.sync("db", source)
    assert report.fault
    assert "secret" not in report.fault


@pytest.mark.parametrize("url", ["no url", "nosuch://host/x", "oracle+cx_oracle://host/x"])
def test_a_url_or_driver_that_is_not_there_is_said(follower, url):
    """With the way out."""
    with pytest.raises(SettingsInvalid, match=r"give one like|pip install"):
        follower.sync("db", SourceOptions(kind="sql", url=url, query=ALL))
