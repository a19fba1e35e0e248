"""Finding a model, reading what it says of itself, and refusing what is not the pinned one."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from semsearch.encoder.fingerprint import fingerprint
from semsearch.encoder.hashing import FileHashes
from semsearch.encoder.model_files import (
    DEFAULT_SHA256,
    PACKAGED_SHA256,
    cache_folder,
    check_packaged,
    check_weights,
    find_model,
    read_model,
)
from semsearch.errors import EncoderUnavailable
from semsearch.options import EncoderOptions

NO_HASHES = FileHashes(None)


def folder(tmp_path: Path, **files: object) -> Path:
    """A model folder with these JSON files (``config`` is always there) and some weights."""
    place = tmp_path / "model"
    place.mkdir(exist_ok=True)
    (place / "model.safetensors").write_bytes(b"weights")
    for name, content in {"config": {"max_position_embeddings": 512}, **files}.items():
        (place / f"{name}.json").write_text(json.dumps(content))
    return place


def test_packaged_model_is_the_pinned_one():
    """The default is the packaged model, 256 tokens wide, mean-pooled, with the published weights."""
    files = find_model(EncoderOptions(), NO_HASHES)
    assert ("all-MiniLM-L6-v2", 256, "mean", "", "") == (
        files.name,
        files.window,
        files.pooling,
        files.query_prompt,
        files.passage_prompt,
    )
    assert DEFAULT_SHA256 == NO_HASHES.sha256(files.folder / "model.safetensors")


def test_other_weights_are_refused(tmp_path: Path):
    """Weights with another sum are named with both sums and the way out."""
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"other")
    with pytest.raises(
        EncoderUnavailable, match=f"{NO_HASHES.sha256(weights)}, expected {DEFAULT_SHA256}.*pip"
    ):
        check_weights(weights, DEFAULT_SHA256, NO_HASHES)


@pytest.mark.parametrize(
    "name", [*PACKAGED_SHA256, "added_tokens.json", "sub/modeling.py", "pytorch_model.bin"]
)
def test_a_changed_removed_or_added_file_of_the_packaged_model_is_refused(tmp_path: Path, name: str):
    """Tokenizer, window, pooling and weights alike; the error names the file and the way out."""
    published = find_model(EncoderOptions(), NO_HASHES).folder
    copy = tmp_path / "model"
    shutil.copytree(published, copy, ignore=shutil.ignore_patterns("*.safetensors"))
    (copy / "model.safetensors").symlink_to(published / "model.safetensors")
    check_packaged(copy, NO_HASHES)
    file = copy / name
    file.parent.mkdir(exist_ok=True)
    content = file.read_bytes() if file.exists() else b"{}"
    file.unlink(missing_ok=True)
    if name in PACKAGED_SHA256:
        with pytest.raises(EncoderUnavailable, match=f"cannot read the packaged .*{re.escape(name)}.*pip"):
            check_packaged(copy, NO_HASHES)
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(EncoderUnavailable, match=f"packaged .*{re.escape(name)}.*Reinstall: pip install"):
        check_packaged(copy, NO_HASHES)


def test_a_file_with_its_time_set_back_is_read_again(tmp_path: Path):
    """Same size, same time, other content: the remembered sum is not believed."""
    file, hashes = tmp_path / "tokenizer.json", FileHashes(tmp_path)
    file.write_text("aaaa")
    before, at = hashes.sha256(file), file.stat()
    with file.open("r+") as stream:
        stream.write("bbbb")
    os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))
    assert before != FileHashes(tmp_path).sha256(file)


def test_missing_weights_are_refused(tmp_path: Path):
    """Weights that are not there are a clear error."""
    with pytest.raises(EncoderUnavailable, match="cannot read the packaged weights"):
        check_weights(tmp_path / "none", DEFAULT_SHA256, NO_HASHES)


@pytest.mark.parametrize("model", ["./nowhere", "/no/such/folder", "~/no-such-model", "a/b/c"])
def test_missing_folder_is_a_clear_error(model):
    """A path that is no folder is refused without asking the hub."""
    with pytest.raises(EncoderUnavailable, match="no folder"):
        find_model(EncoderOptions(model=model), NO_HASHES)


def test_missing_hub_model_is_a_clear_error(tmp_path: Path, monkeypatch):
    """A hub name that cannot be had says so in one line, with the next step."""
    import huggingface_hub

    def refuse(*_, **__):
        raise ConnectionError("no route\nto host")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", refuse)
    with pytest.raises(
        EncoderUnavailable, match=r"'sentence-transformers/nothing' .*\(no route\); check the name"
    ):
        find_model(EncoderOptions(model="nothing"), NO_HASHES)


def test_folder_without_a_model_is_a_clear_error(tmp_path: Path):
    """A folder with other things is refused."""
    with pytest.raises(EncoderUnavailable, match="holds no model"):
        read_model("x", tmp_path, EncoderOptions())


def test_broken_json_is_a_clear_error(tmp_path: Path):
    """A damaged file is named."""
    place = folder(tmp_path)
    (place / "modules.json").write_text("[{")
    with pytest.raises(EncoderUnavailable, match=r"modules\.json cannot be read"):
        read_model("x", place, EncoderOptions())


@pytest.mark.parametrize(
    ("prompts", "query", "passage"),
    [
        ({"prompts": {"query": "query: ", "document": "passage: "}}, "query: ", "passage: "),
        ({"prompts": {"query": "q ", "passage": "p "}}, "q ", "p "),
        ({"prompts": {"query": "q ", "corpus": "c "}}, "q ", "c "),
        ({"prompts": {"all": "a "}, "default_prompt_name": "all"}, "a ", "a "),
        ({"prompts": {}}, "", ""),
        ({}, "", ""),
    ],
)
def test_prompts_are_the_models_own(tmp_path: Path, prompts, query, passage):
    """Prompts come from the model under any of the names in use."""
    files = read_model("x", folder(tmp_path, config_sentence_transformers=prompts), EncoderOptions())
    assert (query, passage) == (files.query_prompt, files.passage_prompt)


def test_prompts_of_the_options_win(tmp_path: Path):
    """A prompt in the options is used in place of the model's."""
    place = folder(tmp_path, config_sentence_transformers={"prompts": {"query": "q ", "document": "d "}})
    files = read_model("x", place, EncoderOptions(query_prompt="Q ", passage_prompt="D "))
    assert ("Q ", "D ") == (files.query_prompt, files.passage_prompt)


