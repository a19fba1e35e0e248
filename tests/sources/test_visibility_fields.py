"""The fields, words, numbers and shapes in which systems say that readers may not see an article."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.records import article_from_record

LATER = datetime(2099, 4, 5, 6, tzinfo=UTC)
WRITTEN = "2099-04-05T06:00:00Z"
OVER = "2021-04-05T06:00:00Z"


def read(**fields):
    """The article of a record as a file has it, and its notes as one text."""
    record = FieldMap().apply({"id": "1", "title": "Bakers strike", "body": "No bread.", **fields})
    article, notes = article_from_record(record, place="x.jsonl:7")
    return article, "\n".join(map(str, notes))


def withheld(article):
    """Why readers do not see it now: its status, or a time that is not come or is over; else None."""
    now = datetime.now(UTC)
    if article.status:
        return article.status
    if article.published_at and article.published_at > now:
        return "to come"
    return "over" if article.expires_at and article.expires_at <= now else None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"state": "Spiked"}, "spiked"),
        ({"state": "killed"}, "killed"),
        ({"state": "in_progress"}, "in_progress"),
        ({"state": "draft"}, "draft"),
        ({"state": 0}, "unpublished"),
        ({"state": "-2"}, "trash"),
        ({"state": False}, "unpublished"),
        ({"state": 2, "introtext": "Bread", "catid": 4}, "archived"),
        ({"stage": "DRAFT"}, "draft"),
        ({"review_state": "pending"}, "pending"),
        ({"review_state": "internally_published"}, "internally_published"),
        ({"isLive": False}, "unpublished"),
        ({"is_live": "0"}, "unpublished"),
        ({"spiked": True}, "spiked"),
        ({"killed": 1}, "killed"),
        ({"is_retracted": "yes"}, "retracted"),
        ({"expired": True}, "expired"),
        ({"hold": "true"}, "on hold"),
        ({"scheduled": True}, "scheduled"),
        ({"audience": "only_paid"}, "only_paid"),
        ({"access": "Registered"}, "registered"),
        ({"access_level": {"name": "Members"}}, "members"),
        ({"published": -2}, "trash"),
        ({"published": "2"}, "archived"),
        ({"email_only": 1}, "sent"),
        ({"headless": True}, "unpublished"),
        ({"build": {"render": "never"}}, "unpublished"),
        ({"_build": {"List": "Never"}}, "unpublished"),
        ({"permalink": False}, "unpublished"),
        ({"permalink": "false"}, "unpublished"),
        ({"_id": "drafts.9c1"}, "draft"),
        ({"id": "drafts.9c1"}, "draft"),
        ({"id": "versions.rX3.9c1"}, "draft"),
        ({"Status": 2, "Posted": OVER}, "hidden"),
        ({"draft": [True, False]}, "draft"),
        ({"meta": {"live": False}}, "unpublished"),
        ({"revision": {"published": "false"}}, "unpublished"),
        ({"seo": {"robots": "noindex"}}, "noindex"),
        ({"seo": {"noIndex": True}}, "noindex"),
        ({"yoast_head_json": {"robots": {"index": "noindex", "follow": "follow"}}}, "noindex"),
        ({"attributes": {"seo": {"metaRobots": "noindex, nofollow"}}}, "noindex"),
        ({"metadata": {"workflow": {"state": "spiked"}}}, "spiked"),
        ({"publishedAt": None, "createdAt": OVER, "updatedAt": OVER}, "draft"),
        ({"publishedAt": None, "documentId": "k3"}, "draft"),
    ],
    ids=repr,
)
def test_a_field_that_hides(fields, status):
    """The status is the system's word for it."""
    assert status == read(**fields)[0].status


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "Ohio"},
        {"state": "OK"},
        {"state": "NO"},
        {"state": "ON"},
        {"state": ["Maine", "Vermont"]},
        {"state": 1},
        {"state": 2},
        {"state": "published"},
        {"stage": "theatre"},
        {"stage": "preview"},
        {"stage": 17},
        {"access": "public"},
        {"access": "by lift"},
        {"audience": "everyone"},
        {"audience": "teachers"},
        {"release_date": OVER, "date": OVER},
        {"Posted": OVER},
        {"display_date": OVER},
        {"effective": "at once"},
        {"scheduled": False},
        {"scheduled": OVER},
        {"hold": False},
        {"start_time": WRITTEN, "end_time": OVER},
        {"startTime": WRITTEN, "endTime": OVER},
        {"starttime": WRITTEN, "endtime": OVER},
        {"starttime": 0, "endtime": 0},
        {"starttime": "0", "endtime": "0", "tstamp": 1700000000},
        {"held_at": "Town hall, 2099-01-01"},
        {"showtime": WRITTEN},
        {"expires": "2499-12-31T00:00:00+00:00", "effective": "1969-12-30T00:00:00+00:00"},
        {"expires": "never"},
        {"archive_date": OVER},
        {"archived": "see box 12"},
        {"available_to": "subscribers of the print edition"},
        {"isLive": False, "type": "liveblog"},
        {"live": False, "liveBlogId": 4},
        {"pubstatus": {"qcode": "stat:usable"}},
        {"pubStatus": "http://cv.iptc.org/newscodes/pubstatusg2/usable"},
        {"Status": 4, "Posted": OVER, "url_title": "bakers-strike"},
        {"Status": "5", "LastModID": "ann", "textile_body": "1"},
        {"published": 1},
        {"build": {"render": "always", "list": "local"}},
        {"permalink": "/bakers/"},
        {"meta": {"status": "weird", "title": "x", "views": 0}},
        {"meta": {"live": True}},
        {"seo": {"robots": "index, follow"}},
        {"publishedAt": None},
        {"publishedAt": None, "createdAt": OVER, "updatedAt": OVER, "status": "published"},
        {"published_at": "", "created_at": OVER, "updated_at": OVER},
        {"publishedAt": None, "date": OVER, "createdAt": OVER, "updatedAt": OVER},
        {"draft": [False, "no"]},
        {"id": "draft-horses"},
        {"killed": 1, "injured": 4},
        {"recalled": True},
        {"metadata": {"Expires": "Mon, 26 Jul 1997 05:00:00 GMT", "Content-Type": "text/html"}},
    ],
    ids=repr,
)
def test_a_field_that_does_not_hide(fields):
    """What means something else, or means published, leaves the article to its readers."""
    article, _ = read(**fields)
    assert withheld(article) is None


