"""What records say of who may see their article, and from when until when."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.records import article_from_record, record_from_article
from semsearch.sources.statuses import status_of
from tests.sources.making import read_back

LATER = datetime(2099, 1, 2, 6, tzinfo=UTC)


def read(**fields):
    """The article of a record as a file has it, and its notes as one text."""
    record = FieldMap().apply({"id": "1", "title": "Ferry runs again", **fields})
    article, notes = article_from_record(record, place="x.jsonl:7")
    return article, "\n".join(map(str, notes))


PUBLISHED = [
    "publish",
    "Published",
    " PUBLIC ",
    "live",
    "active",
    "Online",
    "final",
    "usable",
    "ok",
    "1",
    "true",
    "veröffentlicht",
    "publié",
    1,
    1.0,
    True,
    "",
    None,
    [],
    ["published"],
    {"name": "Published"},
    float("nan"),
]


@pytest.mark.parametrize("value", PUBLISHED, ids=repr)
def test_a_published_article_has_no_status(value):
    """Whatever the word, the number or the shape in which a system says so."""
    article, notes = read(status=value)
    assert (None, "", {}) == (article.status, notes, dict(article.extra))


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("draft", "draft"),
        ("Private", "private"),
        ("pending", "pending"),
        ("PENDING REVIEW", "pending review"),
        ("auto-draft", "auto-draft"),
        ("trash", "trash"),
        ("Archived", "archived"),
        ("unlisted", "unlisted"),
        ("members", "members"),
        ("withheld", "withheld"),
        ("Entwurf", "entwurf"),
        (0, "unpublished"),
        (False, "unpublished"),
        ("0", "unpublished"),
        ({"slug": "draft"}, "draft"),
        (["published", "draft"], "draft"),
    ],
    ids=repr,
)
def test_a_known_word_hides_without_a_note(value, status):
    """It is kept in small letters, as the publisher writes it."""
    article, notes = read(status=value)
    assert (status, "") == (article.status, notes)


@pytest.mark.parametrize("value", ["In der Küche", "parked", 7, 404, {"weight": 3}, 2.5], ids=repr)
def test_an_unknown_status_hides_and_says_what_to_do(value):
    """A word that may mean anything is taken for unpublished; the note names the setting."""
    article, notes = read(status=value)
    assert article.status
    assert "published_statuses" in notes


def test_the_status_of_a_crawler_is_no_status_of_a_newsroom():
    """200 is what the site answered; it is said."""
    article, notes = read(status=200)
    assert article.status is None
    assert "HTTP" in notes


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"draft": True}, "draft"),
        ({"Draft": "yes"}, "draft"),
        ({"is_draft": 1}, "draft"),
        ({"draft": False}, None),
        ({"draft": "0"}, None),
        ({"draft": ""}, None),
        ({"published": False}, "unpublished"),
        ({"published": "no"}, "unpublished"),
        ({"published": "1"}, None),
        ({"isPublished": 0}, "unpublished"),
        ({"publish": "false"}, "unpublished"),
        ({"published": "draft"}, "draft"),
        ({"private": "true"}, "private"),
        ({"public": False}, "private"),
        ({"hidden": 1}, "hidden"),
        ({"visible": "false"}, "hidden"),
        ({"unlisted": True}, "unlisted"),
        ({"deleted": True}, "deleted"),
        ({"active": 0}, "inactive"),
        ({"online": "N"}, "offline"),
        ({"visibility": "paid"}, "paid"),
        ({"visibility": "public"}, None),
        ({"status": "published", "visibility": "members"}, "members"),
        ({"post_status": "private"}, "private"),
        ({"workflowState": "needs_review"}, "needs_review"),
        ({"moderation_state": "archived"}, "archived"),
        ({"publication-status": "Draft"}, "draft"),
        ({"pubstatus": "canceled"}, "canceled"),
        ({"status": "published", "draft": True}, "draft"),
        ({"embargoed": True}, "embargoed"),
        ({"noindex": True}, "noindex"),
        ({"robots": "NOINDEX, follow"}, "noindex"),
        ({"robots": "index, follow"}, None),
        ({"robots": "googlebot: noindex"}, None),
        ({"search": {"exclude": "true"}}, "noindex"),
        ({"search": "false"}, "noindex"),
        ({"search": "wall"}, None),
    ],
    ids=repr,
)
def test_other_fields_that_hide(fields, status):
    """True or false in any spelling, under any usual name."""
    assert status == read(**fields)[0].status


def test_a_draft_that_is_neither_true_nor_false_stays_hidden():
    """It is said; other words are left alone in extra."""
    article, notes = read(draft="who knows", live="blog")
    assert ("draft", {"live": "blog"}) == (article.status, dict(article.extra))
    assert "neither true nor false" in notes


def test_a_password_hides_and_is_not_kept():
    """Neither in the article nor in a note."""
    article, notes = read(post_password="sesame", password="")
    assert "password" == article.status
    assert "sesame" not in repr(article) + notes


def test_fields_that_contradict_one_another_hide_and_are_said():
    """A story that is late does less harm than one too early."""
    article, notes = read(status="published", draft=True)
    assert "draft" == article.status
    assert "'status' says published" in notes


@pytest.mark.parametrize(
    "fields",
    [
        {"published_at": "2099-01-02T06:00:00Z"},
        {"date": "2099-01-02 06:00"},
        {"date": "2026-05-01", "publishDate": "2099-01-02T06:00:00Z"},
        {"published_at": "2026-05-01", "publish_date": "2099-01-02T06:00:00Z"},
        {"published_at": "2026-05-01", "publish_at": LATER.timestamp()},
        {"published_at": "2026-05-01", "embargo_until": "2099-01-02T06:00:00Z"},
        {"published_at": "2026-05-01", "embargo": "2099-01-02T06:00:00Z"},
        {"created_at": "2026-05-01", "scheduled_at": "2099-01-02T06:00:00Z", "status": "scheduled"},
        {"published": True, "date": "2099-01-02T06:00:00Z"},
        {"status": "future", "post_date": "2099-01-02 06:00:00"},
        {"status": "embargoed", "date": "2026-05-01", "goLiveAt": "2099-01-02T06:00:00Z"},
    ],
    ids=repr,
)
def test_the_last_date_that_is_named_governs(fields):
    """An article that is only scheduled has no status: it appears at its time."""
    article, _ = read(**fields)
    assert (None, LATER) == (article.status, article.published_at)


def test_an_earlier_date_of_release_changes_nothing():
    """The date that readers see stays."""
    article, _ = read(published_at="2026-05-02", publish_at="2026-05-01")
    assert datetime(2026, 5, 2, tzinfo=UTC) == article.published_at


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "scheduled"},
        {"status": "scheduled", "created_at": "2026-01-01"},
        {"published_at": "9999-12-31"},
        {"date": "3000-01-01 00:00:00"},
        {"publish_at": "next week"},
        {"published_at": "2026-01-01", "publish_at": "03/04/2099"},
    ],
    ids=repr,
)
def test_what_is_scheduled_without_a_date_that_can_be_read_is_hidden(fields):
    """Nobody knows when it may be shown, so it is not."""
    assert read(**fields)[0].status is not None


@pytest.mark.parametrize(
    "name",
    [
        "expires_at",
        "expiryDate",
        "expiry_date",
        "Expires",
        "unpublish_at",
        "unpublishDate",
        "valid_until",
        "deleted_at",
        "publish_down",
    ],
)
def test_an_expiry_is_read_under_its_usual_names(name):
    """In any form of a date."""
    for value in ("2099-01-02T06:00:00Z", "2 January 2099 06:00", LATER.timestamp(), LATER):
        assert LATER == read(**{name: value})[0].expires_at


@pytest.mark.parametrize(
    "value", ["9999-12-31", "9999-12-31 23:59:59", "0000-00-00 00:00:00", "", None, False]
)
def test_an_expiry_that_never_comes_is_none(value):
    """It is not noted either: it is how tables say never."""
    article, notes = read(expires_at=value)
    assert (None, "", {}) == (article.expires_at, notes, dict(article.extra))


def test_the_first_of_two_expiries_counts():
    """An article is gone when the first field says so."""
    article, _ = read(unpublish_at="2099-01-02T06:00:00Z", expires_at="2099-05-01")
    assert LATER == article.expires_at


def test_an_article_that_is_hidden_survives_its_record():
    """record_from_article is read back to the same article, through JSON."""
    article, _ = read(status="Draft", expires_at="2099-01-02T06:00:00Z", date="2099-01-01")
    record = json.loads(json.dumps(record_from_article(article)))
    assert article == article_from_record(record)[0]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80) | st.datetimes(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    ),
    st.sampled_from(
        ["status", "draft", "published", "visibility", "expires_at", "publish_at", "robots", "embargo"]
    ),
)
def test_no_value_of_any_type_breaks_a_record(value, name):
    """A status is none, or a text in small letters of bounded length."""
    article, _ = read(**{name: value})
    for status in (article.status, status_of(value)[0]):
        assert status is None or (status and status == status.lower() and len(status) <= 120)


class TestMarkdown:
    @pytest.mark.parametrize(
        ("front", "status"),
        [
            ("---\ntitle: A\nDraft: True\n---\n", "draft"),
            ("+++\ntitle = 'A'\ndraft = true\n+++\n", "draft"),
            ('{"title": "A", "draft": true}\n', "draft"),
            ("---\ntitle: A\ndraft: false\n---\n", None),
            ("---\ntitle: A\npublished: false\n---\n", "unpublished"),
            ("---\ntitle: A\npublish: false\n---\n", "unpublished"),
            ("---\ntitle: A\nprivate: true\n---\n", "private"),
            ("---\ntitle: A\nunlisted: true\n---\n", "unlisted"),
            ("---\ntitle: A\nrobots: noindex\n---\n", "noindex"),
            ("---\ntitle: A\nsitemap:\n  disable: true\n---\n", None),
        ],
    )
    def test_a_draft_is_an_article_with_a_status(self, front, status, tmp_path):
        """In YAML, TOML and JSON, whatever the case of the name."""
        (tmp_path / "a.md").write_text(front + "Text.")
        (article,) = read_back(tmp_path)[0].values()
        assert status == article.status

    def test_a_file_in_the_folder_of_drafts_is_a_draft(self, tmp_path):
        """Jekyll says it by the folder alone."""
        (tmp_path / "_drafts").mkdir()
        (tmp_path / "_drafts/c.md").write_text("---\ntitle: C\ndraft: false\n---\nText.")
        assert "draft" == read_back(tmp_path)[0]["_drafts/c"].status

    @pytest.mark.parametrize(
        "front",
        [
            "headless: true",
            "Headless: TRUE",
            "build:\n  render: never",
            "_build:\n  list: never",
            "Build:\n  Render: Never",
            "build:\n  render: false",
            "permalink: false",
        ],
    )
    def test_what_its_site_makes_no_page_of_is_passed_over_and_said(self, front, tmp_path):
        """It is not published under any status."""
        (tmp_path / "a.md").write_text(f"---\ntitle: A\n{front}\n---\nText.")
        (tmp_path / "b.md").write_text("---\ntitle: B\nbuild:\n  render: always\n  list: local\n---\nText.")
        found, report = read_back(tmp_path)
        assert ["b"] == list(found)
        assert "passed over" in str(report.tally().notes())

    def test_dates_to_come_govern(self, tmp_path):
        """Of Hugo's publishDate, of the name of a Jekyll post; expiryDate ends it."""
        (tmp_path / "a.md").write_text(
            "---\ntitle: A\ndate: 2026-05-01\nPUBLISHDATE: 2099-01-02T06:00:00Z\n"
            "expirydate: 2100-01-01\n---\nText."
        )
        (tmp_path / "2099-01-02-wall.md").write_text("---\ntitle: B\n---\nText.")
        found, _ = read_back(tmp_path)
        assert (LATER, 2100) == (found["a"].published_at, found["a"].expires_at.year)
        assert datetime(2099, 1, 2, tzinfo=UTC) == found["2099-01-02-wall"].published_at


@pytest.mark.parametrize(
    "written",
    [
        "2099-02-30",
        "2099-05-01T25:00:00Z",
        "1 mai 2099",
        "2099年12月29日",
        {"$date": "2099-01-01"},
        ["2099-13-01"],
    ],
)
def test_a_date_that_cannot_be_read_but_names_a_coming_year_hides(written):
    """Whatever keeps it from being read: it is not shown at once."""
    article, _ = article_from_record({"id": "a", "title": "T", "published_at": written})
    if article.published_at is None:
        assert article.status is not None
    else:
        assert 2099 == article.published_at.year


@pytest.mark.parametrize("written", ["soon", "1999-02-30", "1 mai 1987", "99-05-01", {"$date": "x"}, 20.5])
def test_any_other_date_that_cannot_be_read_does_not_hide(written):
    """An archive with odd dates is not lost to its readers."""
    article, _ = article_from_record({"id": "a", "title": "T", "published_at": written})
    assert article.status is None
