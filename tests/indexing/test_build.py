"""Builds: nothing is encoded twice, a stopped one goes on, and live articles join what they copy."""

from __future__ import annotations

import json

import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from tests.fakes import HashingEncoder
from tests.index.making import article, engine_at, filled, live_ids

LONG = " ".join(f"word{number} about harbour and ferry" for number in range(30))


def source_of(folder, articles: list[Article]) -> str:
    """A file of articles."""
    path = folder / "articles.jsonl"
    lines = [json.dumps({"id": one.id, "title": one.title, "body": one.body}) for one in articles]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


def test_a_second_build_encodes_nothing(tmp_path):
    """Every text is known, whatever generation it was in."""
    source = source_of(tmp_path, [article(number, 1) for number in range(9)])
    first = engine_at(tmp_path / "indexes")
    assert 9 == first.build([source]).embedded
    first.close()
    encoder = HashingEncoder()
    second = engine_at(tmp_path / "indexes", encoder=encoder)
    report = second.build([source], fresh=True)
    assert (0, 0, 9) == (encoder.encoded, report.embedded, report.reused)
    second.close()


class Failing(HashingEncoder):
    """Breaks down after so many passages."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after

    def encode_passages(self, texts):
        if self.encoded + len(texts) > self._after:
            raise MemoryError
        return super().encode_passages(texts)


def test_a_build_that_breaks_goes_on_from_what_was_encoded(tmp_path):
    """The live generation is as it was, nothing is left behind, and no text is encoded again."""
    source = source_of(tmp_path, [article(number, 1) for number in range(600)])
    broken = engine_at(tmp_path / "indexes", encoder=Failing(300))
    with pytest.raises(MemoryError):
        broken.build([source])
    assert [] == list(broken.folder.generations_path.iterdir())
    broken.close()
    encoder = HashingEncoder()
    again = engine_at(tmp_path / "indexes", encoder=encoder)
    report = again.build([source])
    assert (600, 256) == (report.articles, report.reused)
    assert 344 == encoder.encoded
    again.close()


@pytest.mark.slow
def test_a_thousand_articles_in_one_add(tmp_path):
    """One result an article, in their order, all found."""
    engine = filled(tmp_path, 1)
    results = engine.add_articles([article(number, 1) for number in range(100, 1100)])
    assert [f"a{number}" for number in range(100, 1100)] == [one.article_id for one in results]
    assert {"added"} == {one.outcome for one in results}
    assert 1006 == len(live_ids(engine))
    engine.close()


def groups(engine: Engine, *ids: str) -> list[int]:
    """The duplicate group of each article."""
    import numpy as np

    with engine.index.snapshot() as view:
        return view.duplicate_groups(np.array([view.row_of(one) for one in ids])).tolist()


def test_a_live_copy_joins_the_group_of_what_it_copies(tmp_path):
    """In the base and in the delta; another text does not."""
    engine = engine_at(tmp_path)
    engine.add_articles([Article(id="first", title="Ferry news", body=LONG), article(1, 1)])
    engine.build([])
    engine.add_articles([Article(id="copy", title="Ferry news", body=LONG)])
    engine.add_articles([Article(id="third", title="Ferry news", body=LONG), article(2, 1)])
    first, copy, third, other, another = groups(engine, "first", "copy", "third", "a1", "a2")
    assert first == copy == third
    assert 3 == len({first, other, another})
    engine.close()


def test_boilerplate_found_by_a_build_is_cut_from_articles_that_come_later(tmp_path):
    """The rows that say what it is are kept with the generation, and by the next build."""
    footer = "Subscribe to our newsletter today and never miss a story from the newsroom again."
    articles = [
        Article(id=f"a{n}", title=f"T{n}", body=f"{article(n, 1).body}\n\n{footer}") for n in range(40)
    ]
    engine = engine_at(tmp_path / "indexes")
    engine.build([source_of(tmp_path, articles)])
    with engine.index.snapshot() as view:
        rows = view.boilerplate()
    assert rows
    engine.add_articles([Article(id="late", title="Late", body=f"A late story.\n\n{footer}")])
    from semsearch.articles import Filter
    from semsearch.index.protocol import LexicalQuery

    with engine.index.snapshot() as view:
        found = view.lexical_rows(LexicalQuery(words=("newsletter",)), where=Filter())
        assert "late" not in view.ids(found)
    engine.close()


def drifting(step: int) -> Article:
    """Texts of which neighbours are copies, and the ends of a row of them are not."""
    words = LONG.split()
    changed = [f"new{number}" for number in range(step * 14)]
    return Article(id=f"d{step}", title="Ferry news", body=" ".join(changed + words[len(changed) :]))


def test_live_copies_join_what_a_build_would_put_them_with(tmp_path):
    """A row of texts that drift apart makes no chain: each is a copy of its group's first article."""
    articles = [drifting(step) for step in range(8)]
    ids = [one.id for one in articles]
    live = engine_at(tmp_path / "live")
    for one in articles:
        live.add_articles([one])
    built = engine_at(tmp_path / "built")
    built.build([source_of(tmp_path, articles)])
    expected, actual = groups(built, *ids), groups(live, *ids)
    assert 1 < len(set(expected)) < len(ids)
    assert [expected.index(one) for one in expected] == [actual.index(one) for one in actual]
    live.close()
    built.close()


def stories(engine: Engine, *ids: str) -> list[int]:
    """The story of each article."""
    import numpy as np

    with engine.index.snapshot() as view:
        return view.stories(np.array([view.row_of(one) for one in ids])).tolist()


def test_a_change_carried_to_another_generation_stays_in_its_story(tmp_path):
    """As does an article that began a story live, and what joined it."""
    engine = engine_at(tmp_path)
    engine.add_articles([Article(id="base", title="Ferry news", body=LONG), article(1, 1)])
    before = engine.status().generation
    engine.build([])
    engine.add_articles([Article(id="more", title="Ferry strike", body=f"{LONG} strike")])
    opening = "telescope glacier volcano planet orbit"
    engine.add_articles([Article(id="new", title="Sky", body=opening)])
    engine.add_articles([Article(id="joins", title="Sky again", body=f"{opening} again")])
    base, more, new, joins = stories(engine, "base", "more", "new", "joins")
    assert base == more != new == joins
    engine.activate(before)
    base, more, new, joins = stories(engine, "base", "more", "new", "joins")
    assert base == more != new == joins
    engine.close()