@pytest.mark.parametrize(
    ("others", "window"),
    [
        ({"sentence_bert_config": {"max_seq_length": 128}}, 128),
        ({"sentence_bert_config": {"max_seq_length": None}}, 512),
        ({"tokenizer_config": {"model_max_length": 384}}, 384),
        ({"tokenizer_config": {"model_max_length": int(1e30)}}, 512),
        ({"config": {"model_type": "roberta", "max_position_embeddings": 514}}, 512),
        ({"config": {}}, 512),
    ],
)
def test_window_is_the_narrowest_limit(tmp_path: Path, others, window):
    """The window is sentence-transformers' own, else the least of the tokenizer's and the model's."""
    assert window == read_model("x", folder(tmp_path, **others), EncoderOptions()).window


def test_both_forms_of_pooling_are_read(tmp_path: Path):
    """Pooling is understood as one name and as a flag for each kind."""
    modules = [{"type": "a.Transformer", "path": ""}, {"type": "b.Pooling", "path": "1"}]
    place = folder(tmp_path, modules=modules)
    (place / "1").mkdir()
    config = place / "1" / "config.json"
    config.write_text(json.dumps({"pooling_mode": "cls"}))
    assert "cls" == read_model("x", place, EncoderOptions()).pooling
    config.write_text(json.dumps({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}))
    assert "mean" == read_model("x", place, EncoderOptions()).pooling
    config.write_text(json.dumps({"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": True}))
    assert "max+mean" == read_model("x", place, EncoderOptions()).pooling


def test_cache_folder_is_the_options_else_the_users(monkeypatch):
    """The option wins; XDG_CACHE_HOME is respected; the last resort is ~/.cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert Path("/mine") == cache_folder(EncoderOptions(cache_folder="/mine"))
    assert Path("/xdg/semsearch") == cache_folder(EncoderOptions())
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert Path("~/.cache/semsearch").expanduser() == cache_folder(EncoderOptions())


def test_fingerprint_knows_no_place(tmp_path: Path):
    """The same files elsewhere have the same fingerprint; files that change no vector do not count."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = read_model("x", folder(tmp_path / "a"), EncoderOptions())
    two = read_model("y", folder(tmp_path / "b"), EncoderOptions())
    (two.folder / "README.md").write_text("other")
    (two.folder / "onnx").mkdir()
    (two.folder / "onnx" / "model.json").write_text("{}")
    assert fingerprint(one, NO_HASHES) == fingerprint(two, NO_HASHES)


@pytest.mark.parametrize(
    "changed",
    [
        "model.safetensors",
        "config.json",
        "tokenizer.json",
        "1_Dense/model.safetensors",
    ],
)
def test_fingerprint_follows_files(tmp_path: Path, changed):
    """A changed or added file of weights, shape or tokenizer changes the fingerprint."""
    place = folder(tmp_path)
    before = fingerprint(read_model("x", place, EncoderOptions()), NO_HASHES)
    (place / changed).parent.mkdir(exist_ok=True)
    (place / changed).write_text('{"max_position_embeddings": 512, "other": 1}')
    assert before != fingerprint(read_model("x", place, EncoderOptions()), NO_HASHES)


def test_fingerprint_follows_prompts_window_and_variant(tmp_path: Path):
    """Prompts, window and arithmetic are part of the fingerprint."""
    place = folder(tmp_path)
    plain = read_model("x", place, EncoderOptions())
    seen = {
        fingerprint(plain, NO_HASHES),
        fingerprint(plain, NO_HASHES, variant="int8"),
        fingerprint(read_model("x", place, EncoderOptions(query_prompt="q ")), NO_HASHES),
        fingerprint(read_model("x", place, EncoderOptions(passage_prompt="q ")), NO_HASHES),
    }
    (place / "sentence_bert_config.json").write_text('{"max_seq_length": 100}')
    seen.add(fingerprint(read_model("x", place, EncoderOptions()), NO_HASHES))
    assert 5 == len(seen)
    assert {32} == {len(found) for found in seen}
