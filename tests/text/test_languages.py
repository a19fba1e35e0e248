"""Which language a text is in, and when nobody can tell."""

from __future__ import annotations

import errno
import time
from pathlib import Path

import pytest

from semsearch.errors import StorageFailed
from semsearch.text import languages
from semsearch.text.languages import HEAD, certain_among, detect_language, is_latin

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


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ข่าววันนี้", "th"),
        ("오늘의 뉴스", "ko"),
        ("今日のニュース", "ja"),
        ("東京都知事選挙の結果", "ja"),
        ("市政府今天宣布新的预算方案", "zh"),
        ("Σεισμός στη Χίο", "el"),
        ("חדשות היום", "he"),
        ("Կառավարություն", "hy"),
        ("საქართველო", "ka"),
        ("செய்திகள்", "ta"),
    ],
)
def test_letters_of_one_language_tell_it_at_once(text, code):
    """However short the text is."""
    assert code == detect_language(text)


@pytest.mark.parametrize("text", ["東京五輪", "Toyota 自動車"])
def test_few_letters_that_several_languages_have_tell_nothing_of_their_own(text):
    """Ideographs without kana may be Chinese or Japanese."""
    assert detect_language(text) != "zh"


@pytest.mark.parametrize(
    ("text", "among", "code"),
    [
        ("Der Gemeinderat hat den Haushalt beschlossen", {"en", "de", "fr"}, "de"),
        ("the council has passed the budget for schools", {"en", "de", "fr"}, "en"),
        ("Le conseil municipal a voté le budget des écoles", {"en", "de", "fr"}, "fr"),
        ("Berlin", {"en", "de"}, None),
        ("2026", {"en", "de"}, None),
        ("anything", set(), None),
        ("kommunestyret har vedtatt budsjettet for skolene i dag", {"en", "no"}, "no"),
    ],
)
def test_among_few_languages_only_what_is_certain_counts(text, among, code):
    """A name or a number is in any of them."""
    assert code == certain_among(text, among)


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("storm", True),
        ("Sturm in Łódź", True),
        ("Việt Nam", True),
        ("Шторм", False),
        ("2026 🔥", True),
        ("雪 a", True),
    ],
)
def test_latin_letters_are_told(text, latin):
    """Half of the letters suffice; a text without any counts as Latin."""
    assert latin == is_latin(text)
