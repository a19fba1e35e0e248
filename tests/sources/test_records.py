"""One record -> one article: what rejects it, and what is mended and said."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.errors import ArticleInvalid
from semsearch.sources.protocol import MAX_BODY_CHARACTERS
from semsearch.sources.records import article_from_record, record_from_article

FULL = {
    "id": "a-1",
    "title": "Council <b>agrees</b>",
    "body": "First.\n\nSecond.",
    "url": "https://example.com/a-1",
    "published_at": "2024-03-01T12:30:00+01:00",
    "updated_at": "2024-03-02",
    "section": "Politics",
    "author": ["Jane Doe", "John Roe"],
    "tags": ["council", "bridge"],
    "language": "en-GB",
    "source": "The Example",
    "image": "/pictures/1.jpg",
    "extra": {"words": 2},
    "desk": "city",
}


def read(**fields):
    """The article of a record with these fields, and the notes as (field, problem)."""
    article, notes = article_from_record({"id": "1", "title": "T", **fields}, place="x.jsonl:7")
    assert all(note.place == "x.jsonl:7" for note in notes)
    return article, [(note.field, note.problem) for note in notes]


def test_every_field_is_read():
    """A full record becomes a full article without a note; unknown fields go to extra."""
    article, notes = article_from_record(FULL)

    assert () == notes
    assert "Council agrees" == article.title
    assert datetime(2024, 3, 1, 11, 30, tzinfo=UTC) == article.published_at
    assert ("Jane Doe", "John Roe") == article.authors
    assert "en" == article.language
    assert {"words": 2, "desk": "city"} == dict(article.extra)


def test_an_article_survives_its_record():
    """record_from_article is read back to the same article, through JSON."""
    article, _ = article_from_record(FULL)

    assert (article, ()) == article_from_record(json.loads(json.dumps(record_from_article(article))))


@pytest.mark.parametrize(
    ("record", "field", "problem"),
    [
        ({"title": "T"}, "id", "the id is missing"),
        ({"id": None, "title": "T"}, "id", "the id is missing"),
        ({"id": " \u200b", "title": "T"}, "id", "the id is empty"),
        ({"id": True, "title": "T"}, "id", "not true or false"),
        ({"id": 1.5, "title": "T"}, "id", "not a number with decimals"),
        ({"id": ["1"], "title": "T"}, "id", "not a list"),
        ({"id": "x" * 600, "title": "T"}, "id", "longer than 512"),
        ({"id": "1"}, "title", "both missing or empty"),
        ({"id": "1", "title": "  ", "body": None}, "title", "both missing or empty"),
        ({"id": "1", "title": "<b></b>"}, "title", "nothing is left"),
        ({"id": "1", "body": "<script>x</script>"}, "body", "nothing is left"),
        ({"id": "1", "title": ["T"], "body": "b"}, "title", "a title is text, not a list"),
        ({"id": "1", "title": "T", "body": {"html": "x"}}, "body", "not an object"),
        ({"id": "1", "title": "T", "body": 5}, "body", "not of type int"),
        ({"id": "1", "body": "x" * (MAX_BODY_CHARACTERS + 1)}, "body", "longer than"),
    ],
)
def test_what_a_site_cannot_do_without_rejects(record, field, problem):
    """A fault in id, title or body rejects the article and names place, field and value."""
    with pytest.raises(ArticleInvalid, match=problem) as caught:
        article_from_record(record, place="x.jsonl:7")

    assert field == caught.value.field
    assert str(caught.value).startswith("x.jsonl:7: field")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" a 1\u200b ", "a 1"),
        (7, "7"),
        (12.0, "12"),
        ("https://e.com/?p=1&amp;x", "https://e.com/?p=1&amp;x"),
        (0, "0"),
    ],
)
def test_ids_are_kept_as_they_are(given, kept):
    """Whole numbers become text, blanks around go, and nothing is taken for HTML."""
    assert kept == read(id=given)[0].id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("published_at", "yesterday"),
        ("published_at", "03/04/2024"),
        ("updated_at", {"date": "x"}),
        ("url", "javascript:alert(1)"),
        ("url", "//evil.example/x"),
        ("url", "/\\evil.example/x"),
        ("url", "not an address"),
        ("url", ["https://e.com", "https://f.com"]),
        ("image", "data:image/png;base64,AAAA"),
        ("section", {"x": "y"}),
        ("section", True),
        ("language", "the language of the sea"),
        ("language", 5),
        ("source", 1.5),
        ("extra", "text"),
    ],
)
def test_a_bad_optional_field_never_loses_the_article(field, value):
    """What cannot be used is left out, and a note says which field and why."""
    article, notes = read(**{field: value})

    assert "T" == article.title
    assert not getattr(article, field)
    assert [field] == [one for one, _ in notes]
    assert "left out" in notes[0][1]


@pytest.mark.parametrize("value", [None, "", "  "])
@pytest.mark.parametrize("field", ["url", "published_at", "section", "author", "tags", "language", "image"])
def test_empty_fields_are_no_fault(field, value):
    """Null and blank optional fields are the same as none."""
    article, notes = read(**{field: value})

    assert [] == notes
    assert article == read()[0]


@pytest.mark.parametrize(
    ("value", "authors"),
    [
        ("Jane Doe", ("Jane Doe",)),
        ("Jane Doe, John Roe and Ann de Wit", ("Jane Doe", "John Roe", "Ann de Wit")),
        ("By Jane Doe and John Roe", ("Jane Doe", "John Roe")),
        ("BY: Jane Doe", ("Jane Doe",)),
        (["by Jane Doe", "Jane Doe"], ("Jane Doe",)),
        ("Von Anna Schmidt", ("Anna Schmidt",)),
        ("Von Braun", ("Von Braun",)),
        ("Byron Roe", ("Byron Roe",)),
        ("Marks and Spencer", ("Marks and Spencer",)),
        ("Department of Health and Human Services", ("Department of Health and Human Services",)),
        ("Jane Doe, Washington Correspondent", ("Jane Doe, Washington Correspondent",)),
        (["Jane Doe", "jane doe", "", None, {"name": "John Roe"}], ("Jane Doe", "John Roe")),
        ({"name": "Jane Doe", "url": "x"}, ("Jane Doe",)),
    ],
)
def test_authors(value, authors):
    """A text, a list, objects with a name; a text that is plainly several people is taken apart."""
    assert (authors, []) == (read(author=value)[0].authors, read(author=value)[1])


@pytest.mark.parametrize(
    ("value", "tags", "said"),
    [
        ("a, b; c", ("a", "b", "c"), 0),
        (["a", "A", 7], ("a", "7"), 0),
        (["a", ["b"]], ("a",), 1),
        (5, (), 1),
    ],
)
def test_tags(value, tags, said):
    """A list or a text with commas; what is no text is left out and said."""
    article, notes = read(tags=value)

    assert (tags, said) == (article.tags, len(notes))


@pytest.mark.parametrize(
    ("lead", "body", "result"),
    [
        ("The lead.", "The body.", "The lead.\n\nThe body."),
        ("The lead.", "<p>The   LEAD!</p><p>More.</p>", "The LEAD!\n\nMore."),
        (
            "The council met on Tues…",
            "The council met on Tuesday. More.",
            "The council met on Tuesday. More.",
        ),
        ("The lead.", "", "The lead."),
        ("…", "The body.", "The body."),
        ("old", "The gold rush.", "old\n\nThe gold rush."),
    ],
)
def test_a_lead_becomes_the_first_paragraph_once(lead, body, result):
    """A lead or summary stands before the body unless the body starts with it."""
    assert result == read(lead=lead, body=body)[0].body
    assert result == read(summary=lead, body=body)[0].body


def test_what_is_mended_is_said():
    """Repairs of addresses, titles and numbers come with a note."""
    article, notes = read(url="www.example.com/a b", section=["News", "Local"], title="x " * 2_000, body="b")

    assert "https://www.example.com/a%20b" == article.url
    assert "News" == article.section
    assert article.title.endswith("x…")
    assert {"url", "section", "title"} == {field for field, _ in notes}


def test_a_list_of_paragraphs_is_a_body():
    """A body may come as paragraphs."""
    assert "One.\n\nTwo." == read(body=["One.", "Two."])[0].body


def test_extra_is_bounded_and_plain():
    """Unknown values are kept as JSON; endless, deep and strange ones are left out and said."""
    deep = []
    for _ in range(1_000):
        deep = [deep]
    article, notes = read(
        ok={"a": [1, None, "\ud800"]}, deep=deep, big="x" * 300_000, odd=object(), nan=float("nan")
    )

    assert {"a": [1, None, "\ufffd"]} == article.extra["ok"]
    assert {"deep", "big", "odd"} == {field for field, _ in notes}
    json.dumps(dict(article.extra), allow_nan=False).encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*FULL, "lead", "summary", "authors", "x"]), JSON))
@settings(max_examples=300, deadline=None)
def test_any_record_is_taken_or_refused(record):
    """Whatever JSON holds, there is an article that can be stored, or ArticleInvalid."""
    try:
        article, _ = article_from_record(record)
    except ArticleInvalid as error:
        str(error).encode()
        return
    assert article.id
    assert article.title or article.body
    json.dumps(record_from_article(article), ensure_ascii=False, allow_nan=False).encode()


def test_objects_give_their_name_or_their_address():
    """As content systems nest a section, a publisher or a picture; without one they are noted."""
    article, notes = read(
        section=[{"name": "Sport"}], source={"name": "The Example"}, image={"url": "https://a.example/1.jpg"}
    )
    assert ("Sport", "The Example", "https://a.example/1.jpg") == (
        article.section,
        article.source,
        article.image,
    )
    assert [] == notes
    article, notes = read(section={"n": 1}, image={"n": 1})
    assert (None, None) == (article.section, article.image)
    assert ["section", "image"] == [field for field, _ in notes]
