"""Links to add: phrases of a draft, and the article each should lead to; older articles to link it from.

A phrase is what stands both in the draft and in the headline of an article that is near one of its
passages, or that a name of the draft stands in the headline of. What its sentence is about decides
which article it leads to, and whether it leads anywhere: see ``link_evidence``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from semsearch.articles import Article, Filter
from semsearch.editorial.draft import Draft, copies_of, is_read, unread_rows
from semsearch.editorial.link_choice import Chosen, Option, choose
from semsearch.editorial.link_evidence import Weighing
from semsearch.editorial.link_marks import Linked
from semsearch.editorial.link_reasons import reason
from semsearch.editorial.phrases import shared_phrases, with_tail
from semsearch.editorial.wording import Phrase, Wording, read_wording
from semsearch.encoder.languages import reads
from semsearch.encoder.protocol import Encoder, EncoderInfo
from semsearch.index.protocol import LexicalQuery, Rows, Scores, Snapshot, Vectors
from semsearch.index.salient import telling_terms
from semsearch.ranking import first_of_each
from semsearch.text import same_page_key
from semsearch.text.words import fold

LIMIT = 5
MOST_LINKS = 20  # that may be asked for of each kind
NEAREST = 20  # articles looked at for each passage of a draft
TELLING = 20  # words of a draft by which articles are found whose language the encoder does not read
MOST_NAMES = 24  # names of a draft that are looked for in headlines
MOST_HEADLINES = 40  # that hold a name; of more, the name tells none apart
MOST_SENTENCES = 40  # of a draft that are encoded: those whose phrases could be the likeliest links
OLDER_READ = 12  # nearest older articles whose bodies are read
FLOOR = 0.5  # a suggestion with less confidence is not made


@dataclass(frozen=True, slots=True)
class Link:
    """A phrase that should lead to an article: ``text[start:end]`` of the text that it stands in.

    For an older article ``article`` is the one that the phrase stands in, and the link leads to the draft.
    """

    start: int
    end: int
    phrase: str
    sentence: str
    article: Article
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Links:
    """Links of a draft in the order of its text, and older articles that should link to it, best first."""

    draft: Draft
    links: tuple[Link, ...]
    older: tuple[Link, ...]
    generation: str
    encoder: EncoderInfo


def suggest_links(
    snapshot: Snapshot,
    encoder: Encoder,
    draft: Draft,
    *,
    where: Filter | None = None,
    linked: Linked | None = None,
    limit: int = LIMIT,
    older: int = LIMIT,
    least: float = FLOOR,
) -> Links:
    """What to link in a draft, and where to link to it; both may be empty.

    ``linked`` are the links that the draft has: their words and their articles get no other. A draft that
    is an article with a date gets only what ran before it. ``least`` is the confidence, 0 to 1, from which
    a link is suggested.
    """
    finder = _Finder(snapshot, encoder, draft, where or Filter())
    found = tuple(finder.links(linked, limit, least)), tuple(finder.older(older, least))
    return Links(draft, *found, snapshot.generation, snapshot.encoder)


class _Finder:
    """Finds both lists of one draft on one snapshot."""

    def __init__(self, snapshot: Snapshot, encoder: Encoder, draft: Draft, where: Filter) -> None:
        self._snapshot = snapshot.without(_own(snapshot, draft))
        self._encoder = encoder
        self._draft = draft
        published = draft.article.published_at if draft.article else None
        if published is not None:
            before = where.published_before
            where = replace(where, published_before=min(published, before) if before else published)
        self._where = where
        self._weighing = Weighing(snapshot)
        self._near: dict[int, float] = {}
        self._read = is_read(self._snapshot, draft)
        for vector in draft.vectors if self._read else ():
            near = self._snapshot.vector_candidates(vector, limit=NEAREST, where=where)
            for row, score in zip(near.rows.tolist(), near.scores.tolist(), strict=True):
                self._near[row] = max(self._near.get(row, 0.0), score)
        unread = self._unread(np.array(list(self._near), np.int64))
        self._near = {
            row: score for (row, score), gone in zip(self._near.items(), unread, strict=True) if not gone
        }
        self._near |= self._near_by_words()

    def links(self, linked: Linked | None, limit: int, least: float) -> list[Link]:
        """Phrases of the draft with their articles, in the order of the text."""
        wording = read_wording(self._snapshot.analyse, self._draft.text, linked.spans if linked else ())
        rows = self._single({*self._near, *self._named(wording)})
        articles = self._snapshot.articles(rows)
        known = {same_page_key(url) for url in linked.urls} if linked else set()
        free = [at for at, one in enumerate(articles) if not one.url or same_page_key(one.url) not in known]
        rows, articles = rows[free], [articles[at] for at in free]
        headlines = [self._terms(one.title) for one in articles]
        self._weighing.learn(wording, headlines)
        taken = [fold(linked.text[start:end]) for start, end in linked.spans] if linked else []
        pairs = [
            (at, phrase)
            for at, article in enumerate(articles)
            for phrase in self._shared(wording, headlines[at], article.title, article.body)
            if not any(fold(wording.written(phrase.first, phrase.last)) in words for words in taken)
        ]
        stories = self._snapshot.stories(rows).tolist()
        context = self._contexts(wording, pairs, headlines, lambda vector: self._scores(vector, rows))
        options = [
            Option(
                phrase,
                int(rows[at]),
                articles[at],
                stories[at],
                self._weighing.evidence(wording, phrase, headlines[at], float(context[number][at])),
            )
            for at, phrase in pairs
            if (number := wording.sentence(phrase.start)) in context
        ]
        return [self._link(wording, one) for one in choose(wording, options, limit=limit, least=least)]

    def older(self, limit: int, least: float) -> list[Link]:
        """Older articles with the phrase that should lead to the draft, the likeliest first."""
        headline = self._terms(self._draft.title)
        if not headline:
            return []
        best = sorted(self._near, key=lambda row: (-self._near[row], row))
        rows = np.array(best, np.int64)
        rows = rows[first_of_each(self._snapshot.duplicate_groups(rows))][:OLDER_READ]
        found: list[Link] = []
        for row, article in zip(rows.tolist(), self._snapshot.articles(rows), strict=True):
            if self._draft.article is not None and _leads_to(article, self._draft.article.url):
                continue
            wording = read_wording(self._snapshot.analyse, article.body)
            self._weighing.learn(wording, [headline])
            phrases = self._shared(wording, headline, self._draft.title, self._draft.text)
            pairs = [(0, phrase) for phrase in phrases]
            context = self._contexts(wording, pairs, [headline], partial(self._to_draft, row=row))
            options = [
                Option(phrase, row, article, -1, self._weighing.evidence(wording, phrase, headline, nearness))
                for phrase in phrases
                if (number := wording.sentence(phrase.start)) in context
                for nearness in context[number].tolist()
            ]
            found += [self._link(wording, one) for one in choose(wording, options, limit=1, least=least)]
        return sorted(found, key=lambda one: -one.confidence)[:limit]

    def _named(self, wording: Wording) -> Iterator[int]:
        """Rows of articles in whose headlines a name of the draft stands; longer names first."""
        names = dict.fromkeys(wording.written(*span) for span in wording.names)
        for name in sorted(names, key=lambda one: " " not in one)[:MOST_NAMES]:
            query = LexicalQuery(phrases=(name,))
            yield from self._snapshot.title_rows(query, where=self._where, most=MOST_HEADLINES).tolist()

    def _unread(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Which rows the encoder cannot set beside the draft: nearness in meaning says nothing of them."""
        return unread_rows(self._snapshot, rows) | (not self._read)

    def _near_by_words(self) -> dict[int, float]:
        """The unread rows that share the most telling words with the draft, each with a share of the best."""
        languages = self._snapshot.counts().languages
        if self._read and all(reads(self._snapshot.encoder, one) for one in languages):
            return {}
        terms = telling_terms(self._snapshot, f"{self._draft.title}\n{self._draft.text}")
        query = LexicalQuery(words=tuple(one.word for one in terms if one.held > 1)[:TELLING])
        found = self._snapshot.lexical_candidates(query, limit=NEAREST, where=self._where)
        best = max(found.scores.tolist(), default=1.0)
        unread = self._unread(found.rows)
        pairs = zip(found.rows[unread].tolist(), found.scores[unread].tolist(), strict=True)
        return {row: score / best for row, score in pairs}

    def _single(self, found: set[int]) -> Rows:
        """The rows, ascending, one of each text."""
        rows = np.array(sorted(found), np.int64)
        return rows[first_of_each(self._snapshot.duplicate_groups(rows))]

    def _terms(self, text: str) -> list[str]:
        return [term for term, _, _ in self._snapshot.analyse(text)]

    def _shared(self, wording: Wording, headline: Sequence[str], title: str, body: str) -> list[Phrase]:
        return shared_phrases(wording, headline, f"{title}\n{body}", weak=self._weighing.is_weak)

    def _scores(self, vector: Vectors, rows: Rows) -> Scores:
        return np.where(self._unread(rows), np.nan, self._snapshot.vector_scores(vector, rows).scores)

    def _to_draft(self, vector: Vectors, *, row: int) -> Scores:
        if self._unread(np.array([row]))[0]:
            return np.array([np.nan], np.float32)
        nearest: Scores = (self._draft.vectors @ vector).max(keepdims=True)
        return nearest

    def _contexts(
        self,
        wording: Wording,
        pairs: Sequence[tuple[int, Phrase]],
        headlines: Sequence[Sequence[str]],
        scores: Callable[[Vectors], Scores],
    ) -> dict[int, Scores]:
        """For the number of each sentence its inner products with the articles; of the likeliest alone."""
        hopes: dict[int, float] = {}
        for at, phrase in pairs:
            number = wording.sentence(phrase.start)
            hope = self._weighing.evidence(wording, phrase, headlines[at], 1.0).confidence
            hopes[number] = max(hopes.get(number, 0.0), hope)
        numbers = sorted(hopes, key=lambda one: (-hopes[one], one))[:MOST_SENTENCES]
        if not numbers:
            return {}
        vectors = self._encoder.encode_passages([wording.sentence_text(one) for one in numbers])
        return {number: scores(vector) for number, vector in zip(numbers, vectors, strict=True)}

    def _link(self, wording: Wording, chosen: Chosen) -> Link:
        option = chosen.option
        phrase, article = option.phrase, option.article
        told = reason(
            wording.written(phrase.first, phrase.last),
            named=phrase.named,
            published=article.published_at,
            fitting=chosen.fitting,
            newest=chosen.newest,
        )
        whole = with_tail(wording, phrase, self._weighing.sticks)
        sentence = wording.sentence_text(wording.sentence(phrase.start))
        written = wording.text[whole.start : whole.end]
        return Link(whole.start, whole.end, written, sentence, article, told, option.evidence.confidence)


def _leads_to(article: Article, url: str | None) -> bool:
    """Whether what is known of an article holds the address: in its text or in what came with it."""
    return bool(url) and any(url in text for text in (article.body, *map(str, article.extra.values())) if url)


def _own(snapshot: Snapshot, draft: Draft) -> Rows:
    """The draft in the archive, if it is there, and the copies of its text."""
    if draft.article is not None:
        rows = np.array([snapshot.row_of(draft.article.id)], np.int64)
    else:
        rows = copies_of(snapshot, draft, Filter())
    groups = np.unique(snapshot.duplicate_groups(rows)).tolist()
    members = [snapshot.group_members(group, where=Filter()) for group in groups]
    return np.unique(np.concatenate([rows, *members]))