@pytest.mark.parametrize(
    "name",
    [
        "embargoedDate", "embargoDateTime", "embargoTime", "embargoLift", "embargo_lifted_at", "hold_until",
        "publish_schedule", "publish_datetime", "publicationDateTime", "publicationStartDate",
        "publish_start", "publishing_begins", "availabilityStarts", "available_after", "activeFrom",
        "release_date", "display_date", "Posted", "date_posted", "scheduled", "scheduled_publication",
        "effective", "onTime", "start_publishing", "post_embargo_until", "go_live_on",
    ],
)  # fmt: skip
@pytest.mark.parametrize("before", [{}, {"date": OVER}], ids=["alone", "beside a date"])
def test_a_date_to_come(name, before):
    """Whatever its name, the article appears at that time, also where another date is over."""
    article, _ = read(**before, **{name: WRITTEN})
    assert (None, LATER) == (article.status, article.published_at)


@pytest.mark.parametrize(
    "fields",
    [
        {"publish_on": [{"value": WRITTEN}]},
        {"embargo": {"until": WRITTEN}},
        {"publish_at": {"date": "2099-04-05 06:00:00.000000", "timezone_type": 3, "timezone": "UTC"}},
        {"published_at": {"$date": WRITTEN}},
        {"schedule": {"publishAt": WRITTEN}},
        {"schedule": {"start": WRITTEN}},
        {"sys": {"publishAt": WRITTEN}},
        {"starttime": int(LATER.timestamp())},
        {"starttime": WRITTEN, "tstamp": 1700000000, "crdate": 1700000000},
        {"publishedAt": None, "createdAt": OVER, "updatedAt": OVER, "publish_on": WRITTEN},
    ],
    ids=repr,
)
def test_a_date_to_come_in_any_shape(fields):
    """In a list, in an object, in seconds."""
    article, _ = read(**fields)
    assert (None, LATER) == (article.status, article.published_at)


@pytest.mark.parametrize(
    "fields",
    [
        {"publicationEndDate": OVER},
        {"publish_end": OVER},
        {"availabilityEnds": OVER},
        {"offTime": OVER},
        {"unpublish_on": [{"value": OVER}]},
        {"expires": {"date": "2021-04-05 06:00:00.000000", "timezone": "UTC"}},
        {"expires_at": [OVER, WRITTEN]},
        {"expired": OVER},
        {"deleted": OVER},
        {"trashed_at": OVER},
        {"retraction_date": OVER},
        {"post_expire_date": OVER},
        {"endtime": 1500000000},
        {"sys": {"archivedAt": OVER, "contentType": {"sys": {"id": "story"}}}},
        {"schedule": {"end": OVER}},
        {"expires_at": "end of 2019"},
    ],
    ids=repr,
)
def test_a_time_that_is_over(fields):
    """Readers do not see it any more."""
    assert withheld(read(**fields)[0]) in {"over", "expired"}


def test_a_date_that_may_be_of_something_else_is_told():
    """Where it hides the article, a note says so; a date that is over stays as it is."""
    _, notes = read(release_date=WRITTEN)
    assert "release_date" in notes
    article, notes = read(date="2020-01-01", release_date=OVER)
    assert (2020, OVER, "") == (article.published_at.year, article.extra["release_date"], notes)


def test_a_password_in_an_object_is_not_kept():
    """Neither in the article nor in a note."""
    article, notes = read(meta={"password": "sesame"})
    assert "password" == article.status
    assert "sesame" not in repr(article) + notes


def test_a_reason_to_make_no_page_is_told():
    """As the site says it."""
    assert "build.render never" in read(build={"render": "never"})[1]


def test_a_field_given_twice_is_told():
    """The one that hides counts."""
    assert "given several times" in read(draft=["true", "false"])[1]
