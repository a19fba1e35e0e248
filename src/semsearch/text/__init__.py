"""Text hygiene, spans and dates: what every room may use; standard library only."""

from semsearch.text.dates import day_in_words, parse_date
from semsearch.text.hygiene import clean_characters, clean_line, clean_text, replace_surrogates, shown
from semsearch.text.languages import base_code
from semsearch.text.spans import split_paragraphs, split_sentences
from semsearch.text.urls import canonical_url, same_page_key

__all__ = [
    "base_code",
    "canonical_url",
    "clean_characters",
    "clean_line",
    "clean_text",
    "day_in_words",
    "parse_date",
    "replace_surrogates",
    "same_page_key",
    "shown",
    "split_paragraphs",
    "split_sentences",
]
