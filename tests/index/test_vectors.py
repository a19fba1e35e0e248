"""The vector index as its callers see it: base and delta as one, articles by their best passage."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from semsearch.errors import DimensionMismatch
from semsearch.index.vectors import VectorIndex, build_vectors, vector_files
from tests.index.vectors_data import best_rows, clustered, row_bests, rows_of

DIMENSION = 64
SIZES = {"floats": 3_000, "bytes": 12_000, "lists": 12_000}
TOLERANCE = {"floats": 1e-6, "bytes": 0.01, "lists": 0.01}


class Built:
    """An index with the arrays that it was built from."""

    def __init__(self, folder: Path, name: str, *, count: int | None = None) -> None:
        count = SIZES[name] if count is None else count
        self.name = name
        self.vectors = clustered(count, dimension=DIMENSION)
        self.rows = rows_of(count)
        kind = "lists" if name == "lists" else "exact"
        self.stats = build_vectors(folder, self.vectors, passage_rows=self.rows, kind=kind)
        self.index = VectorIndex.open(folder, dimension=DIMENSION, passage_rows=self.rows)
        self.index.base.worth_lists = lambda matches: matches > 300  # at this size they never are
        self.row_count = int(self.rows.max(initial=-1)) + 1

    def append(self, count: int, *, seed: int = 7) -> None:
        """Append passages of new articles to the index and to the oracle's arrays."""
        vectors = clustered(count, dimension=DIMENSION, seed=seed)
        rows = rows_of(count, seed=seed) + self.row_count
        self.index.append(vectors, rows)
        self.vectors = np.concatenate([self.vectors, vectors])
        self.rows = np.concatenate([self.rows, rows])
        self.row_count = int(rows.max()) + 1


@pytest.fixture(scope="module", params=list(SIZES))
def built(request, tmp_path_factory):
    """One index of each way of storing, with a delta."""
    one = Built(tmp_path_factory.mktemp(request.param), request.param)
    one.append(500)
    return one


@pytest.fixture(scope="module")
def queries():
    """Queries of the same clusters, none of them in an index."""
    return clustered(40, dimension=DIMENSION, seed=1234)


def masks(row_count):
    """Filters from wide to narrow."""
    draw = np.random.default_rng(5)
    return {share: draw.random(row_count) < share for share in (0.95, 0.5, 0.1, 0.01, 0.002)}


