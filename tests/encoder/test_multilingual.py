"""Multilingual models by their local path, built in the shapes of well-known ones, from text to hits.

Their weights are random, so that nothing here tells how well such a model understands; but their
tokenizers are trained on news in 23 languages, and a text is nearest to itself.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from semsearch.articles import Article, Filter
from semsearch.engine import Engine
from semsearch.options import EncoderOptions
from semsearch.search.types import RelatedRequest, SearchRequest
from semsearch.settings import Settings

pytestmark = pytest.mark.model

LINES = (Path(__file__).parents[1] / "text" / "news_in_languages.tsv").read_text("utf-8").splitlines()
NEWS = [line.split("\t") for line in LINES]
ARTICLES = [Article(f"{code}-{n}", title, text) for n, (code, title, text) in enumerate(NEWS)]


@dataclass(frozen=True)
class Shape:
    """What a model is made of; ``fast`` is whether the fast back end takes it."""

    kind: str
    pooling: str
    fast: bool
    dense: bool = False
    prompts: dict[str, str] = field(default_factory=dict)


SHAPES = {
    "like paraphrase-multilingual-MiniLM": Shape("bert", "mean", True),
    "like multilingual-e5": Shape(
        "xlm-roberta", "mean", True, prompts={"query": "query: ", "passage": "passage: "}
    ),
    "like LaBSE": Shape("bert", "cls", False, dense=True),
    "of weighted means": Shape("xlm-roberta", "weightedmean", False),
}


def train_tokenizer(kind: str):
    """A tokenizer of all the languages of the news: pieces of words as XLM-R has, or WordPiece as BERT."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    special = ["<s>", "<pad>", "</s>", "<unk>"]
    if kind == "xlm-roberta":
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        trainer = trainers.UnigramTrainer(vocab_size=1_200, special_tokens=special, unk_token="<unk>")
    else:
        tokenizer = Tokenizer(models.WordPiece(unk_token="<unk>"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        trainer = trainers.WordPieceTrainer(vocab_size=1_200, special_tokens=special)
    tokenizer.train_from_iterator((f"query: passage: {title} {text}" for _, title, text in NEWS), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        unk_token="<unk>",
        cls_token="<s>",
        sep_token="</s>",
    )


def write_model(folder: Path, shape: Shape) -> Path:
    """A model of two layers with random weights, saved as sentence-transformers saves it."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

    torch.manual_seed(11)
    tokenizer = train_tokenizer(shape.kind)
    sizes = {
        "vocab_size": len(tokenizer),
        "hidden_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 96,
        "max_position_embeddings": 260,
        "pad_token_id": 1,
    }
    if shape.kind == "bert":
        model = BertModel(BertConfig(**sizes))
    else:
        model = XLMRobertaModel(XLMRobertaConfig(**sizes, type_vocab_size=1))
    with torch.no_grad():  # spread the weights, so that different texts have different vectors
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    model.save_pretrained(folder / "plain")
    tokenizer.save_pretrained(folder / "plain")
    modules = [
        Transformer(str(folder / "plain"), max_seq_length=250),
        Pooling(48, pooling_mode=shape.pooling),
    ]
    modules += [Dense(48, 40)] if shape.dense else []
    whole = SentenceTransformer(modules=[*modules, Normalize()], device="cpu", prompts=dict(shape.prompts))
    whole.save(str(folder / "model"), create_model_card=False)
    return folder / "model"


@pytest.fixture(scope="module", params=list(SHAPES), ids=[name.replace(" ", "-") for name in SHAPES])
def built(request, tmp_path_factory):
    """An engine whose settings name such a model, after a build; its shape; what it logged."""
    shape = SHAPES[request.param]
    folder = tmp_path_factory.mktemp("multilingual")
    options = EncoderOptions(model=str(write_model(folder, shape)), cache_folder=str(folder / "cache"))
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("semsearch.encoder")
    logger.addHandler(handler)
    engine = Engine(Settings(indexes=folder / "indexes", encoder=options))
    engine.add_articles(ARTICLES)
    report = engine.build([])
    logger.removeHandler(handler)
    yield engine, shape, said, report
    engine.close()


def test_auto_takes_the_fast_back_end_or_says_why_not(built):
    """What the fast back end cannot run runs on torch, with a word in the log that names the reason."""
    engine, shape, said, _ = built
    fell_back = [line for line in said if "runs on the torch back end" in line]

    assert shape.fast == (not fell_back)
    assert shape.fast == ("Onnx" in type(engine.encoder).__name__)
    if not shape.fast:
        assert any("cannot run on the fast back end: it pools by" in line for line in said)


def test_a_build_with_another_model_says_nothing_of_languages(built):
    """Which languages it reads, its owner knows."""
    engine, _, _, report = built

    assert not [note for note in report.notes if "languages" in note]
    assert {"en", "ja", "ar"} <= {one.language for one in engine.live_articles()}


@pytest.mark.parametrize(("mode", "filtered"), [("semantic", False), ("hybrid", False), ("semantic", True)])
def test_an_article_in_each_language_is_found_by_its_text(built, mode, filtered):
    """Its own words as query give an article first, by meaning and together with words, filtered or not."""
    engine, _, _, _ = built
    first = {NEWS[n][0]: article for n, article in reversed(list(enumerate(ARTICLES)))}
    found = {}
    for code, article in first.items():
        where = Filter(languages=(code,)) if filtered else Filter()
        request = SearchRequest(query=f"{article.title}\n{article.body}", mode=mode, where=where, limit=1)
        found[code] = [hit.article.id for hit in engine.searcher.search(request).hits]

    assert {code: [article.id] for code, article in first.items()} == found


def test_related_lists_are_made(built):
    """An article in any language has neighbours."""
    engine, _, _, _ = built
    for article in ARTICLES[::9]:
        hits = engine.searcher.related(RelatedRequest(article_id=article.id)).hits
        assert hits
        assert article.id not in {hit.article.id for hit in hits}


def test_an_article_given_again_is_unchanged(built):
    """With any model, what is there already is not embedded again."""
    engine, _, _, _ = built

    assert {"unchanged"} == {one.outcome for one in engine.add_articles(ARTICLES)}
