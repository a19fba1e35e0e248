"""The packaged model as it is served: near its original, offline, and without torch."""

from __future__ import annotations

import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from semsearch.encoder.factory import load_encoder
from semsearch.encoder.onnx_convert import LEAST_COSINE, MEAN_COSINE
from semsearch.encoder.sample import sample_texts
from semsearch.options import EncoderOptions

pytestmark = pytest.mark.model

SERVE = """
import socket, sys
def refuse(*_, **__):
    raise SystemExit("the network was asked")
socket.socket.connect = socket.getaddrinfo = refuse
from semsearch.encoder.factory import load_encoder
from semsearch.options import EncoderOptions
encoder = load_encoder(EncoderOptions(cache_folder=sys.argv[1], backend=sys.argv[2]))
assert (1, 384) == encoder.encode_queries(["court rules on voting rights"]).shape
heavy = {"torch", "transformers", "sentence_transformers", "onnx", "huggingface_hub", "openvino"}
print(sorted(heavy & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    """A cache folder in which the default model has been converted."""
    folder = tmp_path_factory.mktemp("cache")
    load_encoder(EncoderOptions(cache_folder=str(folder)))
    return folder


@pytest.fixture(scope="module")
def original():
    """The default model on torch."""
    return load_encoder(EncoderOptions(backend="torch"))


def serve(cache: Path, backend: str) -> str:
    """What a fresh process says that serves one query with no network."""
    done = subprocess.run(
        [sys.executable, "-c", SERVE, str(cache), backend], capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout.strip()


def test_serving_imports_nothing_heavy(cache: Path):
    """A converted model is served without torch, transformers or the converter, and offline."""
    assert "[]" == serve(cache, "auto")


def test_original_loads_offline(cache: Path):
    """The packaged model on torch asks nothing of the network either."""
    assert "torch" in serve(cache, "torch")


def test_conversion_needs_no_torch(tmp_path: Path):
    """The first start converts the packaged model without torch, as its original's vectors are kept."""
    assert "['onnx']" == serve(tmp_path, "auto")


def test_kept_reference_is_the_originals(original):
    """The vectors kept with the program are those that torch gives for the sample texts."""
    name = f"reference-{original.info.fingerprint}.npy"
    with resources.files("semsearch.encoder").joinpath(name).open("rb") as stream:
        kept = np.load(stream).astype(np.float32)
    np.testing.assert_allclose(kept, original.encode_whatever(sample_texts()), atol=1e-3)


@pytest.mark.data
def test_near_the_original_on_unseen_news(original, cache: Path, data: Path):
    """On news that no range was measured on, the bounds hold as well, and nearest texts stay nearest."""
    import gzip
    import itertools
    import json

    with gzip.open(data / "allsides" / "articles.jsonl.gz") as lines:
        texts = [json.loads(line)["body"][:600] for line in itertools.islice(lines, 100, 116)]
    exact = original.encode_passages(texts)
    fast = load_encoder(EncoderOptions(cache_folder=str(cache))).encode_passages(texts)
    cosines = (exact * fast).sum(axis=1)
    assert LEAST_COSINE["int8"] < cosines.min()
    assert MEAN_COSINE["int8"] < cosines.mean()


def test_same_meaning_is_nearer_than_another(cache: Path):
    """The vectors mean something: a paraphrase is nearer than another subject."""
    encoder = load_encoder(EncoderOptions(cache_folder=str(cache)))
    query = encoder.encode_queries(["Teachers end their strike"])
    near, far = encoder.encode_passages(
        ["School staff go back to work after pay deal", "Striker scores twice in the cup final"]
    )
    assert float(query[0] @ near) > float(query[0] @ far) + 0.2
