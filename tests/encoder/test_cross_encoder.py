"""The optional reranker: a CrossEncoder from a local path."""

from __future__ import annotations

import pytest

from semsearch.encoder.cross_encoder import CrossEncoderReranker
from semsearch.errors import EncoderUnavailable


def small_model(folder, labels: int) -> str:
    """A tiny CrossEncoder of random weights with a tokenizer of its own."""
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ferry", "storm", "vote", "school", "rescue"]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", "utf-8")
    BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return str(folder)


@pytest.mark.model
def test_a_local_cross_encoder_scores_texts(tmp_path):
    """One score a text between 0 and 1, the same for the same text; none for none."""
    reranker = CrossEncoderReranker(small_model(tmp_path, 1), device="cpu")
    scores = reranker.scores("ferry storm", ["ferry rescue", "school vote", "ferry rescue"])
    assert (3,) == scores.shape
    assert scores[0] == pytest.approx(scores[2], abs=1e-5)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert 0 == len(reranker.scores("ferry", []))


@pytest.mark.model
def test_a_model_of_several_labels_is_refused(tmp_path):
    """It classifies, it does not rank."""
    with pytest.raises(EncoderUnavailable, match="one label"):
        CrossEncoderReranker(small_model(tmp_path, 3), device="cpu").scores("ferry", ["ferry", "vote"])


@pytest.mark.model
def test_a_missing_model_is_a_clear_error(tmp_path):
    """It names the setting."""
    with pytest.raises(EncoderUnavailable, match=r"\[search\] reranker"):
        CrossEncoderReranker(str(tmp_path / "none"), device="cpu").scores("ferry", ["ferry"])
