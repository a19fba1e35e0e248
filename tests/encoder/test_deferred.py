"""Encoders that are known before they are loaded: never another than loading would give."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from semsearch.encoder.deferred import DeferredEncoder
from semsearch.encoder.factory import load_encoder, would_load
from semsearch.errors import EncoderUnavailable
from semsearch.options import EncoderOptions
from tests.fakes import HashingEncoder

BACKENDS = ("auto", "torch", "onnx", "onnx-int8")


def test_it_is_loaded_with_the_first_text(caplog):
    """Asked what it is, it says so without; then it answers as the loaded one does."""
    real, loads = HashingEncoder(), []

    def load() -> HashingEncoder:
        loads.append(1)
        return real

    deferred = DeferredEncoder(real.info, load)
    assert (real.info, []) == (deferred.info, loads)
    texts = ["the ferry", "a vote"]
    assert real.token_spans(texts) == deferred.token_spans(texts)
    assert loads
    assert np.array_equal(real.encode_queries(texts), deferred.encode_queries(texts))
    assert np.array_equal(real.encode_passages(texts), deferred.encode_passages(texts))


def test_another_one_than_was_known_is_refused():
    """No vector of it may come under the name of the one that was known."""
    deferred = DeferredEncoder(HashingEncoder().info, lambda: HashingEncoder(32))
    with pytest.raises(EncoderUnavailable, match="run it again"):
        deferred.encode_passages(["the ferry"])


@pytest.mark.model
def test_what_would_be_loaded_is_what_is_loaded(make_model, tmp_path):
    """For each back end and each form of a model that an index may hold, prompts and names counted."""
    plain = EncoderOptions(model=str(make_model()), cache_folder=str(tmp_path / "cache"))
    infos = [load_encoder(replace(plain, backend=one)).info for one in BACKENDS]
    infos += [replace(infos[0], name="another"), replace(infos[0], fingerprint="0" * 32)]
    surely = set()
    for backend, prompt, info in product(BACKENDS, ("", "passage: "), infos):
        options = replace(plain, backend=backend, passage_prompt=prompt)
        loaded = load_encoder(options, wanted=info.fingerprint).info
        assert would_load(options, info) == (loaded == info), (backend, prompt, info)
        if loaded == info:
            surely.add((backend, info.fingerprint))
    assert len({info.fingerprint for info in infos}) == 3  # the original, in 8 bits, none
    assert {("torch", infos[1].fingerprint), ("auto", infos[1].fingerprint)} < surely
    assert {("onnx-int8", infos[3].fingerprint), ("auto", infos[3].fingerprint)} < surely


@pytest.mark.model
def test_a_form_that_is_not_kept_or_was_refused_is_not_promised(make_model, tmp_path):
    """It has to be made and to prove itself first."""
    options = EncoderOptions(model=str(make_model()), backend="onnx-int8", cache_folder=str(tmp_path / "a"))
    info = load_encoder(options).info
    assert would_load(options, info)
    assert not would_load(replace(options, cache_folder=str(tmp_path / "b")), info)
    (told,) = (tmp_path / "a" / "models").glob("*int8*/told.json")
    for damage in ('{"refused": "too far"}', "[]", "nonsense"):
        told.write_text(damage, "utf-8")
        assert not would_load(options, info)
