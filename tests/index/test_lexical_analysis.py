"""From text to terms."""

from __future__ import annotations

import threading
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.errors import SettingsInvalid
from semsearch.index.lexical_analysis import STEMMERS, Analyzer, analyzer, stemmer_named, stemmer_of

ENGLISH = {
    "possessives": ("Obama's Obama’s workers' bosses’", "obama obama worker boss"),
    "contractions": ("we'll they’re I'm don't", "we they i dont"),
    "inner apostrophes": ("O'Neill Qur'an Hawai‘i Hawaiʻi", "oneil quran hawaii hawaii"),
    "dotted acronyms": ("U.S. U.N.'s U.S.-backed J.K. Rowling, 9 a.m.", "us un us back jk rowl 9 am"),
    "hyphens": ("Covid-19 state-of-the-art e-mail", "covid 19 state of the art e mail"),
    "numbers": (
        "$50 1,200 1,234,567.50 1.200 1.234,5 3,5% 3.5% 20m",
        "50 1200 1234567.50 1200 1234.5 3.5 3.5 20m",
    ),
    "dates and versions": ("9/11 12.05.2020 2.0.1", "9 11 12 05 2020 2 0 1"),
    "ampersands": ("AT&T S&P 500 Johnson&Johnson", "at&t s&p 500 johnson johnson"),
    "accents": (
        "naïve naive Beyoncé BEYONCE\u0301 İstanbul élec\u00adtion",
        "naiv naiv beyonc beyonc istanbul elect",
    ),
    "compatibility forms": ("ﬁnance Ｎｅｗｓ x²", "financ news x2"),
    "marks around words": ("_emphasis_ snake_case #MeToo @user «war»", "emphasi snake case metoo user war"),
    "inflection": ("elections elected ruling rulings", "elect elect rule rule"),
    "stop words stay": ("To be, or not to be", "to be or not to be"),
    "nothing": ("… — !? ''' ’s _ ", "s"),
}
OTHER = {
    "chinese": ("北京大学，東", "北京 京大 大学 东"),
    "japanese and english": ("AI企業Sonyの", "ai 企业 soni の"),
    "korean": ("서울에서", "서울 울에 에서"),
    "thai": ("ภาษา", "ภา าษ ษา"),
    "hindi keeps its vowel signs": ("हिन्दी भाषा", "हिन्दी भाषा"),
}


@pytest.mark.parametrize(("text", "expected"), [*ENGLISH.values(), *OTHER.values()], ids=[*ENGLISH, *OTHER])
def test_text_becomes_terms(text, expected):
    """Each rule of the analysis, as an English index sees it."""
    assert expected.split() == analyzer("english").terms(text)


@pytest.mark.parametrize(
    ("stemmer", "text", "expected"),
    [
        ("german", "Wahlen Häuser Straße", "wahl haus strass"),
        ("french", "l’équipe d'Élysée aujourd'hui élections", "equip elys aujourdhui elect"),
        ("italian", "dell'arte un’amica", "arte amic"),
        ("greek", "εκλογές", "εκλογ"),
        ("", "Running elections", "running elections"),
    ],
)
def test_other_languages_have_their_own_stems(stemmer, text, expected):
    """Stemming and elision follow the language; accents are folded after it."""
    assert expected.split() == analyzer(stemmer).terms(text)


def test_spans_say_where_a_term_came_from():
    """Each term has the characters that it came from, without a possessive."""
    text = "“Obama’s” U.S. plan: 1,200 北京大"
    spans = analyzer("english").spans(text)
    assert ["Obama", "U.S.", "plan", "1,200", "北京", "京大"] == [text[start:end] for _, start, end in spans]
    assert ["obama", "us", "plan", "1200", "北京", "京大"] == [term for term, _, _ in spans]


@given(st.text(max_size=200))
def test_any_text_can_be_analysed(text):
    """No text is an error; terms hold no blank; spans give the same terms in bounds and in order."""
    terms = analyzer("english").terms(text)
    spans = analyzer("english").spans(text)
    assert terms == [term for term, _, _ in spans]
    assert all(term and not any(mark.isspace() for mark in term) and len(term) <= 200 for term in terms)
    assert all(0 <= start < end <= len(text) for _, start, end in spans)
    assert sorted(start for _, start, _ in spans) == [start for _, start, _ in spans]


