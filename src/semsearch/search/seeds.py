"""What a related list starts from: one article, several, or a text, as a vector and salient words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np

from semsearch.articles import Article
from semsearch.encoder.protocol import Encoder, Vectors
from semsearch.index.protocol import LexicalQuery, Rows, Snapshot
from semsearch.index.row_sets import union
from semsearch.index.salient import telling_terms
from semsearch.options import PassageOptions
from semsearch.passages import split_passages
from semsearch.ranking import mean_vector, unit
from semsearch.text.heads import head_of

SALIENT_WORDS = 20
NEGATIVE_WEIGHT = 0.5  # a negative seed pushes half as hard as the positive ones pull
TEXT_PASSAGES = 8  # passages of a free text that are encoded
TOKEN_CHARACTERS = 24  # characters for each token of them that are read: five times what a token of news has


@dataclass(frozen=True, slots=True)
class Seed:
    """``vector`` is a unit vector; ``words`` are salient words; ``rows`` are articles never listed.

    ``article`` is the article whose list it is, where there is exactly one; ``text`` is what names are
    taken from: without the site's boilerplate, which would be shared by all.
    """

    vector: Vectors
    words: LexicalQuery
    rows: Rows
    article: Article | None = None
    text: str = ""


def seed_of_rows(snapshot: Snapshot, positive: Rows, negative: Rows) -> Seed:
    """A seed from articles of the index."""
    articles = snapshot.articles(positive)
    vector = np.mean([mean_vector(snapshot.passage_vectors(int(row))) for row in positive], axis=0)
    if len(negative):
        away = np.mean([mean_vector(snapshot.passage_vectors(int(row))) for row in negative], axis=0)
        vector = vector - NEGATIVE_WEIGHT * away
    texts = snapshot.kept_texts(positive)
    return Seed(
        unit(vector),
        LexicalQuery(words=salient_words(snapshot, "\n".join(texts))),
        union(positive, negative),
        articles[0] if len(articles) == 1 and not len(negative) else None,
        texts[0] if len(articles) == 1 else "",
    )


def seed_of_text(snapshot: Snapshot, encoder: Encoder, text: str) -> Seed:
    """A seed from a text that is not in the index; of a very long one, from its beginning."""
    text = head_of(text, TEXT_PASSAGES * encoder.info.max_tokens * TOKEN_CHARACTERS)
    article = Article(id="draft", body=text)
    options = PassageOptions(max_per_article=TEXT_PASSAGES)
    whole = ((0, len(text)),)
    passages = split_passages(article, whole, encoder.token_spans, options, encoder.info.max_tokens)
    vectors = encoder.encode_passages([passage.text for passage in passages] or [text])
    words = LexicalQuery(words=salient_words(snapshot, text))
    return Seed(mean_vector(vectors), words, np.empty(0, np.int64), text=text)


def salient_words(snapshot: Snapshot, text: str, count: int = SALIENT_WORDS) -> tuple[str, ...]:
    """The words of a text that tell it from the rest: highest (1 + log tf) times idf, at most ``count``.

    Words that stand in no other article say nothing about relations and are left out.
    """
    telling = (one.word for one in telling_terms(snapshot, text) if one.held > 1)
    return tuple(islice(telling, count))
