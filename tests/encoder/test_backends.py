"""All back ends over tiny models: one meaning, one order, unit vectors; and what each refuses."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from semsearch.encoder.factory import load_encoder
from semsearch.encoder.protocol import Encoder
from semsearch.errors import EncoderUnavailable
from semsearch.options import EncoderOptions

pytestmark = pytest.mark.model

TEXTS = [
    "rain and snow in the court",
    "vote",
    "The judge . raining , storms ! " * 9,
    "",
    "unknownword rain",
    "vote",
    *(" ".join(["rain", "law", "goal"] * count) for count in range(1, 9)),
]
BACKENDS = ("torch", "onnx", "onnx-int8")
Load = Callable[..., Encoder]


@pytest.fixture(scope="module")
def load(make_model, tmp_path_factory) -> Load:
    """Loads a tiny model on a back end; one cache folder for all."""
    cache = tmp_path_factory.mktemp("cache")

    def load_it(backend: str, *, wanted: str | None = None, calibration=(), **wishes) -> Encoder:
        options = EncoderOptions(model=str(make_model(**wishes)), backend=backend, cache_folder=str(cache))
        return load_encoder(options, wanted=wanted, calibration=calibration)

    return load_it


@pytest.mark.parametrize("backend", BACKENDS)
def test_unit_vectors_in_the_order_given(load: Load, backend):
    """Rows are float32 of length 1 and each is the vector of its own text alone."""
    encoder = load(backend)
    vectors = encoder.encode_passages(TEXTS)
    assert (np.float32, (len(TEXTS), 32)) == (vectors.dtype, vectors.shape)
    lengths = [float(bool(text)) for text in TEXTS]  # a text without a word is near nothing
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), lengths, atol=1e-6)
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS])
    np.testing.assert_allclose(vectors, alone, atol=2e-6)
    assert 1 > (vectors[0] @ vectors[1])


@pytest.mark.parametrize("backend", BACKENDS)
def test_same_text_same_vector(load: Load, backend):
    """Encoding twice gives the same bits, and equal texts in one call the same vector."""
    encoder = load(backend)
    first, second = encoder.encode_passages(TEXTS), encoder.encode_passages(TEXTS)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first[1], first[5])


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_gives_no_rows(load: Load, backend):
    """No texts give an array of no rows and the right width."""
    encoder = load(backend)
    assert (0, 32) == encoder.encode_passages([]).shape == encoder.encode_queries([]).shape
    assert [] == encoder.token_spans([])


@pytest.mark.parametrize(
    "wishes",
    [
        {},
        {"pooling": "cls"},
        {"kind": "xlm-roberta"},
        {"prompts": {"query": "rain , ", "document": "snow of "}},
    ],
    ids=["mean", "cls", "xlm-roberta", "prompts"],
)
def test_float32_is_the_original(load: Load, wishes):
    """The fast back end in float32 gives the original's vectors and shares its fingerprint."""
    original, fast = load("torch", **wishes), load("onnx", **wishes)
    assert original.info == fast.info
    np.testing.assert_allclose(original.encode_passages(TEXTS), fast.encode_passages(TEXTS), atol=1e-5)
    np.testing.assert_allclose(original.encode_queries(TEXTS), fast.encode_queries(TEXTS), atol=1e-5)


def test_eight_bits_are_near_and_say_so(load: Load):
    """8 bits stay near the original and have a fingerprint of their own."""
    original, small = load("torch"), load("onnx-int8")
    texts = [text for text in TEXTS if text]
    assert 0.99 < (original.encode_passages(texts) * small.encode_passages(texts)).sum(axis=1).min()
    assert original.info.fingerprint != small.info.fingerprint


@pytest.mark.parametrize("backend", BACKENDS)
def test_prompts_are_put_before_the_texts(load: Load, backend):
    """A model's prompts change what is encoded, and take room from the passage."""
    plain = load(backend)
    prompted = load(backend, prompts={"query": "rain , ", "document": "snow of "})
    # In 8 bits each of the two was calibrated with its own prompt.
    least = 0.98 if backend == "onnx-int8" else 0.99999
    assert least < float(prompted.encode_queries(["law"])[0] @ plain.encode_passages(["rain , law"])[0])
    assert least < float(prompted.encode_passages(["law"])[0] @ plain.encode_passages(["snow of law"])[0])
    assert (22, 20) == (plain.info.passage_tokens, prompted.info.passage_tokens)


@pytest.mark.parametrize("backend", BACKENDS)
def test_text_beyond_the_window_does_not_count(load: Load, backend):
    """A passage of ``passage_tokens`` is whole; what comes after them changes nothing."""
    encoder = load(backend)
    room = encoder.info.passage_tokens
    full = " ".join(["rain"] * room)
    np.testing.assert_allclose(
        encoder.encode_passages([full]), encoder.encode_passages([full + " law" * 50]), atol=2e-6
    )
    shorter = " ".join(["rain"] * (room - 1))
    last = encoder.encode_passages([shorter + " law"]) @ encoder.encode_passages([full]).T
    assert 0.9999 > float(last[0, 0])