@given(st.text(st.sampled_from("aUsé7.,&'’_-\u00ad\u0301北京 \n\u00a0\u2028\x1c\x85\u3000"), max_size=40))
def test_a_text_has_the_terms_of_its_words_between_blanks(text):
    """No token reaches over a blank or looks past it, whatever the marks beside it and the kind of blank."""
    english = analyzer("english")
    spans = english.spans(text)
    assert english.terms(text) == [term for term, _, _ in spans]
    for wanted in {term for term, _, _ in spans}:
        marked = english.marked(text, {wanted})
        assert [one for one in marked if one in spans] == [piece for piece in spans if piece[0] == wanted]
        assert marked == [one for one in marked if one in spans] or wanted in english.extras(text)


@given(
    st.lists(st.sampled_from("Obama’s U.S. plan 1,200 3.5 北京大 plans Plan. l'an AT&T art party".split())),
    st.data(),
)
def test_the_spans_of_wanted_terms_are_those_of_all_terms_left_after_a_choice(words, data):
    """Looking for a few terms alone finds what analysing everything finds of them (oracle)."""
    text = " ".join(words)
    spans = analyzer("english").spans(text)
    wanted = data.draw(
        st.sets(st.sampled_from(["obama", "us", "plan", "1200", "北京", "京大", "art", "none"]))
    )
    assert [piece for piece in spans if piece[0] in wanted] == analyzer("english").marked(text, wanted)


@given(st.text(st.characters(categories=["L", "Zs"]), max_size=60))
def test_composed_and_decomposed_texts_have_the_same_latin_terms(text):
    """How accents are coded makes no difference."""
    latin = "".join(mark for mark in text if ord(mark) < 0x180)
    composed, decomposed = (unicodedata.normalize(form, latin) for form in ("NFC", "NFD"))
    assert analyzer("english").terms(composed) == analyzer("english").terms(decomposed)


def test_a_very_long_word_is_cut_and_matches_itself():
    """Data in a word's clothes stays one bounded term."""
    terms = analyzer("english").terms("x" * 10_000 + " end")
    assert 2 == len(terms)
    assert len(terms[0]) <= 64
    assert terms[:1] == analyzer("english").terms("x" * 10_000)


def test_an_analyzer_is_shared_by_threads():
    """Several threads that meet new words at once get the terms that one would."""
    words = [f"elections{number}" for number in range(2_000)]
    expected = Analyzer("english").terms(" ".join(words))
    shared, found = Analyzer("english"), []
    threads = [threading.Thread(target=lambda: found.append(shared.terms(" ".join(words)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [expected] * 4 == found


@pytest.mark.parametrize(
    ("language", "stemmer"),
    [("english", "english"), ("EN", "english"), ("de-AT", "german"), ("nb_NO", "norwegian"), ("none", "")],
)
def test_a_setting_names_a_stemmer(language, stemmer):
    """By name or by code, in any case, with a region or without."""
    assert stemmer == stemmer_named(language)


@pytest.mark.parametrize("language", ["klingon", "", "pl"])
def test_a_setting_without_a_stemmer_is_refused(language):
    """The error names the value and what could be given."""
    with pytest.raises(SettingsInvalid, match=r"lexical language is '.*english.*none"):
        stemmer_named(language)


def test_an_article_is_stemmed_by_its_own_language():
    """Its language where that has a stemmer, none where it has not, the index's where it names none."""
    assert ["german", "", "english", "english"] == [
        stemmer_of(language, "english") for language in ("de-DE", "pl", None, " ")
    ]


@pytest.mark.parametrize("stemmer", sorted(set(STEMMERS.values())))
def test_every_listed_stemmer_exists(stemmer):
    """Each language that a setting may name can be built."""
    assert ["2020"] == Analyzer(stemmer).terms("2020")
