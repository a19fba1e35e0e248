"""Words that every text holds (articles, pronouns, prepositions): a query is not about them."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from semsearch.index.lexical_analysis import stemmer_of
from semsearch.text.words import fold

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

# Snowball's English list; tantivy's own, after Lucene, has a third of it.
_ENGLISH_LIST = (
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her "
    "hers herself it its itself they them their theirs themselves what which who whom this that these "
    "those am is are was were be been being have has had having do does did doing would should could "
    "ought a an the and but if or because as until while of at by for with about against between into "
    "through during before after above below to from up down in out on off over under again further "
    "then once here there when where why how all any both each few more most other some such no nor not "
    "only own same so than too very can will just now may might must shall"
)
_ENGLISH = frozenset(_ENGLISH_LIST.split())


def is_function_word(word: str, languages: Collection[str]) -> bool:
    """Whether a word is a function word of one of some languages, given as codes or names."""
    return any(_is_in(fold(word), word.lower(), stemmer_of(one, "")) for one in languages)


@lru_cache(maxsize=8192)
def _is_in(folded: str, lower: str, language: str) -> bool:
    if language == "english":
        return folded in _ENGLISH
    return bool(language) and _dropped(lower, language)


def _dropped(word: str, language: str) -> bool:
    filtering = _filter(language)
    return filtering is not None and not filtering.analyze(word)


@cache
def _filter(language: str) -> TextAnalyzer | None:
    """Drops the function words of a language; None where tantivy has no list of them."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    try:
        return TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.stopword(language)).build()
    except ValueError:
        return None