@pytest.mark.parametrize("backend", BACKENDS)
def test_token_spans_are_characters_without_special_tokens(load: Load, backend):
    """Spans are in characters of the text, whole even beyond the window."""
    encoder = load(backend)
    assert [[(0, 4), (4, 7), (8, 9)], []] == encoder.token_spans(["Raining .", ""])
    assert 100 == len(encoder.token_spans(["rain " * 100])[0])
    assert [[(2, 6)]] == encoder.token_spans(["é rain"[1:].rjust(6)])


def test_queries_are_remembered_without_being_shared(load: Load):
    """A query asked again gives the same vector even after the caller changed what it got."""
    encoder = load("onnx-int8")
    first = encoder.encode_queries(["rain law", "vote", "rain law"])
    kept = first.copy()
    first[:] = 0
    np.testing.assert_array_equal(kept, encoder.encode_queries(["rain law", "vote", "rain law"]))
    np.testing.assert_allclose(kept[:2], encoder.encode_passages(["rain law", "vote"]), atol=2e-6)


def test_many_threads_at_once_get_their_own(load: Load):
    """Calls from many threads do not mix their vectors."""
    encoder = load("onnx-int8")
    texts = [" ".join(["rain", "law", "goal", "vote"][: 1 + row % 4] * (1 + row % 5)) for row in range(40)]
    alone = [encoder.encode_passages([text]) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: encoder.encode_queries([text]), texts))
    np.testing.assert_allclose(np.concatenate(together), np.concatenate(alone), atol=2e-6)


def test_auto_takes_eight_bits(load: Load):
    """``auto`` is the 8-bit form where it proves near enough."""
    assert load("onnx-int8").info == load("auto").info


def test_auto_follows_the_index(load: Load):
    """``auto`` takes the form that made the vectors of the index, whichever it is."""
    original, small = load("torch").info, load("onnx-int8").info
    assert original == load("auto", wanted=original.fingerprint).info
    assert small == load("auto", wanted=small.fingerprint).info


def test_unknown_kind_falls_back_with_a_word(load: Load, caplog):
    """A model that the fast back end does not know runs on torch, and the log says why."""
    with caplog.at_level(logging.WARNING):
        encoder = load("auto", kind="distilbert")
    assert load("torch", kind="distilbert").info == encoder.info
    assert "of kind distilbert" in caplog.text
    assert "slower" in caplog.text


def test_unknown_kind_is_refused_when_asked_for(load: Load):
    """An explicit fast back end never falls back in silence."""
    with pytest.raises(EncoderUnavailable, match=r"of kind distilbert.*set \[encoder\] backend"):
        load("onnx", kind="distilbert")


def test_other_pooling_falls_back(load: Load):
    """Pooling that the graph does not know goes to the original."""
    assert load("torch", pooling="max").info == load("auto", pooling="max").info


def test_damaged_weights_are_a_clear_error(make_model, tmp_path: Path):
    """Weights that cannot be read give EncoderUnavailable on every back end, never a traceback."""
    broken = tmp_path / "broken"
    shutil.copytree(make_model(), broken)
    (broken / "model.safetensors").write_bytes(b"\x08\0\0\0\0\0\0\0{broken}")
    for backend in (*BACKENDS, "auto"):
        with pytest.raises(EncoderUnavailable):
            load_encoder(EncoderOptions(model=str(broken), backend=backend, cache_folder=str(tmp_path / "c")))


def test_unknown_device_is_a_clear_error(make_model, tmp_path: Path):
    """A device that does not exist is named."""
    options = EncoderOptions(model=str(make_model()), device="cuda:7", cache_folder=str(tmp_path))
    with pytest.raises(EncoderUnavailable, match="cuda:7"):
        load_encoder(options)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("wishes", [{}, {"prompts": {"query": "rain , ", "document": "snow of "}}])
def test_what_a_model_does_not_know_has_no_direction(load: Load, backend, wishes):
    """Nothing but unknown words, emoji and signs, or hardly anything else: zeros, and none for the others."""
    encoder = load(backend, **wishes)
    unknown = ["xyzzy", "🔥🔥", "? ! .", "", "กขค งจฉ", "xyzzy plugh rain blorb frotz"]
    known = ["rain", "xyzzy rain", "🔥 rain", "raining xyzzy plugh"]
    for encode in (encoder.encode_queries, encoder.encode_passages):
        lengths = np.linalg.norm(encode([*unknown, *known]), axis=1)
        np.testing.assert_allclose(lengths, [0.0] * len(unknown) + [1.0] * len(known), atol=1e-6)
