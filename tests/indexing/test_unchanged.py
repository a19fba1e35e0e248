"""Builds with nothing new: a copy that is what a fresh build gives, and nothing but that is ever copied."""

from __future__ import annotations

import contextlib
import gzip
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from semsearch.articles import FACET_FIELDS, Filter
from semsearch.engine import Engine
from semsearch.errors import EncoderUnavailable, StorageFailed
from semsearch.index.manifest import read_manifest, write_manifest
from semsearch.index.protocol import LexicalQuery
from semsearch.indexing import unchanged
from semsearch.indexing.build import Build
from semsearch.indexing.progress import BuildReport, Progress
from semsearch.options import EncoderOptions, LexicalOptions, PassageOptions, VectorOptions
from semsearch.settings import Settings
from semsearch.sources.opening import read_all
from tests.crash.harness import check_search, state_of
from tests.fakes import HashingEncoder
from tests.index.making import article, engine_at, filled, flip, live_ids
from tests.index.test_faults import fill_up, mounted

Record = dict[str, object]
TABLES = ("meta", "articles", "bodies", "passages", "bands", "boilerplate", "changes")
WORDS = ("ferry", "strike", "harbour", "subscribe", "vote", "nothing")


def records(count: int = 40) -> list[Record]:
    """Articles with all fields, of a few stories, some of them copies, with a footer, in two languages."""
    made: list[Record] = []
    for number in range(count):
        topic = ("The ferry strike", "A vote on the harbour", "Die Fähre im Hafen")[number % 3]
        text = " ".join(f"{topic} goes on for word{number // 3 * 3 + more} days." for more in range(9))
        footer = "Subscribe to our newsletter and never miss a story from the newsroom again."
        made.append(
            {
                "id": f"a{number}",
                "title": f"{topic} {number}",
                "body": f"{text if number % 5 else 'One copy. ' * 40}\n\n{footer}",
                "published_at": f"2026-02-{1 + number % 20:02}T08:30:00+02:00",
                "section": "Local" if number % 2 else "Economy",
                "author": ["Ann Ode", "Bo Rowe"],
                "tags": ["sea"],
                "url": f"https://news.example/{number}",
                "extra": {"z": 1, "a": {"y": [1.5, None], "b": "ü"}},
            }
        )
    return made


