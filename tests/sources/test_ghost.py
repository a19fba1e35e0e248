"""Ghost's export and its posts as JSON: who wrote them, and who may see them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.sources.making import read_back


def post(number, **fields):
    """A post as Ghost exports it."""
    return {
        "id": f"p{number}",
        "uuid": f"u{number}",
        "title": f"Title {number}",
        "slug": f"title-{number}",
        "mobiledoc": None,
        "lexical": '{"root": {"children": [{"text": "EDITOR"}]}}',
        "html": f"<p>Text of {number}. <a href='__GHOST_URL__/x/'>More</a></p>",
        "comment_id": f"p{number}",
        "plaintext": f"Text of {number}.",
        "feature_image": "__GHOST_URL__/content/images/a.jpg",
        "type": "post",
        "status": "published",
        "visibility": "public",
        "created_at": "2025-01-01T00:00:00.000Z",
        "updated_at": "2026-01-03T00:00:00.000Z",
        "published_at": "2026-01-02T08:00:00.000Z",
        "custom_excerpt": None,
        "canonical_url": None,
        **fields,
    }


POSTS = [
    post(0),
    post(1, status="draft", published_at=None),
    post(2, visibility="paid"),
    post(3, type="page"),
    post(4, status="scheduled", published_at="2099-01-02T06:00:00.000Z"),
    post(5, visibility="members"),
    post(6, status="sent"),
    post(7, visibility="tiers"),
    post(8, email_only=1),
]
TABLES = {
    "benefits": [],
    "newsletters": [{"id": "n", "name": "Weekly"}],
    "posts": POSTS,
    "posts_authors": [
        {"post_id": "p0", "author_id": "a2", "sort_order": 1},
        {"post_id": "p0", "author_id": "a1", "sort_order": 0},
    ],
    "posts_tags": [
        {"post_id": "p0", "tag_id": "t2", "sort_order": 1},
        {"post_id": "p0", "tag_id": "t3", "sort_order": 2},
        {"post_id": "p0", "tag_id": "t1", "sort_order": 0},
    ],
    "settings": [{"key": "title", "value": 'The "Example" [news]'}],
    "tags": [
        {"id": "t1", "name": "Harbour"},
        {"id": "t2", "name": "Storms"},
        {"id": "t3", "name": "#internal"},
    ],
    "users": [{"id": "a1", "name": "Ann Ode"}, {"id": "a2", "name": "Ben Orr"}],
}
STATUSES = {
    "p0": None,
    "p1": "draft",
    "p2": "paid",
    "p4": None,
    "p5": "members",
    "p6": "sent",
    "p7": "tiers",
    "p8": "sent",
}


@pytest.mark.parametrize(
    "wrapped",
    [
        {"db": [{"meta": {"exported_on": 1, "version": "5.80.0"}, "data": TABLES}]},
        {"db": [{"data": TABLES, "meta": {"exported_on": 1}}]},
        {"meta": {"exported_on": 1, "version": "000"}, "data": TABLES},
    ],
    ids=["export", "data first", "old"],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_an_export_is_read_with_authors_tags_and_statuses(wrapped, indent, tmp_path):
    """Only posts; the first tag is the section, internal tags are none; the editor's draft is not read."""
    path = tmp_path / "site.ghost.json"
    path.write_text(json.dumps(wrapped, indent=indent))
    found, report = read_back(path)
    assert STATUSES == {key: article.status for key, article in found.items()}
    first = found["p0"]
    assert ("Title 0", "Text of 0. More", "/title-0/") == (first.title, first.body, first.url)
    assert (("Ann Ode", "Ben Orr"), "Harbour", ("Harbour", "Storms")) == (
        first.authors,
        first.section,
        first.tags,
    )
    assert "/content/images/a.jpg" == first.image
    assert datetime(2099, 1, 2, 6, tzinfo=UTC) == found["p4"].published_at
    assert found["p1"].published_at is None
    assert "EDITOR" not in repr(found)
    assert "a page of Ghost, not a post; passed over" in str(report.tally().notes())


@pytest.mark.parametrize("said", [1, True, "1"])
@pytest.mark.parametrize("is_first", [False, True])
def test_a_post_that_was_sent_by_email_only_is_hidden(said, is_first, tmp_path):
    """An export says it in a table of its own, before the posts or behind them."""
    rows = [
        {"id": "m0", "post_id": "p0", "email_only": said},
        {"id": "m8", "post_id": "p9", "email_only": 0},
    ]
    tables = {"posts": [post(0), post(9, email_only=0)], "users": []}
    tables = {"posts_meta": rows, **tables} if is_first else {**tables, "posts_meta": rows}
    path = tmp_path / "site.json"
    path.write_text(json.dumps({"db": [{"meta": {"exported_on": 1}, "data": tables}]}))
    found, _ = read_back(path)
    assert {"p0": "sent", "p9": None} == {key: article.status for key, article in found.items()}


def test_posts_alone_are_read_alike(tmp_path):
    """As a list, one a line, and as the API answers."""
    named = post(
        0, primary_tag={"name": "Harbour"}, tags=[{"name": "Harbour"}], authors=[{"name": "Ann Ode"}]
    )
    for name, text in (
        ("list.json", json.dumps([named, *POSTS[1:]])),
        ("lines.jsonl", "".join(json.dumps(one) + "\n" for one in [named, *POSTS[1:]])),
        ("api.json", json.dumps({"posts": [named, *POSTS[1:]], "meta": {"pagination": {"page": 1}}})),
    ):
        path = tmp_path / name
        path.write_text(text)
        found, _ = read_back(path)
        assert STATUSES == {key: article.status for key, article in found.items()}
        assert (("Ann Ode",), "Harbour") == (found["p0"].authors, found["p0"].section)
        assert "EDITOR" not in repr(found)


@pytest.mark.parametrize("share", [0.2, 0.35, 0.5, 0.65, 0.8])
def test_an_export_that_is_cut_off_gives_what_is_whole_and_says_the_rest(share, tmp_path):
    """Posts before the damage are kept, and it is rejected or noted."""
    text = json.dumps({"db": [{"meta": {"exported_on": 1}, "data": TABLES}]})
    path = tmp_path / "site.json"
    path.write_text(text[: int(len(text) * share)])
    found, report = read_back(path)
    assert found.keys() <= STATUSES.keys()
    assert found
    tally = report.tally()
    assert tally.rejected or "cut off" in str(tally.notes())