class TestBestRows:
    def test_finds_the_best_articles(self, built, queries):
        """Recall of the ten best articles is at least .98 without a filter."""
        recalls = [
            np.isin(
                best_rows(built.vectors, built.rows, query, 10), built.index.best_rows(query, 10).rows
            ).mean()
            for query in queries
        ]
        assert np.mean(recalls) >= 0.98

    def test_floats_are_exact(self, tmp_path, queries):
        """A small index answers exactly as brute force does, in its order."""
        one = Built(tmp_path, "floats")
        for query in queries:
            expected = best_rows(one.vectors, one.rows, query, 50)
            assert expected.tolist() == one.index.best_rows(query, 50).rows.tolist()

    @pytest.mark.parametrize("share", [0.95, 0.5, 0.1, 0.01, 0.002])
    def test_filters_keep_recall(self, built, queries, share):
        """Recall is at least .95 under filters from wide to narrow, and only allowed rows come."""
        allowed = masks(built.row_count)[share]
        recalls = []
        for query in queries:
            found = built.index.best_rows(query, 10, allowed_rows=allowed).rows
            expected = best_rows(built.vectors, built.rows, query, 10, allowed)
            assert allowed[found].all()
            assert len(expected) == len(found)
            recalls.append(np.isin(expected, found).mean())
        assert np.mean(recalls) >= 0.95

    @pytest.mark.parametrize("share", [0.5, 0.1, 0.02])
    def test_a_filter_far_from_the_query_keeps_recall(self, built, queries, share):
        """Where all that is allowed lies about another subject, it is found all the same."""
        recalls = []
        for query, elsewhere in zip(queries, np.roll(queries, 7, axis=0), strict=True):
            nearness = row_bests(built.vectors, built.rows, elsewhere)
            allowed = nearness >= np.quantile(nearness, 1 - share)
            expected = best_rows(built.vectors, built.rows, query, 10, allowed)
            found = built.index.best_rows(query, 10, allowed_rows=allowed).rows
            recalls.append(np.isin(expected, found).mean())
        assert np.mean(recalls) >= 0.95

    def test_deletes_do_not_degrade(self, built, queries):
        """With the best hundred articles dead, the next ten come as if those had never been."""
        recalls = []
        for query in queries:
            before = built.index.best_rows(query, 110).rows
            alive = np.ones(built.row_count, bool)
            alive[before[:100]] = False
            found = built.index.best_rows(query, 10, allowed_rows=alive).rows
            recalls.append(np.isin(before[100:], found).mean())
        assert np.mean(recalls) >= (0.95 if built.name == "lists" else 1.0)

    def test_every_article_once_best_first(self, built, queries):
        """An article comes once, with its best passage; scores fall; the passage belongs to the row."""
        for query in queries[:10]:
            found = built.index.best_rows(query, 200)
            assert 200 == len(set(found.rows.tolist()))
            assert (np.diff(found.scores) <= 0).all()
            assert found.rows.tolist() == built.rows[found.passages].tolist()
            near = row_bests(built.vectors, built.rows, query)[found.rows]
            assert np.abs(near - found.scores).max() < TOLERANCE[built.name]

    @pytest.mark.parametrize("share", [None, 0.5, 0.01])
    def test_a_longer_answer_extends_a_shorter_one(self, built, queries, share):
        """Pages never repeat or skip: the first of many are the few."""
        allowed = None if share is None else masks(built.row_count)[share]
        for query in queries[:5]:
            longest = built.index.best_rows(query, 2_500, allowed_rows=allowed)
            for limit in (1, 9, 10, 255, 256, 257, 1_000, 2_048, 2_100):
                found = built.index.best_rows(query, limit, allowed_rows=allowed)
                assert longest.rows[:limit].tolist() == found.rows.tolist()
                assert longest.scores[:limit].tolist() == found.scores.tolist()

    def test_limit_past_the_end_gives_all(self, built, queries):
        """Never fewer than the limit while allowed articles remain."""
        everything = built.index.best_rows(queries[0], 10**6)
        assert list(range(built.row_count)) == sorted(everything.rows.tolist())
        allowed = masks(built.row_count)[0.5]
        found = built.index.best_rows(queries[0], 10**6, allowed_rows=allowed)
        assert np.flatnonzero(allowed).tolist() == sorted(found.rows.tolist())

    def test_same_answer_twice(self, built, queries):
        """The same query gives the same rows and the same bits of score."""
        first, second = (built.index.best_rows(queries[0], 300) for _ in range(2))
        assert first.rows.tolist() == second.rows.tolist()
        assert first.scores.tobytes() == second.scores.tobytes()

    def test_many_threads_get_what_one_gets(self, built, queries):
        """Searches side by side, with and without filters, answer as they do one after another."""
        allowed = masks(built.row_count)[0.5]

        def ask(query):
            filtered = built.index.best_rows(query, 20, allowed_rows=allowed)
            return built.index.best_rows(query, 300).rows.tolist(), filtered.scores.tolist()

        alone = [ask(query) for query in queries]
        with ThreadPoolExecutor(4) as pool:
            assert alone == list(pool.map(ask, queries))

    def test_nothing_allowed_gives_nothing(self, built, queries):
        """A filter that matches nothing gives an empty answer; so does a limit of 0."""
        nothing = np.zeros(built.row_count, bool)
        assert [] == built.index.best_rows(queries[0], 10, allowed_rows=nothing).rows.tolist()
        assert [] == built.index.best_rows(queries[0], 0).rows.tolist()

    def test_a_short_mask_allows_nothing_past_its_end(self, built, queries):
        """A mask made before later articles came keeps them out."""
        found = built.index.best_rows(queries[0], 20, allowed_rows=np.ones(30, bool))
        assert 20 == len(found.rows)
        assert found.rows.max() < 30

    def test_ties_are_ordered_by_row(self, tmp_path):
        """Articles with one and the same vector come in the order of their rows, at any limit."""
        vectors = np.repeat(clustered(4, dimension=DIMENSION), 5_000, axis=0)
        rows = np.arange(20_000)
        build_vectors(tmp_path, vectors, passage_rows=rows, kind="exact")
        index = VectorIndex.open(tmp_path, dimension=DIMENSION, passage_rows=rows)
        for limit in (1, 10, 700):
            assert list(range(limit)) == index.best_rows(vectors[0], limit).rows.tolist()

    def test_another_dimension_is_refused(self, built):
        """A query of another dimension names both."""
        with pytest.raises(DimensionMismatch, match=r"32 dimensions.* 64"):
            built.index.best_rows(np.ones(32, np.float32), 10)