def written(folder: Path, articles: list[Record]) -> str:
    """A file of records."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "articles.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in articles), "utf-8")
    return str(path)


def built(engine: Engine, source: str | None, **options: bool) -> BuildReport:
    """A build whose generation is sound and live."""
    report = engine.build([source] if source else [], **options)
    assert report.generation == engine.folder.current()
    assert () == engine.verify().problems
    return report


def held(engine: Engine) -> dict[str, object]:
    """All that the live generation holds, and how it answers by vector, word and typing."""
    path = engine.folder.generation_path(engine.folder.current())
    found: dict[str, object] = {}
    with contextlib.closing(sqlite3.connect(path / "store.db")) as store:
        for table in TABLES:
            found[table] = sorted(store.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
    with engine.index.snapshot() as view:
        rows = view.matching(Filter())
        assert len(rows) == view.counts().articles
        found["articles as given"] = view.articles(rows)
        found["groups"] = view.duplicate_groups(rows).tolist()
        found["stories"] = view.stories(rows).tolist()
        found["kept"] = view.kept_texts(rows)
        found["passages of"] = [view.passages(int(row)) for row in rows]
        found["vectors"] = [view.passage_vectors(int(row)).tobytes() for row in rows]
        found["facets"] = view.facets(rows, FACET_FIELDS)
        vector = HashingEncoder().encode_queries(["ferry vote"])[0]
        near = view.vector_candidates(vector, limit=50, where=Filter())
        found["near"] = (near.rows.tolist(), near.scores.tobytes(), near.passages.tolist())
        for word in WORDS:
            hits = view.lexical_candidates(LexicalQuery(words=(word,)), limit=50, where=Filter())
            found[f"word {word}"] = (hits.rows.tolist(), hits.scores.tobytes(), hits.total)
            found[f"typed {word}"] = [lot.tolist() for lot in view.complete_titles(word[:3])]
            found[f"words {word}"] = view.complete_words(word[:3], limit=9)
    manifest = read_manifest(path)
    found["manifest"] = (manifest.encoder, manifest.articles, manifest.passages, manifest.change)
    found["made of"] = unchanged.made_of(manifest.settings)
    return found


@pytest.mark.parametrize("from_source", [True, False], ids=["the same source", "the live articles"])
def test_a_copy_is_what_a_fresh_build_gives(tmp_path, from_source):
    """Rows, passages, vectors, scores, stories, groups, typing help, and what is said of the articles."""
    source = written(tmp_path, records())
    again = source if from_source else None
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        first = built(engine, source)
        copy = built(engine, again)
        copied = held(engine)
        fresh = built(engine, again, fresh=True)
        assert (None, first.generation, None) == (first.same_as, copy.same_as, fresh.same_as)
        assert first.generation < copy.generation < fresh.generation
        made = held(engine)
        if from_source:  # a copy keeps what is known of the source, a build from the live articles has none
            assert made["made of"] == copied["made of"]
        assert {**made, "made of": None} == {**copied, "made of": None}
        assert fresh.notes == tuple(note for note in copy.notes if "files were copied" not in note)
        assert any("shown but not searched" in note for note in copy.notes)
        assert len(copied["boilerplate"]) > 0
        assert 1 < len(set(copied["groups"])) < 40
        assert (0, copy.passages) == (copy.embedded, copy.reused)
        assert (fresh.articles, fresh.passages) == (copy.articles, copy.passages)


def test_a_copy_of_a_copy_still_knows_its_source_and_its_live_articles(tmp_path):
    """Each is named as what the next one has nothing new since."""
    source = written(tmp_path, records(9))
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        made = [built(engine, one) for one in (source, source, None, source, None)]
    assert [None, *(one.generation for one in made[:-1])] == [one.same_as for one in made]


def test_a_copy_shares_no_file_with_what_it_was_copied_from(tmp_path):
    """Damage to one leaves the other, which is the way back, whole; removing one does, too."""
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        first = built(engine, written(tmp_path, records(9))).generation
        second = built(engine, None).generation
        for name in read_manifest(engine.folder.generation_path(second)).files:
            file = engine.folder.generation_path(second) / name
            assert 1 == file.stat().st_nlink
            assert file.read_bytes() == (engine.folder.generation_path(first) / name).read_bytes()
            flip(file, 5)
            assert () == engine.verify(first).problems
        engine.activate(first)
        assert 9 == len(live_ids(engine))


# --- what is not even read ----------------------------------------------------------------------------------


class ReadError(Exception):
    """Raised where articles are read that need not be."""


@pytest.fixture
def unread(monkeypatch) -> Callable[[], None]:
    """Forbids from its call on that any article is read."""

    def forbid() -> None:
        def read(*_: object) -> None:
            raise ReadError

        monkeypatch.setattr("semsearch.indexing.spool.Spool.add", read)

    return forbid


@pytest.mark.parametrize("form", ["file", "folder", "gzip"])
def test_files_that_are_as_they_were_are_not_read(tmp_path, unread, form):
    """Nor what the live index holds; what was said when they were read is said again."""
    articles = [*records(9), {"id": "odd", "title": "Odd", "published_at": "soon"}]
    source = Path(written(tmp_path / "from", articles))
    if form == "gzip":
        source = source.with_suffix(".jsonl.gz")
        source.write_bytes(gzip.compress(Path(written(tmp_path / "from", articles)).read_bytes()))
    given = str(source.parent if form == "folder" else source)
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        first = built(engine, given)
        unread()
        copy = built(engine, given)
        assert (first.generation, 10, first.passages) == (copy.same_as, copy.articles, copy.passages)
        assert any("'published_at'" in note for note in first.notes)
        assert set(first.notes) == {note for note in copy.notes if "files were copied" not in note}
        assert copy.generation == built(engine, None).same_as
        with pytest.raises(ReadError):
            engine.build([given], fresh=True)
        engine.delete(["a1"])
        with pytest.raises(ReadError):
            engine.build([])


def test_a_source_with_rejects_is_read_each_time_and_they_are_kept_each_time(tmp_path):
    """It is copied all the same, for its good articles are as they were."""
    source = written(tmp_path, [*records(3), {"title": "No id"}])
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        first = built(engine, source)
        copy = built(engine, source)
        assert (first.generation, 1, 1) == (copy.same_as, first.rejected, copy.rejected)
        assert copy.rejects_file is not None
        assert "No id" in copy.rejects_file.read_text("utf-8")


def test_a_source_that_changes_while_it_is_read_is_read_the_next_time(tmp_path):
    """Else its articles of then would pass for those of the file of before."""
    articles = records(3)
    source = Path(written(tmp_path, articles))
    before = source.read_bytes()
    changed = Path(
        written(tmp_path / "changed", [articles[0] | {"title": "Another"}, *articles[1:]])
    ).read_bytes()
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        real = Build._read

        def read(*given):
            source.write_bytes(changed)  # after it was digested, before it is read
            real(*given)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Build, "_read", read)
            built(engine, str(source))
        source.write_bytes(before)
        assert "Another" == engine.show("a0").title
        assert built(engine, str(source)).same_as is None
        assert "Another" != engine.show("a0").title


def test_a_file_that_comes_while_a_folder_is_opened_is_read_the_next_time(tmp_path, monkeypatch):
    """It may have come too late to be read, but in time to be digested."""
    folder = tmp_path / "from"
    written(folder, records(3))

    def opened(*given):
        articles = read_all(*given)
        (folder / "b.jsonl").write_text('{"id": "late", "title": "Late"}\n', "utf-8")
        return articles

    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        monkeypatch.setattr("semsearch.indexing.intake.read_all", opened)
        assert 3 == built(engine, str(folder)).articles
        assert 4 == built(engine, str(folder)).articles


def test_a_copy_remembers_the_file_that_gave_the_same_articles(tmp_path, unread):
    """The next build from that file need not read it."""
    one, two = written(tmp_path / "one", records(3)), written(tmp_path / "two", records(3))
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        built(engine, one)
        copy = built(engine, two)
        unread()
        assert copy.generation == built(engine, two).same_as
        with pytest.raises(ReadError):
            engine.build([one])


@pytest.fixture
def known(monkeypatch) -> Callable[[HashingEncoder | None], None]:
    """Makes engines without an encoder of their own know theirs; loading gives this one, or must not be."""
    monkeypatch.setattr("semsearch.encoder.factory.would_load", lambda *_: True)

    def loads(encoder: HashingEncoder | None) -> None:
        def load(*_: object, **__: object) -> HashingEncoder:
            assert encoder is not None, "it was loaded"
            return encoder

        monkeypatch.setattr("semsearch.encoder.factory.load_encoder", load)

    return loads


def test_no_encoder_is_loaded_where_nothing_is_new(tmp_path, known):
    """With a text that is new it is; where that is another one than was known, nothing is built."""
    articles = records(3)
    settings = Settings(indexes=tmp_path / "indexes", index="news")
    with contextlib.closing(engine_at(settings.indexes)) as engine:
        first = built(engine, written(tmp_path, articles))
    known(None)
    with contextlib.closing(Engine(settings)) as engine:
        assert first.generation == built(engine, written(tmp_path, articles)).same_as
        copy = built(engine, None)
    articles[1]["title"] = "Another title"
    known(HashingEncoder(32))
    with (
        contextlib.closing(Engine(settings)) as engine,
        pytest.raises(EncoderUnavailable, match="run it again"),
    ):
        engine.build([written(tmp_path, articles)])
    assert copy.generation == engine.folder.current()
    assert not list(engine.folder.generations_path.glob("*.building"))
    known(HashingEncoder())
    with contextlib.closing(Engine(settings)) as engine:
        report = built(engine, written(tmp_path, articles))
        assert (None, True) == (report.same_as, report.embedded > 0)


# --- what is new --------------------------------------------------------------------------------------------


def changed(number: int, **fields: object) -> Callable[[list[Record]], list[Record]]:
    """The records with other fields in one of them."""
    return lambda given: [one | fields if at == number else one for at, one in enumerate(given)]


NEW: dict[str, Callable[[list[Record]], list[Record]]] = {
    "one character": changed(7, body="The ferry strike goes on for word6 day."),
    "one date": changed(7, published_at="2026-02-09T08:30:01+02:00"),
    "something else of one": changed(7, extra={"z": 2}),
    "no tags": changed(7, tags=[]),
    "the order": lambda given: [given[1], given[0], *given[2:]],
    "one less": lambda given: given[:-1],
    "one more": lambda given: [*given, {"id": "more", "title": "One more"}],
}


@pytest.mark.parametrize("change", NEW.values(), ids=NEW)
def test_articles_that_differ_in_anything_are_built(tmp_path, change):
    """And the result is what an index that never held the others would hold."""
    articles = records(9)
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        built(engine, written(tmp_path, articles))
        assert built(engine, written(tmp_path, change(articles))).same_as is None
        result = held(engine)
    with contextlib.closing(engine_at(tmp_path / "other")) as other:
        built(other, written(tmp_path, change(articles)))
        assert held(other) == result


def test_the_same_articles_in_another_file_and_writing_are_nothing_new(tmp_path):
    """It is the articles that count: the order of fields, the zone of a date, blanks around a title."""
    articles = records(9)
    other = [
        dict(reversed(one.items()))
        | {"published_at": str(one["published_at"]).replace("08:30:00+02:00", "06:30:00Z")}
        for one in articles
    ]
    other[3]["title"] = f"  {other[3]['title']} "
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        first = built(engine, written(tmp_path / "one", articles))
        assert first.generation == built(engine, written(tmp_path / "two", other)).same_as


OTHER: dict[str, Callable[[Settings], Settings]] = {
    "passages": lambda given: replace(given, passages=PassageOptions(tokens=20)),
    "lexical": lambda given: replace(given, lexical=LexicalOptions(language="german")),
    "vectors": lambda given: replace(given, vectors=VectorOptions(kind="exact")),
}


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_another_option_of_a_build_is_built(tmp_path, other):
    """With it, and then the same again is nothing new."""
    source = written(tmp_path, records(9))
    settings = Settings(indexes=tmp_path / "indexes", index="news")
    with contextlib.closing(Engine(settings, encoder=HashingEncoder())) as engine:
        built(engine, source)
    with contextlib.closing(Engine(other(settings), encoder=HashingEncoder())) as engine:
        report = built(engine, source)
        assert report.same_as is None
        assert report.generation == built(engine, source).same_as


def test_an_option_that_shapes_nothing_is_told_by_the_manifest_of_a_copy(tmp_path):
    """How many threads the encoder has, for one."""
    source = written(tmp_path, records(3))
    settings = Settings(indexes=tmp_path / "indexes", index="news")
    with contextlib.closing(Engine(settings, encoder=HashingEncoder())) as engine:
        first = built(engine, source)
    threads = replace(settings, encoder=EncoderOptions(threads=3))
    with contextlib.closing(Engine(threads, encoder=HashingEncoder())) as engine:
        copy = built(engine, source)
        manifest = read_manifest(engine.folder.generation_path(copy.generation))
    assert (first.generation, first.generation) == (copy.same_as, manifest.parent)
    assert 3 == manifest.settings["encoder"]["threads"]


@pytest.mark.parametrize(
    "encoder",
    [HashingEncoder(name="other"), HashingEncoder(32), HashingEncoder(max_tokens=40)],
    ids=["name", "dimension", "window"],
)
def test_another_encoder_is_built(tmp_path, encoder):
    """Whatever of it is another."""
    source = written(tmp_path, records(9))
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        built(engine, source)
    with contextlib.closing(engine_at(tmp_path / "indexes", encoder=encoder)) as engine:
        report = built(engine, source)
        assert report.same_as is None
        assert report.embedded > 0


@pytest.mark.parametrize("part", ["code_digest", "_version"])
def test_other_code_or_another_library_is_built(tmp_path, monkeypatch, part):
    """An upgrade may cut, sign or index otherwise."""
    source = written(tmp_path, records(9))
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        built(engine, source)
        monkeypatch.setattr(unchanged, part, lambda *_: "another")
        assert built(engine, source).same_as is None
        assert built(engine, source).same_as is not None


def test_the_code_is_told_by_its_content_wherever_it_lies(tmp_path, monkeypatch):
    """A changed module counts, one of a room that builds nothing does not."""
    for place in ("__init__.py", "stories.py", "index/store.py", "service/app.py"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("1", "utf-8")
    monkeypatch.setattr(unchanged.semsearch, "__file__", str(tmp_path / "__init__.py"))
    plain = unchanged.code_digest.__wrapped__
    before = plain()
    (tmp_path / "service" / "app.py").write_text("2", "utf-8")
    assert before == plain()
    (tmp_path / "index" / "store.py").write_text("2", "utf-8")
    assert before != plain()


def put(engine: Engine) -> None:
    """One article more."""
    engine.add_articles([article(30, 1)])


def put_and_take_back(engine: Engine) -> None:
    """The articles are as before."""
    engine.add_articles([article(30, 1)])
    engine.delete(["a30"])


def put_and_go_back(engine: Engine) -> None:
    """Carries the change into a generation that was live before."""
    built(engine, None, fresh=True)
    engine.add_articles([article(30, 1)])
    engine.rollback()


def restore_with_changes(engine: Engine) -> None:
    """Its journal is empty, its rows are not those of the build."""
    engine.add_articles([article(30, 1)])
    file = engine.folder.path.parent / "snapshot.tar"
    engine.snapshot(file)
    engine.restore(file)


@pytest.mark.parametrize("change", [put, put_and_take_back, put_and_go_back, restore_with_changes])
def test_after_a_live_change_all_is_built(tmp_path, change):
    """From the live articles and from the source: what came over the API is kept either way."""
    given = [article(number, 1) for number in range(6)]
    texts = [{"id": one.id, "title": one.title, "body": one.body, "language": "en"} for one in given]
    source = written(tmp_path, texts)
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        built(engine, source)
        change(engine)
        expected = state_of(engine)
        assert built(engine, None).same_as is None
        assert expected == state_of(engine)
        change(engine)
        expected = state_of(engine)
        built(engine, source)
        assert expected == state_of(engine)
        check_search(engine)
        built(engine, source, drop_others=True)
        assert {f"a{number}" for number in range(6)} == set(live_ids(engine))
        check_search(engine)


def test_a_change_made_while_it_copies_is_carried(tmp_path):
    """As in any build."""
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        source = written(tmp_path, records(6))
        first = built(engine, source)
        writer = engine_at(tmp_path / "indexes")

        def heard(progress: Progress) -> None:
            if progress.note == "nothing is new":
                writer.add_articles([article(30, 1)])
                writer.delete(["a2"])

        report = engine.build([source], on_progress=heard)
        assert first.generation == report.same_as
        assert any("2 live changes made during the build" in note for note in report.notes)
        assert sorted(["a0", "a1", "a3", "a30", "a4", "a5"]) == live_ids(engine)
        assert () == engine.verify().problems
        assert built(engine, source).same_as is None
        writer.close()


def test_an_empty_index_is_copied_too(tmp_path):
    """There is nothing to look at, and nothing new."""
    with contextlib.closing(engine_at(tmp_path)) as engine:
        engine.ensure()
        first = engine.folder.current()
        assert (first, 0) == ((report := built(engine, None)).same_as, report.articles)


def test_a_generation_of_before_this_was_kept_is_built(tmp_path):
    """One that does not say what it was made of, or says it otherwise."""
    source = written(tmp_path, records(6))
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        for odd in (None, {}, {"articles": "x"}, "word", {"articles": "x", "recipe": "x", "source": 2}):
            built(engine, source, fresh=True)
            path = engine.folder.generation_path(engine.folder.current())
            manifest = read_manifest(path)
            settings = {**manifest.settings, unchanged.SETTING: odd}
            if odd is None:
                del settings[unchanged.SETTING]
            write_manifest(path, replace(manifest, settings=settings))
            assert built(engine, source).same_as is None
            assert built(engine, source).same_as is not None


# --- damage, full disks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("if_new", [False, True], ids=["copied", "left"])
@pytest.mark.parametrize("damage", ["flipped", "missing"])
def test_a_damaged_generation_is_neither_copied_nor_left(tmp_path, damage, if_new):
    """Each file of it: all is built anew from the source, and why is said."""
    source = written(tmp_path, records(6))
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        names = read_manifest(engine.folder.generation_path(built(engine, source).generation)).files
        for at in range(len(names)):
            path = engine.folder.generation_path(built(engine, source, fresh=True).generation)
            file = path / sorted(read_manifest(path).files)[at]
            flip(file, file.stat().st_size - 1) if damage == "flipped" else file.unlink()
            report = built(engine, source, if_new=if_new)
            assert (None, 6) == (report.same_as, report.articles)
            assert any(file.name in note and "built anew" in note for note in report.notes), report.notes
            assert [path.name, report.generation] == engine.folder.generations()[-2:]
            engine.prune(1)


@pytest.mark.parametrize("leave", [0, 4_000, 60_000, 150_000])
def test_a_full_disk_in_a_copy_leaves_the_live_generation(tmp_path, leave):
    """One clear error and no leftovers; with space it goes through."""
    with mounted(tmp_path / "disk", "-t", "tmpfs", "-o", "size=6m", "tmpfs") as disk:
        engine = filled(disk / "indexes", 1, count=20)
        live, expected = engine.folder.current(), state_of(engine)
        ballast = fill_up(disk, leave)
        with pytest.raises(StorageFailed, match=r"disk is full|free some space|disk I/O"):
            engine.build([])
        assert live == engine.folder.current()
        assert [live] == [path.name for path in engine.folder.generations_path.iterdir()]
        assert not (engine.folder.path / "spool.jsonl").exists()
        ballast.unlink()
        assert live == built(engine, None).same_as
        assert expected == state_of(engine)
        engine.close()


# --- nothing published --------------------------------------------------------------------------------------


def test_with_if_new_the_live_generation_stays_where_nothing_is_new(tmp_path):
    """No generation more, so that those to go back to stay different ones; with anything new there is one."""
    articles = records(6)
    source = written(tmp_path, articles)
    with contextlib.closing(engine_at(tmp_path / "indexes")) as engine:
        first = built(engine, source, if_new=True)
        kept = built(engine, source, if_new=True)
        assert (first.generation, first.generation) == (kept.generation, kept.same_as)
        assert (6, first.passages, 0) == (kept.articles, kept.passages, kept.embedded)
        assert any("stays live" in note for note in kept.notes)
        assert [first.generation] == engine.folder.generations()
        articles[0]["title"] = "Another"
        assert first.generation < built(engine, written(tmp_path, articles), if_new=True).generation
        engine.add_articles([article(30, 1)])
        assert built(engine, None, if_new=True).same_as is None
        assert 3 == len(engine.folder.generations())
