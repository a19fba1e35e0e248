"""Building and opening the immutable part: kinds by size, storage, and files that are not what they were."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from semsearch.errors import FormatTooNew, IndexCorrupt, StorageFailed
from semsearch.index.vectors import VectorBase, build_vectors, vector_files
from semsearch.index.vectors_assign import NearestCentroids
from semsearch.index.vectors_build import EXACT_UP_TO, LISTS_FROM, choose_kind
from semsearch.index.vectors_codes import blocks, faiss_threads, read_faiss
from tests.index.making import flip
from tests.index.vectors_data import clustered, rows_of

DIMENSION = 64
COUNT = 12_000


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    """A folder with lists over clustered vectors, not to be touched."""
    path = tmp_path_factory.mktemp("pristine")
    build(path)
    return path


@pytest.fixture
def folder(pristine, tmp_path):
    """A copy of it that a test may damage."""
    return Path(shutil.copytree(pristine, tmp_path / "index"))


def build(path: Path, kind: str = "lists"):
    """Build an index of a kind."""
    return build_vectors(path, clustered(COUNT), passage_rows=rows_of(COUNT), kind=kind)


def reopen(path: Path, **changed) -> VectorBase:
    """Open it as its generation would."""
    return VectorBase.open(path, **{"dimension": DIMENSION, "passage_rows": rows_of(COUNT), **changed})


class TestBuild:
    def test_kind_follows_size(self):
        """Few passages are searched exactly, many in lists; what was asked goes before."""
        assert "exact" == choose_kind("auto", 0)
        assert "exact" == choose_kind("auto", EXACT_UP_TO)
        assert "lists" == choose_kind("auto", EXACT_UP_TO + 1)
        assert "exact" == choose_kind("exact", 10**7)
        assert "lists" == choose_kind("lists", LISTS_FROM)
        assert "exact" == choose_kind("lists", LISTS_FROM - 1)

    def test_a_third_of_the_bytes(self, tmp_path):
        """A large index takes at most a third of what float32 would, its fixed parts aside."""
        dimension = 384
        vectors = clustered(COUNT, dimension=dimension)
        stats = build_vectors(tmp_path, vectors, passage_rows=rows_of(COUNT), kind="lists")
        lists = VectorBase.open(tmp_path, dimension=dimension, passage_rows=rows_of(COUNT)).list_count
        fixed = lists * dimension * 4 + 64 * 1024  # centroids and codewords
        assert (stats.bytes - fixed) / COUNT <= dimension * 4 / 3

    def test_same_vectors_same_files(self, tmp_path):
        """Two builds of the same vectors are the same to the last byte."""
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            build(tmp_path / name)
        for name in vector_files(tmp_path / "one"):
            assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()

    def test_reads_a_memmap_and_tells_progress(self, tmp_path):
        """Vectors may lie on disk; progress rises to the total."""
        np.save(tmp_path / "raw.npy", clustered(COUNT))
        vectors = np.load(tmp_path / "raw.npy", mmap_mode="r")
        (tmp_path / "built").mkdir()
        told: list[tuple[int, int]] = []
        build_vectors(
            tmp_path / "built",
            vectors,
            passage_rows=rows_of(COUNT),
            kind="lists",
            on_progress=lambda done, total: told.append((done, total)),
        )
        assert (2 * COUNT, 2 * COUNT) == told[-1]
        assert sorted(told) == told

    def test_lists_hold_what_is_kept_of_them(self, folder):
        """The list that is kept of each passage is the one in which its article is found."""
        import faiss

        lists = read_faiss(folder / "vectors.lists.faiss", dimension=DIMENSION, count=COUNT)
        kept = np.load(folder / "vectors.lists.npy")
        rows = rows_of(COUNT)
        for number in range(lists.nlist):
            held = lists.invlists.list_size(number)
            ids = faiss.rev_swig_ptr(lists.invlists.get_ids(number), held) if held else np.empty(0)
            assert rows[kept == number].tolist() == ids.tolist()

    def test_lists_are_those_of_the_nearest_centroids(self, folder):
        """Passages lie with the nearest of all centroids, but for a few that lie with one nearly as near."""
        lists = read_faiss(folder / "vectors.lists.faiss", dimension=DIMENSION, count=COUNT)
        centroids = lists.quantizer.reconstruct_n(0, lists.nlist)
        vectors = clustered(COUNT)
        nearest = ((vectors - centroids[lists.quantizer.assign(vectors, 1)[:, 0]]) ** 2).sum(axis=1)
        kept = ((vectors - centroids[np.load(folder / "vectors.lists.npy")]) ** 2).sum(axis=1)
        assert (kept <= nearest + 1e-5).mean() >= 0.9
        assert kept.sum() <= 1.02 * nearest.sum()

    def test_a_mapped_file_is_let_go_behind(self, tmp_path):
        """Going through vectors on disk leaves none of their pages in memory."""
        if not Path("/proc/self/smaps").exists():
            pytest.skip("no /proc here to look at mappings")
        expected = clustered(2_000)
        np.save(tmp_path / "raw.npy", expected)
        vectors = np.load(tmp_path / "raw.npy", mmap_mode="r")
        vectors.sum()
        assert resident_kb(tmp_path / "raw.npy") >= expected.nbytes // 1024
        assert [expected.tolist()] == [block.tolist() for _, block in blocks(vectors)]
        assert 0 == resident_kb(tmp_path / "raw.npy")

    def test_changes_of_a_private_mapping_are_kept(self, tmp_path):
        """Vectors that were mapped to be changed in memory only are read as they were changed."""
        np.save(tmp_path / "raw.npy", clustered(10))
        vectors = np.load(tmp_path / "raw.npy", mmap_mode="c")
        vectors[:] = 2
        list(blocks(vectors))
        assert (vectors == 2).all()

    def test_rows_must_fit(self, tmp_path):
        """Rows that do not ascend, or of another number, are a fault of the caller."""
        with pytest.raises(ValueError, match="rows must ascend"):
            build_vectors(tmp_path, clustered(3), passage_rows=np.array([0, 2, 1]))
        with pytest.raises(ValueError, match="3 vectors with 2 rows"):
            build_vectors(tmp_path, clustered(3), passage_rows=np.array([0, 1]))

    def test_a_folder_that_cannot_be_written(self, tmp_path):
        """A disk that refuses is StorageFailed and names the file."""
        with pytest.raises(StorageFailed, match=r"vectors\.faiss"):
            build(tmp_path / "missing")


class TestNearestCentroids:
    def test_few_centroids_are_all_compared(self):
        """Where there are no more regions than a vector looks into, the nearest of all is found."""
        centroids, vectors = clustered(60, seed=3), clustered(5_000)
        distances = ((vectors[:, None] - centroids[None]) ** 2).sum(axis=2)
        assert distances.argmin(axis=1).tolist() == NearestCentroids(centroids).of(vectors).tolist()

    def test_threads_find_the_same(self):
        """Parts that are found side by side come in the order of the vectors."""
        centroids, vectors = clustered(400, seed=3), clustered(20_000)
        alone = NearestCentroids(centroids).of(vectors)
        assert alone.tolist() == NearestCentroids(centroids, threads=3).of(vectors).tolist()

    def test_nothing(self):
        """One centroid is the nearest of all; no vectors have none."""
        centroid = clustered(1)
        assert [0, 0, 0] == NearestCentroids(centroid).of(clustered(3)).tolist()
        assert [] == NearestCentroids(centroid).of(clustered(3)[:0]).tolist()


def resident_kb(path: Path) -> int:
    """How much of a mapped file stands in the memory of this process."""
    lines = iter(Path("/proc/self/smaps").read_text().splitlines())
    return sum(
        int(next(line for line in lines if line.startswith("Rss:")).split()[1])
        for mapping in lines
        if mapping.endswith(str(path))
    )


class TestOpen:
    @pytest.mark.parametrize("name", ["vectors.faiss", "vectors.lists.faiss", "vectors.lists.npy"])
    @pytest.mark.parametrize("damage", ["truncated", "missing", "longer"])
    def test_a_damaged_file_is_named(self, folder, name, damage):
        """A file that is shorter, longer or gone is IndexCorrupt with its name and the way out."""
        path = folder / name
        content = path.read_bytes()
        path.unlink()
        if damage != "missing":
            path.write_bytes(content[:-100] if damage == "truncated" else content + b"x")
        with pytest.raises(IndexCorrupt, match=rf"{name} has .* expected .*rebuild"):
            reopen(folder)

    @pytest.mark.parametrize("name", ["vectors.faiss", "vectors.lists.faiss", "vectors.lists.npy"])
    def test_a_file_of_zeros(self, folder, name):
        """A file of the right size that holds nothing is IndexCorrupt too."""
        path = folder / name
        path.write_bytes(bytes(path.stat().st_size))
        with pytest.raises(IndexCorrupt, match=rf"{name} cannot be read"):
            reopen(folder)

    def test_a_broken_header(self, folder):
        """A flipped bit in the header of an array is IndexCorrupt, whatever NumPy calls it."""
        flip(folder / "vectors.lists.npy", 60)
        with pytest.raises(IndexCorrupt, match=r"vectors\.lists\.npy cannot be read"):
            reopen(folder)

    def test_other_counts_and_rows_are_refused(self, folder):
        """Vectors of another dimension, number or article are IndexCorrupt; both values are said."""
        with pytest.raises(
            IndexCorrupt, match=r"12,000 vectors of dimension 64, expected 12,000 of dimension 9"
        ):
            reopen(folder, dimension=9)
        with pytest.raises(IndexCorrupt, match=r"expected 10 of dimension 64"):
            reopen(folder, passage_rows=np.arange(10))
        with pytest.raises(IndexCorrupt, match="other articles"):
            reopen(folder, passage_rows=rows_of(COUNT) + 1)

    def test_unreadable_facts(self, folder):
        """Facts that are no JSON, or lack a part, are IndexCorrupt; of a newer format, FormatTooNew."""
        facts = folder / "vectors.json"
        content = json.loads(facts.read_text())
        facts.write_text("{")
        with pytest.raises(IndexCorrupt, match=r"vectors\.json cannot be read"):
            reopen(folder)
        facts.write_text(json.dumps({"format": 1}))
        with pytest.raises(IndexCorrupt, match=r"vectors\.json cannot be read"):
            reopen(folder)
        facts.write_text(json.dumps(content | {"format": 99, "more": 1}))
        with pytest.raises(FormatTooNew, match="99"):
            reopen(folder)

    def test_files_are_mapped(self, folder):
        """Codes are mapped into memory, not read: processes that serve one index share them."""
        base = reopen(folder)
        mapped = Path("/proc/self/maps")
        if not mapped.exists():
            pytest.skip("no /proc here to look at mappings")
        assert str(folder / "vectors.faiss") in mapped.read_text()
        assert COUNT == base.codes.count


def test_threads_are_put_back():
    """FAISS's number of threads is as before, also after an error."""
    import faiss

    before = faiss.omp_get_max_threads()

    def fail() -> None:
        with faiss_threads(before + 1):
            assert before + 1 == faiss.omp_get_max_threads()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert before == faiss.omp_get_max_threads()


def test_import_does_not_load_faiss():
    """Importing the module leaves FAISS alone until something is built or opened."""
    script = "import sys, semsearch.index.vectors; sys.exit('faiss' in sys.modules)"
    assert 0 == subprocess.run([sys.executable, "-c", script], check=False).returncode
