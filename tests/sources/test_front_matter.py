"""Fields in front of a page, in the forms in which sites write them, and those that do not end."""

from __future__ import annotations

import pytest

from semsearch.errors import ArticleInvalid
from semsearch.sources.front_matter import split_front_matter
from tests.sources.making import read_back


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: Bread\ndraft: true\nThe bakers strike.",
        "---\ntitle: Bread\ndraft: true\n\nThe bakers strike.\n\nThey are many.\n",
        "\n---\n# fields\ntitle: Bread\ntags:\n  - rye\n\nThe bakers strike.",
        "---\ncascade:\n  draft: true\nBread.",
        "+++\ntitle = 'Bread'\ndraft = true\n\nThe bakers strike.",
        ';;;\n"title": "Bread",\n"draft": true\n\nThe bakers strike.',
        '{"title": "Bread", "draft": true,\n\nThe bakers strike.',
        "---yaml\ndraft: true\nBread.",
        "---\ntitle: " + "x" * 110_000 + "\ndraft: true\n---\nBread.",
    ],
    ids=lambda text: text[:30],
)
def test_front_matter_that_never_ends_is_refused(text):
    """What it says of being published must not become text; the error says where it begins."""
    with pytest.raises(ArticleInvalid, match=r"never closed|is it closed") as caught:
        split_front_matter(text, "bread.md")
    assert "bread.md" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "fields", "body"),
    [
        ("Title: Bread\nStatus: draft\n\nDough.", {"Title": "Bread", "Status": "draft"}, "\nDough."),
        ("Title: Bread\nStatus: draft\nDough.", {"Title": "Bread", "Status": "draft"}, "Dough."),
        ("Title: Bread\n    and rye\nTags: a, b\n\nX", {"Title": "Bread and rye", "Tags": "a, b"}, "\nX"),
        ("draft: true\n\nDough.", {"draft": "true"}, "\nDough."),
        ("title: Bread\ndraft: true\n---\nDough.", {"title": "Bread", "draft": "true"}, "Dough."),
        ("---json\n{\"draft\": true}\n---\nDough.", {"draft": True}, "Dough."),
        ("---toml\ndraft = true\n---\nDough.", {"draft": True}, "Dough."),
        (';;;\n"draft": true\n;;;\nDough.', {"draft": True}, "Dough."),
        ("----\ndraft: true\n----\nDough.", {"draft": "true"}, "Dough."),
        ("---\ndraft: true\n...\nDough.", {"draft": "true"}, "Dough."),
        ("---\ndraft: true\ntitle: A\ndraft: false\n---\nX", {"draft": ["true", "false"], "title": "A"}, "X"),
        ('{"draft": true, "draft": false}\nX', {"draft": [True, False]}, "\nX"),
        ("---\ntitle: A\ntitle: B\n---\nX", {"title": "B"}, "X"),
    ],
)  # fmt: skip
def test_the_forms_in_which_fields_are_written(text, fields, body):
    """Fences of other systems, headers without one; of two values both, if they say who may see the page."""
    assert (fields, body) == split_front_matter(text, "bread.md")


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nA rule stands above.",
        "---\nNote: the rule above\nis only a rule.",
        "Anna: No bread!\nBen: No cake!\n\nThey went.",
        "Live: the bakers march\n\nThey are many.",
        "Public: all may come\n\nThey are many.",
        "Warning: hot.\n\nText",
        "Bread\n---\nDough.",
        "{ dough in braces }",
        "Release date: 3 May 2024\nDirector: Ann Ode\nLength: 90 minutes\n\nA film of bread.",
    ],
)
def test_a_text_that_looks_a_little_like_fields_stays_a_text(text):
    """Rules across the page, speakers, a first line with a colon."""
    assert ({}, text) == split_front_matter(text, "bread.md")


def test_a_draft_by_its_header_or_its_missing_end_is_not_shown(tmp_path):
    """The first is hidden, the second is rejected and counted; HTML pages may have such fields too."""
    (tmp_path / "a.md").write_text("Title: Bread\nStatus: draft\n\nDough.")
    (tmp_path / "b.md").write_text("---\ntitle: Bread\ndraft: true\n\nDough.")
    (tmp_path / "c.html").write_text("---\ntitle: Bread\ndraft: true\n---\n<p>Dough.</p>")
    (tmp_path / "d.md").write_text("---\ntitle: Bread\ndraft: true\ndraft: false\n---\nDough.")
    found, report = read_back(tmp_path)
    assert {"a": "draft", "c": "draft", "d": "draft"} == {key: one.status for key, one in found.items()}
    assert 1 == report.tally().rejected
