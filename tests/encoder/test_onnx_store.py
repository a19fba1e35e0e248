"""Converted models on disk: made once, whole or not at all, remade when damaged."""

from __future__ import annotations

import logging
import multiprocessing
import os
from pathlib import Path

import numpy as np
import pytest

from semsearch.encoder.bert_graph import BertShape, build_graph
from semsearch.encoder.hashing import FileHashes
from semsearch.encoder.onnx_convert import NotConvertible
from semsearch.encoder.onnx_store import ConvertedModels


def tiny_graph() -> bytes:
    """A graph without layers: the mean of two normed embeddings."""
    weights = {
        "embeddings.word_embeddings.weight": np.eye(4, dtype=np.float32),
        "embeddings.position_embeddings.weight": np.zeros((8, 4), np.float32),
        "embeddings.LayerNorm.weight": np.ones(4, np.float32),
        "embeddings.LayerNorm.bias": np.zeros(4, np.float32),
    }
    return build_graph(weights, BertShape(0, 1, 1e-12, 0, "mean"))


def open_it(folder: Path, make=tiny_graph):
    """The model ``m`` of a store in ``folder``."""
    return ConvertedModels(folder, FileHashes(folder)).open("m", make)


def never() -> bytes:
    """Stands for a conversion that must not happen."""
    raise AssertionError("converted again")


def works(session) -> bool:
    """Whether a session gives unit vectors."""
    return bool(np.isclose(np.linalg.norm(session.vectors(np.array([[1, 2]], np.int32))), 1))


def test_made_once(tmp_path: Path):
    """The second opening finds the first one's model."""
    assert works(open_it(tmp_path))
    assert works(open_it(tmp_path, never))


@pytest.mark.parametrize("place", [".", "told.json", "model.onnx"])
@pytest.mark.parametrize("theirs", ["owner", "mode"])
def test_what_others_can_have_written_is_not_loaded(tmp_path: Path, caplog, place, theirs):
    """A model with a matching note, but another owner or open to all, is made again and the log says why."""
    open_it(tmp_path)
    path = tmp_path / "models" / "m" / place
    if theirs == "owner":
        if os.geteuid() != 0:
            pytest.skip("only root gives files away")
        os.chown(path, 65_534, -1)
    else:
        path.chmod(0o777)
    made = []

    def again() -> bytes:
        made.append(1)
        return tiny_graph()

    assert works(open_it(tmp_path, again))
    assert [1] == made
    assert "was not written by this user, or others can write to it" in caplog.text
    assert works(open_it(tmp_path, never))


def test_sums_that_others_can_have_noted_are_not_believed(tmp_path: Path):
    """The memo of sums could say anything."""
    file = tmp_path / "weights"
    file.write_bytes(b"weights")
    true = FileHashes(tmp_path).sha256(file)
    memo = tmp_path / "file-hashes.json"
    memo.write_text(memo.read_text().replace(true, "0" * 64))
    assert "0" * 64 == FileHashes(tmp_path).sha256(file)
    memo.chmod(0o666)
    assert true == FileHashes(tmp_path).sha256(file)


@pytest.mark.parametrize("damage", ["truncate", "garbage", "remove", "told", "told-other"])
def test_damage_is_mended_with_a_word(tmp_path: Path, caplog, damage):
    """A damaged model or note is made again, and the log says so."""
    open_it(tmp_path)
    model, told = tmp_path / "models" / "m" / "model.onnx", tmp_path / "models" / "m" / "told.json"
    match damage:
        case "truncate":
            os.truncate(model, 100)
        case "garbage":
            model.write_bytes(os.urandom(model.stat().st_size))
        case "remove":
            model.unlink()
        case "told":
            told.write_text("{")
        case "told-other":
            told.write_text("{}")
    with caplog.at_level(logging.WARNING):
        assert works(open_it(tmp_path))
    assert "damaged" in caplog.text
    assert works(open_it(tmp_path, never))


def test_refusal_is_remembered(tmp_path: Path):
    """What was found not convertible is not tried at every start."""

    def refuse() -> bytes:
        raise NotConvertible("too far")

    for make in (refuse, never):
        with pytest.raises(NotConvertible, match="too far"):
            open_it(tmp_path, make)


def test_folder_that_cannot_be_written(tmp_path: Path, caplog):
    """Without a place to keep it the model still works, with a word on what it costs."""
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        assert works(open_it(tmp_path / "file"))
    assert "cache_folder" in caplog.text


def test_failed_conversion_leaves_nothing(tmp_path: Path):
    """A conversion that dies leaves no half model behind."""

    def die() -> bytes:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_it(tmp_path, die)
    assert [] == list((tmp_path / "models").glob("*"))


def _open_in_process(folder: Path, barrier) -> bool:
    barrier.wait(30)
    return works(open_it(folder))


def test_processes_at_once(tmp_path: Path):
    """Processes that convert at the same moment all get a working model, and one is kept."""
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(3) as pool:
        barrier = manager.Barrier(3)
        done = [pool.apply_async(_open_in_process, (tmp_path, barrier)) for _ in range(3)]
        assert [True] * 3 == [each.get(120) for each in done]
    assert ["m"] == [path.name for path in (tmp_path / "models").iterdir()]
    assert works(open_it(tmp_path, never))