class TestRowScores:
    def test_same_bits_as_best_rows(self, built, queries):
        """A row has one score, whoever asks; given rows keep their order."""
        found = built.index.best_rows(queries[0], 300)
        mixed = np.random.default_rng(1).permutation(300)
        again = built.index.row_scores(queries[0], found.rows[mixed])
        assert found.rows[mixed].tolist() == again.rows.tolist()
        assert found.scores[mixed].tobytes() == again.scores.tobytes()
        assert found.passages[mixed].tolist() == again.passages.tolist()

    def test_row_without_passages(self, built, queries):
        """A row that has no vector scores 0 and has passage -1; no rows give none."""
        scored = built.index.row_scores(queries[0], np.array([built.row_count + 5, -1]))
        assert [0.0, 0.0] == scored.scores.tolist()
        assert [-1, -1] == scored.passages.tolist()
        assert [] == built.index.row_scores(queries[0], np.array([], np.int64)).rows.tolist()

    def test_reconstruct_gives_vectors_back(self, built):
        """Stored vectors are those that came, nearly, and of length one."""
        numbers = np.array([0, len(built.rows) - 1, 17])
        vectors = built.index.reconstruct(numbers)
        assert ((vectors * built.vectors[numbers]).sum(axis=1) > 0.999).all()
        assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5


class TestDelta:
    def test_upto_hides_what_came_later(self, tmp_path, queries):
        """A snapshot never sees passages appended after it, also when the buffers have grown since."""
        one = Built(tmp_path, "floats")
        one.append(30)
        seen, vectors, rows = len(one.index), one.vectors, one.rows
        one.append(5_000, seed=8)
        for query in queries[:10]:
            expected = best_rows(vectors, rows, query, 40)
            assert expected.tolist() == one.index.best_rows(query, 40, upto=seen).rows.tolist()
            newest = best_rows(one.vectors, one.rows, query, 40)
            assert newest.tolist() == one.index.best_rows(query, 40).rows.tolist()
        late = np.array([one.row_count - 1])
        assert [-1] == one.index.row_scores(queries[0], late, upto=seen).passages.tolist()

    def test_an_empty_base_takes_articles(self, tmp_path, queries):
        """An index that was built over nothing answers nothing, then what was appended."""
        one = Built(tmp_path, "floats", count=0)
        assert [] == one.index.best_rows(queries[0], 5).rows.tolist()
        one.append(100)
        expected = best_rows(one.vectors, one.rows, queries[0], 5)
        assert expected.tolist() == one.index.best_rows(queries[0], 5).rows.tolist()

    def test_append_refuses_what_does_not_fit(self, built):
        """Another dimension, a row that is there already, or rows out of order are refused."""
        with pytest.raises(DimensionMismatch):
            built.index.append(np.ones((1, 3), np.float32), np.array([built.row_count]))
        vector = clustered(2, dimension=DIMENSION)
        with pytest.raises(ValueError, match="base already"):
            built.index.append(vector[:1], np.array([0]))
        with pytest.raises(ValueError, match="ascend"):
            built.index.append(vector, np.array([built.row_count + 1, built.row_count]))

    def test_searches_while_appending(self, tmp_path, queries):
        """Readers beside a writer get the answer of their own snapshot, always."""
        one = Built(tmp_path, "floats")
        query, base = queries[0], len(one.index)
        batches = [clustered(20, dimension=DIMENSION, seed=seed) for seed in range(100, 160)]
        vectors = np.concatenate([one.vectors, *batches])
        rows = np.concatenate([one.rows, one.row_count + np.arange(20 * len(batches))])
        wrong: list[int] = []
        stop = threading.Event()

        def read():
            while not stop.is_set():
                upto = len(one.index)
                expected = best_rows(vectors[:upto], rows[:upto], query, 10)
                if expected.tolist() != one.index.best_rows(query, 10, upto=upto).rows.tolist():
                    wrong.append(upto)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        for number, batch in enumerate(batches):
            start = base + 20 * number
            one.index.append(batch, rows[start : start + 20])
        stop.set()
        for reader in readers:
            reader.join()
        assert [] == wrong
        assert len(rows) == len(one.index)


def test_files_are_named(tmp_path):
    """All files of an index are named, so that a manifest can hold their checksums."""
    Built(tmp_path, "lists")
    assert sorted(path.name for path in tmp_path.iterdir()) == vector_files(tmp_path)
