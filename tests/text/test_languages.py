"""Which language a text is in, and when nobody can tell."""

from __future__ import annotations

import errno
import time
from pathlib import Path

import pytest

from semsearch.errors import StorageFailed
from semsearch.text import languages
from semsearch.text.languages import HEAD, detect_language

NEWS = [
    line.split("\t")
    for line in Path(__file__).with_name("news_in_languages.tsv").read_text("utf-8").splitlines()
]
ENGLISH = "The council decided on Monday to close the village school at the end of the year. "


def test_no_short_article_is_given_another_language():
    """Title and two sentences are named rightly or not at all, and most are named."""
    found = [(language, detect_language(f"{title}\n{text}")) for language, title, text in NEWS]

    assert [] == [(true, told) for true, told in found if told not in {true, None}]
    assert sum(told is not None for _, told in found) >= 0.9 * len(NEWS)


@pytest.mark.parametrize(
    "text", ["", " \n ", "12 345 – 67", "x", "\ud800", "IBM", "😀😀😀", "a" * 5_000, "\x00" * 50]
)
def test_what_is_no_text_has_no_language(text):
    """Numbers, signs and noise are nobody's language."""
    assert detect_language(text) is None


def test_a_text_in_two_languages_is_unsure():
    """A German start and an English end decide nothing."""
    german = "Der Gemeinderat hat am Montag beschlossen, die Dorfschule zum Ende des Jahres zu schließen. "

    assert detect_language(german * 4 + ENGLISH * 4) is None


def test_only_the_head_counts():
    """What follows the head changes neither the answer nor the time it takes."""
    head = (ENGLISH * 20)[:HEAD]
    long = head + "я" * 10_000_000
    assert "en" == detect_language(head) == detect_language(long)

    def seconds(text: str) -> float:
        begun = time.perf_counter()
        for _ in range(20):
            detect_language(text)
        return time.perf_counter() - begun

    assert min(seconds(long) for _ in range(3)) < 5 * min(seconds(head) for _ in range(3))


def test_a_model_that_cannot_be_unpacked_is_told_with_the_way_out(monkeypatch, tmp_path):
    """The disk of temporary files is full; with space it is loaded after all."""
    from py3langid.langid import LanguageIdentifier

    def full(*_args: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    languages._identifier.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(LanguageIdentifier, "from_model_file", full)
        with pytest.raises(StorageFailed, match=r"No space left.*TMPDIR"):
            languages.detect_language("The council met in the town hall on Monday evening.")
    assert "en" == languages.detect_language("The council met in the town hall on Monday evening.")
