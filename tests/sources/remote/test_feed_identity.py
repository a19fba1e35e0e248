"""Which articles the entries of a feed are."""

from __future__ import annotations

from semsearch.sources.remote.feed_identity import told_apart

HOME = "https://news.example/"


def keys(*records, home=HOME):
    """The keys of entries: guid, path, title."""
    entries = told_apart(
        [
            {
                "id": guid,
                "url": f"https://news.example{path}" if path is not None else None,
                "title": title,
            }
            for guid, path, title in records
        ],
        home,
        lambda record: None,
    )
    return [(entry.key, entry.own_address) for entry in entries]


def test_guids_that_tell_are_the_keys():
    """As they are, whatever the address."""
    assert [("a", True), ("b", True)] == keys(("a", "/one", "One"), ("b", "/two", "Two"))


def test_placeholders_and_shared_guids_give_way_to_the_address():
    """N/A, 0, nothing at all, and the same word for all."""
    by_address = [("https://news.example/one", True), ("https://news.example/two", True)]
    for guid in ("N/A", "0", "null", "", "the-same"):
        assert by_address == keys((guid, "/one", "One"), (guid, "/two", "Two"))


def test_where_all_share_an_address_titles_tell():
    """Three entries under one address, and entries under that of the site."""
    found = keys(*[("", "/list", title) for title in ("One", "Two", "Three")])
    assert 3 == len({key for key, _ in found})
    assert [False] * 3 == [own for _, own in found]
    assert 2 == len(keys(("", "/", "One"), ("", "/", "Two")))
    assert 2 == len(keys(("x", "/start", "One"), ("x", "/start", "Two"), home="https://news.example/start"))


def test_guids_that_tell_stay_under_a_shared_address():
    """The parts of a live page."""
    parts = [(f"part-{number}", "/live", f"Part {number}") for number in range(3)]
    assert [(f"part-{number}", False) for number in range(3)] == keys(*parts)


def test_a_title_that_was_edited_is_no_other_article():
    """Two versions under one guid and address."""
    assert [("a", True)] == keys(("a", "/one", "One again"), ("a", "/one", "One"))


def test_of_two_versions_the_later_one_counts():
    """Wherever it stands."""
    records = [
        {"id": "a", "url": "https://news.example/one", "title": "Old", "day": 1},
        {"id": "a", "url": "https://news.example/one", "title": "New", "day": 2},
    ]
    for given in (records, records[::-1]):
        (entry,) = told_apart(given, HOME, lambda record: record["day"])
        assert "New" == entry.record["title"]
