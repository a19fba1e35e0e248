"""Which parts of a body are left, and what is boilerplate on any site."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semsearch.boilerplate import Boilerplate, Recurring
from semsearch.boilerplate.units import key_of
from semsearch.text.phrases import speaks_of_site

NEWS = "The council met on Tuesday and agreed on a new bridge over the river."
MORE = "Work will begin in May, said the mayor, and end before the winter."
ABOUT = (
    "Valley Herald is a great place to find informative, up-to-date news articles. We provide a wide range "
    "of articles. You can easily search for the topics that matter most to you."
)
FOOTER = "All of the valley, every morning."


def left(*paragraphs, boilerplate=None, source=None):
    """The paragraphs that are kept."""
    body = "\n\n".join(paragraphs)
    return [body[start:end] for start, end in (boilerplate or Boilerplate()).kept_spans(body, source)]


@pytest.mark.parametrize(
    "line",
    [
        "You May Also Like",
        "YOU MIGHT ALSO LIKE:",
        "Advertisement",
        "— ADVERTISEMENT —",
        "Read more",
        "Read more »",
        "Sign up for our newsletter",
        "Subscribe to our free daily newsletter",
        "Share this article",
        "Related articles",
        "Share on Facebook",
        "Story continues below advertisement",
        "Continue reading the main story",
        "Leave a comment",
        "Read more: Bridge closed for a year",
        "RELATED: Mayor resigns",
        "See also – The long way to the bridge",
        "Tweet",
        "Follow us on Twitter",
        "We use cookies to make your visit better.",
        "Thank you for reading!",
        "Most read",
    ],
)
def test_set_phrases_are_cut(line):
    """Lines that are no news on any site go."""
    assert [NEWS, MORE] == left(NEWS, line, MORE)


@pytest.mark.parametrize(
    "line",
    [
        "Watch-makers sold more.",
        "More-than-expected rain fell.",
        "Sign up for the war, he told them.",
        "Why?",
        "Save the bridge, they said.",
        "Related costs rose.",
        "He shared this article with the court.",
        "Comments differ.",
        "We use cookies as bait, said the fisherman who has worked on the river since he was a boy.",
        "Read more books, the minister told the pupils.",
        "12",
    ],
)
def test_news_is_kept(line):
    """Sentences that begin like a set phrase are news."""
    assert ["\n\n".join([NEWS, line, MORE])] == left(NEWS, line, MORE)


def test_titles_under_a_list_heading_are_cut():
    """The links under "You May Also Like" go with it, up to the next real paragraph."""
    assert [NEWS, MORE] == left(
        NEWS, "You May Also Like", "Mayor resigns after vote", "Floods close the school", MORE
    )


def test_a_site_that_speaks_of_itself_is_cut_at_the_end_only():
    """A paragraph about the site goes where footers stand, and is kept where news stands."""
    assert [NEWS] == left(NEWS, ABOUT, "You May Also Like")
    assert ["\n\n".join([ABOUT, NEWS, MORE, NEWS, MORE])] == left(ABOUT, NEWS, MORE, NEWS, MORE)


def test_news_about_media_does_not_speak_of_the_site():
    """An article about a newspaper is no footer."""
    assert not speaks_of_site(
        "The Herald is a newspaper of the valley. Its readers were told to stay informed."
    )


def test_a_body_of_boilerplate_alone_is_kept():
    """What would be lost as a whole is kept as a whole."""
    assert ["Advertisement\n\nRead more"] == left("Advertisement", "Read more")
    assert [] == left("")


def test_recurring_paragraphs_and_sentences_are_cut():
    """A recurring text goes as a paragraph anywhere and as a sentence at the ends; case does not count."""
    boilerplate = Boilerplate([Recurring(key_of(FOOTER), FOOTER, 9)])

    assert [NEWS, MORE] == left(NEWS, FOOTER.upper(), MORE, boilerplate=boilerplate)
    assert [f"{NEWS} {MORE}"] == left(f"{NEWS} {MORE} {FOOTER}", boilerplate=boilerplate)
    assert [NEWS] == left(f"{FOOTER} {NEWS}", boilerplate=boilerplate)


def test_boilerplate_of_one_source_is_cut_there_only():
    """A text of one source stays in articles of others, and no source is a source of its own."""
    boilerplate = Boilerplate([Recurring(key_of(FOOTER), FOOTER, 9, ("Herald",))])

    assert [NEWS] == left(NEWS, FOOTER, boilerplate=boilerplate, source="Herald")
    assert [f"{NEWS}\n\n{FOOTER}"] == left(NEWS, FOOTER, boilerplate=boilerplate, source="Wire")
    assert [f"{NEWS}\n\n{FOOTER}"] == left(NEWS, FOOTER, boilerplate=boilerplate)


def test_rows_bring_it_back():
    """What a store kept is the same boilerplate."""
    found = (
        Recurring(key_of(FOOTER), FOOTER, 9, ("Herald", "")),
        Recurring(-5, "ü", 3),
        Recurring(2**62, "x", 3),
    )

    assert found == Boilerplate.from_rows(Boilerplate(found).to_rows()).found
    assert [] == Boilerplate.from_rows([]).to_rows()


PARTS = st.sampled_from(
    [NEWS, MORE, FOOTER, "Advertisement", "Read more", "You May Also Like", ABOUT, "x", " ", "\n", "\n\n"]
)


@given(st.lists(PARTS, max_size=15).map("".join) | st.text())
def test_spans_are_in_order_and_trimmed(body):
    """Kept spans never overlap, are never empty, and are none only where the body is blank."""
    spans = Boilerplate([Recurring(key_of(FOOTER), FOOTER, 9)]).kept_spans(body)
    position = 0
    for start, end in spans:
        assert position <= start < end <= len(body)
        assert body[start:end] == body[start:end].strip()
        position = end
    assert bool(spans) == bool(body.strip())
