"""The lexical index on disk: languages, damage, versions, immutability."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from semsearch.errors import FormatTooNew, IndexCorrupt, SettingsInvalid, StorageFailed
from semsearch.index.lexical import LexicalBase, LexicalBuilder, LexicalDocument, LexicalIndex
from semsearch.index.protocol import LexicalQuery
from semsearch.options import LexicalOptions
from tests.index.lexical_cases import base_of, index_of, made_up
from tests.index.making import rewrite

MIXED = [
    LexicalDocument("en", "Elections", "The houses voted.", language="en"),
    LexicalDocument("de", "Wahlen", "Die Häuser stimmten ab.", language="de"),
    LexicalDocument("pl", "Wybory", "Domy głosowały.", language="pl"),
    LexicalDocument("none", "Election", "A house voted."),
]


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file with its bytes."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("late", [0, 2, 4])
def test_articles_are_stemmed_by_their_own_language(tmp_path, late):
    """One query finds the forms of a word in each language that the index holds, and of no other."""
    index = index_of(tmp_path, MIXED, late=late)
    found = {word: index.rows(LexicalQuery((word,))).tolist() for word in ("election", "Haus", "głosowały")}
    assert {"election": [0, 3], "Haus": [1], "głosowały": [2]} == found
    assert [2, 1] == index.document_frequency(["houses", "Wahl"])
    assert [1] == index.rows(LexicalQuery(phrases=("die haus",))).tolist()
    assert [0, 3] == index.rows(LexicalQuery(("house", "haus"), excluded=("Wahl",))).tolist()


def test_the_setting_stems_articles_that_name_no_language(tmp_path):
    """In an index set to German, an article without a language is German."""
    docs = [LexicalDocument("a", "Die Häuser"), LexicalDocument("b", "The houses", language="en")]
    index = LexicalIndex(base_of(tmp_path, docs, language="german"))
    assert [0] == index.rows(LexicalQuery(("Haus",))).tolist()
    assert {"german": 1, "english": 1} == dict(index.stats.languages)
    assert [("haus", 4, 10)] == index.analyse("Die Häuser")[1:]


def test_an_unsupported_language_is_refused_before_anything_is_written(tmp_path):
    """A setting without a stemmer is the setting's fault, and leaves no folder behind."""
    with pytest.raises(SettingsInvalid, match="klingon"):
        LexicalBuilder(tmp_path / "lexical", LexicalOptions(language="klingon"))
    assert not (tmp_path / "lexical").exists()


def test_rows_must_ascend(tmp_path):
    """A row that does not ascend is a fault of the caller, in base and delta."""
    builder = LexicalBuilder(tmp_path, LexicalOptions())
    builder.add(4, MIXED[0])
    with pytest.raises(ValueError, match="row 4 comes after row 4"):
        builder.add(4, MIXED[1])
    builder.finish()
    index = LexicalIndex(LexicalBase(tmp_path))
    index.append(7, MIXED[1])
    with pytest.raises(ValueError, match="row 6 comes after row 7"):
        index.append(6, MIXED[2])
    assert [4] == index.base_rows().tolist()
    assert [4, 7] == index.rows(LexicalQuery(("elections", "Wahlen", "Wybory"))).tolist()


def test_a_base_is_never_written_again(tmp_path):
    """Opening, searching and appending to the delta leave every file as it was built."""
    base_of(tmp_path, made_up(40))
    before = content_of(tmp_path)
    index = LexicalIndex(LexicalBase(tmp_path))
    index.append(40, MIXED[0])
    assert len(index.rows(LexicalQuery(("senate", "elections")))) > 1
    assert before == content_of(tmp_path)


@pytest.mark.parametrize("damage", ["removed", "cut"])
@pytest.mark.parametrize("kind", ["idx", "term", "fast", "fieldnorm", "pos", "meta.json", "lexical.json"])
def test_damage_is_an_index_fault_that_says_where_and_what_to_do(tmp_path, kind, damage):
    """A file that is missing or cut short is reported at opening or at the first search, by folder."""
    base_of(tmp_path, made_up(40))
    path = next(path for path in tmp_path.iterdir() if path.name.endswith(kind))
    if damage == "removed":
        path.unlink()
    else:
        rewrite(path, path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(IndexCorrupt, match=rf"{tmp_path}.*(roll back|build)"):
        LexicalIndex(LexicalBase(tmp_path)).search(LexicalQuery(("senate",), ("north korea",)), limit=5)


def test_a_missing_folder_is_an_index_fault(tmp_path):
    """So is one that is not there at all."""
    with pytest.raises(IndexCorrupt, match="nowhere"):
        LexicalBase(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("format", 99, FormatTooNew),
        ("analysis", 99, FormatTooNew),
        ("analysis", 0, IndexCorrupt),
        ("articles", 41, IndexCorrupt),
        ("terms", {}, IndexCorrupt),
    ],
)
def test_statistics_are_checked(tmp_path, field, value, error):
    """Another version, a count that is not the index's, or a missing part is refused."""
    base_of(tmp_path, made_up(40))
    path = tmp_path / "lexical.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    with pytest.raises(error, match=r"build the index again"):
        LexicalBase(tmp_path)


def test_a_folder_that_cannot_be_written_is_reported(tmp_path):
    """A file in the place of the folder is a storage fault that names it."""
    (tmp_path / "lexical").write_text("in the way")
    with pytest.raises(StorageFailed, match="lexical"):
        LexicalBuilder(tmp_path / "lexical", LexicalOptions())


def test_a_disk_that_vanishes_during_a_build_is_reported(tmp_path):
    """When writing fails in the middle, the next step says so and what to check."""
    folder = tmp_path / "lexical"
    builder = LexicalBuilder(folder, LexicalOptions())
    builder.add(0, MIXED[0])
    folder.rename(tmp_path / "gone")
    with pytest.raises(StorageFailed, match="free space and permissions"):
        builder.finish()


def test_an_empty_index_finds_nothing(tmp_path):
    """No articles: no rows, no total, and no error."""
    index = index_of(tmp_path, [])
    query = LexicalQuery(("senate",), ("north korea",), ("goal",))
    assert ([], 0) == (index.search(query, limit=5).rows.tolist(), index.search(query, limit=5).total)
    assert [] == index.rows(query).tolist() == index.base_rows().tolist()
    assert [0] == index.document_frequency(["senate"])


@pytest.mark.slow
def test_an_index_of_several_segments_pages_without_gaps(tmp_path, monkeypatch):
    """More than the memory of the writer holds makes segments; any limit is the head of one order."""
    monkeypatch.setattr("semsearch.index.lexical_build._HEAP_BYTES", 15_000_000)  # tantivy's least
    bodies = (" ".join(f"w{number}x{word}" for word in range(400)) for number in range(450))
    docs = [LexicalDocument(f"id{row}", "Senate votes", body) for row, body in enumerate(bodies)]
    index = index_of(tmp_path, docs, late=10)
    assert len(list(tmp_path.glob("*.idx"))) > 1
    query = LexicalQuery(("senate",))
    everything = index.search(query, limit=450).rows.tolist()
    assert list(range(450)) == sorted(everything) == index.rows(query).tolist()
    for limit in (1, 50, 300, 445):
        assert everything[:limit] == index.search(query, limit=limit).rows.tolist()
