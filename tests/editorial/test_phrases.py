"""Which phrases of a text could carry a link to an article with a given headline."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from semsearch.editorial.phrases import shared_phrases, with_tail
from semsearch.editorial.wording import read_wording

WORD = re.compile(r"\w+")


def analyse(text: str) -> list[tuple[str, int, int]]:
    """A term is a word in small letters without a plural s."""
    return [(match[0].lower().rstrip("s"), *match.span()) for match in WORD.finditer(text)]


def phrases(text: str, headline: str, body: str = "", *, weak: str = "", barred=()) -> list[str]:
    """The phrases of a text for a headline, as they are written; ``weak`` words begin and end none."""
    terms = [term for term, _, _ in analyse(headline)]
    wording = read_wording(analyse, text, barred)
    found = shared_phrases(wording, terms, f"{headline}\n{body}", weak=lambda term: term in weak.split())
    return [text[one.start : one.end] for one in found]


@pytest.mark.parametrize(
    ("text", "headline", "body", "expected"),
    [
        ("It left the Kyoto Protocol.", "Kyoto Protocol ends", "", ["Kyoto Protocol"]),
        ("They fear spending cuts now.", "Spending cuts hurt schools", "", ["spending cuts"]),
        ("A spending cut is near.", "Spending cuts hurt schools", "", ["spending cut"]),
        ("Cuts hurt.", "Spending cuts hurt schools", "", ["Cuts hurt"]),
        ("The cuts came.", "Spending cuts hurt schools", "", []),
        ("The spending, cuts aside, rose.", "Spending cuts hurt", "", []),
        ("Today Chuck Hagel resigned.", "Hagel out", "Chuck Hagel left.", ["Chuck Hagel"]),
        ("Today Chuck Hagel resigned.", "Hagel out", "Anna Hagel left.", []),
        ("He sued the Bank of England.", "Bank robbed", "The Bank of England lends.", []),
        ("She met President Anna Hagel.", "Hagel out", "Anna Hagel left.", ["Anna Hagel"]),
        ("She met Sen. Hagel.", "Hagel out", "", ["Hagel"]),
        ("He met Anna Hagel. Later Hagel left.", "Hagel out", "Chuck Hagel left.", []),
        ("They printed 3D-printed guns.", "Printed guns are here", "", ["3D-printed guns"]),
        ("It was a nuclear-armed state.", "Armed robbery", "", []),
        ("They met North Korean soldiers.", "North Korean soldiers flee", "", ["North Korean soldiers"]),
        ("A North Korean spoke.", "North Korean flees", "", []),
        ("It was within the FBI then.", "Support within the FBI", "", ["FBI"]),
        ("They sue over Roe v. Wade again.", "Roe v. Wade falls", "", ["Roe v. Wade"]),
        ("It rained. Guns fell.", "Rained guns", "", []),
        ("Then Mueller's Russia probe ended.", "Mueller report", "", ["Mueller"]),
        ("He reads the Intercept daily.", "Calls were intercepted", "", []),
        ("The National Organization for Marriage met.", "Gay marriage wins", "Marriage is theirs.", []),
        ("They quit in February again.", "February comes", "", []),
        ("The chief executive resigned.", "A chief executive resigns", "", []),
        ("They bought Mobil <MOB> then.", "Mobil <MOB> sells", "", ["Mobil"]),
        ("Bankers welcomed it.", "Bankers welcome a hike", "", []),
        ("Then billionaire Tom Steyer came.", "Billionaire Tom Steyer runs", "", ["Tom Steyer"]),
        ("Mr. Bill de Blasio came.", "Bill de Blasio runs", "", ["Bill de Blasio"]),
        ("They met Uncle Joe then.", "Joe Biden runs", "Joe Biden is no Uncle Joe. Joe Biden ran.", []),
        ("They met Kim Il Sung then.", "Kim Jong Un ill", "Kim Jong Un follows Kim Il Sung.", []),
        ("", "Anything", "", []),
        ("Anything at all", "", "", []),
    ],
)
def test_what_a_text_shares_with_a_headline(text, headline, body, expected) -> None:
    """Whole names and runs of two words, as the text writes them; never a part of a name or of a word."""
    assert expected == phrases(text, headline, body)


def test_each_phrase_is_told_once_where_it_stands_first() -> None:
    """A plural is the same phrase."""
    text = "Spending cuts came. A spending cut hurts."
    assert ["Spending cuts"] == phrases(text, "Spending cuts")


def test_weak_words_begin_and_end_no_phrase_but_stay_in_names() -> None:
    """What is in every article is trimmed off, unless a name would be cut."""
    assert ["tax cuts"] == phrases("The new tax cuts today.", "New tax cuts today", weak="new today")
    assert ["Bank of America"] == phrases(
        "They left the Bank of America.", "Bank of America sued", weak="america"
    )


@pytest.mark.parametrize("quotes", ["“”", '""'])
def test_no_link_in_the_first_words_of_a_quotation(quotes) -> None:
    """A later mention takes it; a short quotation is a title and may be linked."""
    begin, end = quotes
    said = (
        f"He said: {begin}The Kyoto Protocol is dead and will not come back.{end} The Kyoto Protocol ended."
    )
    wording = read_wording(analyse, said)
    found = shared_phrases(wording, ["kyoto", "protocol"], "", weak=lambda _: False)
    assert [said.rindex("Kyoto")] == [one.start for one in found]
    assert ["Kyoto Protocol"] == phrases(f"The {begin}Kyoto Protocol{end} ended.", "Kyoto Protocol")


def test_no_link_where_one_is() -> None:
    """A span that is linked carries no second link, in whole or in part."""
    text = "The Kyoto Protocol ended. The Kyoto Protocol was old."
    assert [] == phrases(text, "Kyoto Protocol", barred=[(4, 9), (30, 60)])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["Kyoto", "Protocol", "tax", "cut", "the", ".", "“", "”", "x-"]), max_size=30),
    st.lists(st.sampled_from(["kyoto", "protocol", "tax", "cut", "the"]), max_size=6),
)
def test_every_phrase_is_in_the_headline(words, headline) -> None:
    """Whatever the text, terms of a phrase that grew by no name or hyphen stand in the headline in a row."""
    text = " ".join(words)
    wording = read_wording(analyse, text)
    for one in shared_phrases(wording, headline, "", weak=lambda _: False):
        terms = list(wording.key(one))
        rows = [headline[at : at + len(terms)] for at in range(len(headline))]
        assert terms in rows
        assert text[one.start : one.end].strip() == text[one.start : one.end]


@pytest.mark.parametrize(
    ("text", "headline", "together", "expected"),
    [
        ("A nuclear program began.", "Nuclear program talks", [], "nuclear program"),
        ("The Iran nuclear program began.", "Iran nuclear deal", ["nuclear program"], "Iran nuclear program"),
        (
            "The tax cut bill debate tired all.",
            "Tax cut comes",
            ["cut bill", "bill debate", "debate tired"],
            "tax cut bill debate",
        ),
        ("The tax cut, bill it, failed.", "Tax cut comes", ["cut bill"], "tax cut"),
        ("The tax cut Act failed.", "Tax cut comes", ["cut act"], "tax cut"),
        ("The tax cut in May failed.", "Tax cut comes", ["cut in"], "tax cut"),
        ("Anna Ode bridge.", "Anna Ode comes", ["ode bridge"], "Anna Ode"),
        ("The end is the tax cut", "Tax cut comes", [], "tax cut"),
    ],
)
def test_a_phrase_is_not_cut_before_words_that_stick_to_it(text, headline, together, expected) -> None:
    """Up to two small words in a row; not over a comma, not into a name, not behind a name."""
    terms = [term for term, _, _ in analyse(headline)]
    wording = read_wording(analyse, text)
    (phrase,) = shared_phrases(wording, terms, headline, weak=lambda _: False)
    grown = with_tail(wording, phrase, lambda word, following: f"{word} {following}" in together)
    assert expected == text[grown.start : grown.end]
