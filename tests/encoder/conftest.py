"""Tiny models made on the spot, so that every path is tried without the weight of a real one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

WORDS = "rain snow wind storm court vote law judge goal team win the a of and in on . , ? un re ing s".split()


def write_model(
    folder: Path, *, kind: str = "bert", pooling: str = "mean", prompts: dict | None = None
) -> Path:
    """A random model of two layers in the form of sentence-transformers; the same each time."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import (
        BertConfig,
        BertModel,
        DistilBertConfig,
        DistilBertModel,
        PreTrainedTokenizerFast,
        XLMRobertaConfig,
        XLMRobertaModel,
    )

    torch.manual_seed(7)
    special = ["[CLS]", "[PAD]", "[SEP]", "[UNK]"]
    vocabulary = {word: row for row, word in enumerate([*special, *WORDS, *(f"##{word}" for word in WORDS)])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 0), ("[SEP]", 2)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]"
    )
    shape = {
        "vocab_size": len(vocabulary),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
    }
    shape |= {"intermediate_size": 64, "max_position_embeddings": 40, "pad_token_id": 1}
    if kind == "bert":
        model = BertModel(BertConfig(**shape))
    elif kind == "xlm-roberta":
        model = XLMRobertaModel(XLMRobertaConfig(**{**shape, "type_vocab_size": 1}))
    else:
        model = DistilBertModel(
            DistilBertConfig(vocab_size=len(vocabulary), dim=32, n_layers=2, n_heads=4, pad_token_id=1)
        )
    with torch.no_grad():  # spread the weights, so that different texts have different vectors
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    plain = folder.with_name(folder.name + "-plain")
    model.save_pretrained(plain)
    fast.save_pretrained(plain)
    body = Transformer(str(plain), max_seq_length=24)
    whole = SentenceTransformer(
        modules=[body, Pooling(32, pooling_mode=pooling), Normalize()], device="cpu", prompts=prompts or {}
    )
    whole.save(str(folder), create_model_card=False)
    return folder


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a tiny model in a folder of its own; the same wishes give the same folder."""
    made: dict[str, Path] = {}

    def make(**wishes: object) -> Path:
        key = json.dumps(wishes, sort_keys=True)
        if key not in made:
            made[key] = write_model(tmp_path_factory.mktemp("model") / "tiny", **wishes)
        return made[key]

    return make
