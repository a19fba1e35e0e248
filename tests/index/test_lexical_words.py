"""Words that readers write otherwise than articles do: found in base and delta alike."""

from __future__ import annotations

import pytest

from semsearch.index.lexical import LexicalDocument, LexicalIndex
from semsearch.index.lexical_analysis import analyzer
from semsearch.query import parse_query
from semsearch.search.retrieval import LexicalQuery
from tests.index.lexical_cases import index_of

DOCS = {
    "hospital": ("Die Krankenhausreform kommt", "Das Gesetz gilt ab Januar.", "de"),
    "reform": ("Die Reform der Rente", "Der Minister legt ein Papier vor.", "de"),
    "council": ("Gemeinderat tagt", "Es geht um den Wohnungsbau.", "de"),
    "jobs": ("Werk baut aus", "1.200 neue Stellen und 3,5 Millionen Euro.", "de"),
    "posts": ("Port hires", "Some 1 200 people and 3.5 tonnes a day.", "en"),
    "seats": ("Stadium grows", "It will hold 1200 seats, 12 of them heated, and 200 more later.", "en"),
    "mail": ("E-mail fraud", "The F-16 flew over wi-fi masts. COVID-19 is back.", "en"),
    "email": ("Email rules", "F16 jets, wifi and COVID19, says @harbour_news under #CoastStorm.", "en"),
    "frost": ("Frost to -20 degrees", "Cold air from the north.", "en"),
    "cold": ("Cold spell ends", "Milder air from the west.", "en"),
    "simplified": ("台湾下雪", "台北附近的山上有积雪，学校停课。", "zh"),
    "traditional": ("臺灣的核電廠", "電廠將在明年檢修。", "zh"),
    "japanese": ("港にクジラ", "鯨が湾に入った。", "ja"),
    "korean": ("서울의 눈", "눈이 많이 왔다.", "ko"),
    "economy": ("الاقتصاد ينمو", "قال الوزير إن حكومته رفعت الأجور ١٬٥٠٠ دينار", "ar"),
    "books": ("کتاب‌های تازه", "قیمت ۲۵۰ تومان است", "fa"),
}
FOUND = {
    "Reform": "reform hospital",
    "Krankenhaus": "hospital",
    "Rat": "council",
    "Bau": "council",
    "1200": "jobs posts seats",
    "1.200": "jobs posts seats",
    "1,200": "jobs posts seats",
    "3,5": "jobs posts",
    "email": "email mail",
    "wifi": "email mail",
    "COVID19": "email mail",
    "@harbour_news": "email",
    "#coaststorm": "email",
    "coast": "email",
    "雪": "simplified",
    "核": "traditional",
    "鯨": "japanese",
    "鲸": "japanese",
    "눈": "korean",
    "台湾": "simplified traditional",
    "臺灣": "simplified traditional",
    "核电": "traditional",
    "اقتصاد": "economy",
    "والاقتصاد": "economy",
    "الحكومة": "economy",
    "وزير": "economy",
    "1500": "economy",
    "کتاب": "books",
    "كتابها": "books",
    "250": "books",
}
# More may match, but these come first, in this order or another.
FIRST = {
    "1 200": "posts jobs seats",
    "e-mail": "mail email",
    "wi-fi": "mail email",
    "F-16": "mail email",
    "F16": "email mail",
    "COVID-19": "mail email",
    "#CoastStorm": "email",
    "cold -20": "frost cold",
    "-20 degrees": "frost",
}
NUMBERS = {name: row for row, name in enumerate(DOCS)}


@pytest.fixture(scope="module", params=[0, len(DOCS)], ids=["base", "delta"])
def index(request, tmp_path_factory) -> LexicalIndex:
    """All articles built at once, or all added later."""
    docs = [LexicalDocument(name, *doc[:2], language=doc[2]) for name, doc in DOCS.items()]
    return index_of(tmp_path_factory.mktemp("words"), docs, late=request.param)


def found(index: LexicalIndex, text: str) -> list[str]:
    """The names of what a reader finds by words, best first."""
    query = parse_query(text)
    asked = LexicalQuery(query.words, query.phrases, query.excluded, quoted=query.quoted)
    names = list(DOCS)
    return [names[row] for row in index.search(asked, limit=20).rows.tolist()]


@pytest.mark.parametrize("query", FOUND)
def test_a_word_finds_its_other_forms(index, query):
    """Parts of compounds, numbers, joined forms, characters, letters of other alphabets; nothing else."""
    assert sorted(FOUND[query].split()) == sorted(found(index, query))


@pytest.mark.parametrize("query", FIRST)
def test_the_other_forms_of_words_come_first(index, query):
    """What shares a part alone comes behind."""
    expected = FIRST[query].split()
    assert sorted(expected) == sorted(found(index, query)[: len(expected)])


def test_a_word_counts_more_than_the_part_of_one(index):
    """Reform comes before Krankenhausreform."""
    assert ["reform", "hospital"] == found(index, "Reform")


@pytest.mark.parametrize(
    ("query", "expected"),
    [('"Reform"', "reform"), ('"degrees"', "frost"), ('"degree"', ""), ('"air from the north"', "frost")],
)
def test_quotes_mean_the_words_as_they_are_written(index, query, expected):
    """No other form of a word, no part of one."""
    assert expected.split() == found(index, query)


@pytest.mark.parametrize(
    ("query", "gone"),
    [
        ("air -degree", "frost"),
        ('air -"degree"', ""),
        ('air -"degrees"', "frost"),
        ("gesetz papier -Reform", "*"),
    ],
)
def test_exclusions_reach_as_far_as_the_words_they_name(index, query, gone):
    """A word excludes what it would find, in quotes what is written so."""
    left = set(found(index, query))
    assert (not left) if gone == "*" else gone not in left
    assert gone in {"*", "frost"} or left == {"frost", "cold"}


def test_frequencies_count_what_a_word_finds(index):
    """So a word that stands in compounds alone is no typing error."""
    assert [2, 1, 3, 2, 1] == index.document_frequency(["Reform", "Rat", "1200", "e-mail", "雪"])


def test_the_vocabulary_has_no_extra_terms(index):
    """What a text merely answers to is no word of it."""
    assert all(term[0] != "~" for term, _ in index.terms_with_prefix("body", "", limit=200))


@pytest.mark.parametrize(
    ("text", "wanted", "marked"),
    [
        ("Die Krankenhausreform kommt", {"reform"}, ["reform"]),
        ("Die Reform, die Krankenhausreform", {"reform"}, ["Reform", "reform"]),
        ("His e-mail and e-mails", {"email"}, ["e-mail", "e-mails"]),
        ("Some 1 200 people", {"1200"}, ["1 200"]),
        ("港に鯨が", {"鲸"}, ["鯨"]),
    ],
)
def test_marks_stand_under_what_answers(text, wanted, marked):
    """The part of a compound, the whole of a joined form, the character as it is written."""
    spans = analyzer("german" if "Reform" in text or "reform" in text else "english").marked(text, wanted)
    assert marked == [text[start:end] for _, start, end in spans]
