"""Bylines, times, credits and datelines: what goes, and the news that looks alike and stays."""

from __future__ import annotations

import time

import pytest

from semsearch.boilerplate import Boilerplate

TITLE = "Council in London agrees on a bridge"
NEWS = "The council met on Tuesday and agreed on a new bridge over the river."
MORE = "Work will begin in May, said the mayor, and end before the winter."
END = "Two hundred people came to hear the vote, more than ever before."


def kinds(*paragraphs, title=TITLE):
    """What is cut, as kind and text."""
    body = "\n\n".join(paragraphs)
    return [(cut.kind, body[cut.start : cut.end]) for cut in Boilerplate().cuts(body, title=title)]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("byline", "By Jane Doe"),
        ("byline", "BY JANE DOE AND JOHN ROE"),
        ("byline", "By Jane Doe and John Roe, Associated Press"),
        ("byline", "By Ludwig van Beethoven | Washington Bureau"),
        ("byline", "Von Anna Müller und Jörg Weiß, Berlin"),
        ("byline", "Par Éloïse Lefèvre et Jean-Marc Petit"),
        ("byline", "Por María Pérez y Juan de la Cruz"),
        ("time", "Last updated: March 3, 2020 at 14:05 GMT"),
        ("time", "Published 3 Mar 2020, 5:04 p.m. EST"),
        ("time", "Aktualisiert am 3. März 2020 um 14:05 Uhr"),
        ("time", "Stand: 03.03.2020, 14:05 Uhr"),
        ("time", "Publié le mardi 3 mars 2020 à 14h05"),
        ("time", "Mis à jour le 3 mars 2020"),
        ("time", "Actualizado el 3 de marzo de 2020 a las 14:05"),
        ("time", "3 min read"),
        ("time", "Lesezeit: 4 Minuten"),
        ("title", "COUNCIL IN LONDON AGREES ON A BRIDGE!"),
    ],
)
def test_what_stands_over_a_story_is_cut_there_alone(kind, line):
    """Before the first paragraph of news it goes; among news it stays."""
    assert [(kind, line)] == kinds(line, NEWS, MORE, END, NEWS)
    assert [] == kinds(NEWS, line, MORE, END, NEWS)


@pytest.mark.parametrize(
    "line",
    [
        "Photo: Jane Doe / Herald",
        "Image credit: Jane Doe",
        "Photo by Jane Doe",
        "Foto: dpa/Jörg Weiß",
        "Bild: Imago",
        "Crédit photo : Jean Petit",
        "Photo d'illustration : Jean Petit",
        "Fotografía: Juan de la Cruz",
        "The mayor opens the old bridge on Monday. (AP Photo/Jane Doe)",
        "The mayor opens the old bridge on Monday. Jane Doe/Getty Images",
        "The mayor opens the old bridge. (Photo by Jane Doe/Getty Images)",
        "Le maire ouvre le pont. © Jean Petit/AFP",
        "The mayor on the bridge. REUTERS/Jane Doe",
        "Die Brücke am Montag. (Foto: Jörg Weiß)",
    ],
)
def test_credits_are_cut_with_their_captions(line):
    """A line that ends in the name of a photographer or agency is a caption, wherever it stands."""
    assert [("credit", line)] == kinds(NEWS, line, MORE, END, NEWS)


@pytest.mark.parametrize(
    "line",
    [
        "(Reporting by Jane Doe; Editing by John R. Roe)",
        "Reporting by Jane Doe in Paris; editing by John Roe.",
    ],
)
def test_the_desk_signs_at_the_end(line):
    """Who reported and edited goes behind the news."""
    assert [("byline", line)] == kinds(NEWS, MORE, END, line)


@pytest.mark.parametrize(
    "start",
    [
        "LONDON (Reuters) - ",
        "LONDON, March 3 (AFP) — ",
        "London (dpa) - ",
        "London (dpa/bb) – ",
        "(AP) -- ",
        "LONDON, England (CNN) — ",
    ],
)
def test_a_dateline_goes_where_its_place_is_named_again(start):
    """The title names London; without that the dateline alone tells where it was."""
    assert [("dateline", start.rstrip())] == [
        (kind, text.rstrip()) for kind, text in kinds("By Jane Doe", start + NEWS, MORE) if kind != "byline"
    ]
    assert ("London" in start or "LONDON" in start) == ([] == kinds(start + NEWS, MORE, title="A bridge"))


def test_a_dateline_of_two_places_needs_both():
    """A place that stands nowhere else is not lost."""
    assert [] == kinds(f"LONDON/PARIS (Reuters) - {NEWS}", MORE)
    assert 1 == len(kinds(f"LONDON/PARIS (Reuters) - {NEWS}", "The mayor of Paris came."))


@pytest.mark.parametrize(
    "line",
    [
        "By Monday the river had risen.",
        "By Christmas Eve, the bridge was closed",
        "By the river, the mayor wept",
        "Von Berlin nach Hamburg fahren keine Züge",
        "Von Januar an gilt das Gesetz.",
        "Par ailleurs, le maire a parlé.",
        "Por otra parte, el alcalde habló.",
        "Published figures showed 3 deaths in 2020",
        "Updated rules will apply from 3 March to all trains",
        "Stand by for 3 more",
        "Photo editors met in London on Tuesday.",
        "Photo: the mayor said that he had never seen it, and that he did not care for it at all.",
        "Image is everything, the mayor said.",
        "He now works for Getty Images.",
        "The picture was taken by a man from Reuters.",
        "The council (Reuters) said nothing.",
        "He sold the pictures to the agencies AFP/Getty Images.",
        "The Herald reported (photo: page 3) that the bridge had been closed for a year by the mayor alone",
        "LONDON — The council met.",
        "Reporting by the Herald led to the vote, which the mayor lost. He left.",
        "Anzeige erstattet hat der Bürgermeister am Montag.",
        "Publicité et vérité ne font pas bon ménage.",
    ],
)
def test_news_that_begins_like_a_line_stays(line):
    """A rule wants the whole line in its form."""
    assert [] == kinds(line, NEWS, MORE)
    assert [] == kinds(NEWS, MORE, line)


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("phrase", "Anzeige"),
        ("phrase", "Melden Sie sich für unseren täglichen Newsletter an"),
        ("phrase", "Publicité"),
        ("phrase", "Abonnez-vous à notre newsletter"),
        ("phrase", "Publicidad"),
        ("phrase", "Suscríbete a nuestro boletín"),
        ("phrase", "Facebook Twitter WhatsApp"),
        ("link", "Lesen Sie auch: Bürgermeister tritt zurück"),
        ("link", "À lire aussi : Le maire démissionne"),
        ("link", "Lea también: El alcalde dimite"),
        ("list", "Mehr zum Thema"),
        ("list", "Sur le même sujet"),
        ("list", "Noticias relacionadas"),
    ],
)
def test_set_phrases_of_other_languages(kind, line):
    """German, French and Spanish sites say the same things."""
    assert [(kind, line)] == kinds(NEWS, MORE, line)


def test_a_body_of_lines_alone_is_kept():
    """Nothing is cut where nothing would be left."""
    assert [] == kinds("By Jane Doe", "Photo: Jane Doe")


@pytest.mark.parametrize(
    "piece",
    [
        "By Jane Doe\n\n",
        "By Jane " * 3,
        "(AP Photo/",
        "(Reuters) - ",
        "LONDON (",
        "Photo: ",
        "Jane Doe/Getty ",
        "Updated 3 March ",
        "x/",
        "© a ",
        "Reporting by J. ",
        "Read more: a\n\n",
        "Related\n\n",
        f"{NEWS}\n\n",
        "facebook x ",
        "à ",
    ],
)
def test_time_grows_with_length_only(piece):
    """Four times the paragraphs or characters cost about four times as much, whatever they are made of."""

    def cost(characters: int) -> float:
        body = piece * (characters // len(piece))
        return max(min(_timed(body) for _ in range(3)), 2e-4)

    assert cost(80_000) < 12 * cost(20_000)


def _timed(body: str) -> float:
    begun = time.process_time()
    Boilerplate().cuts(body, title=TITLE)
    return time.process_time() - begun


def test_fifty_thousand_lines_are_read():
    """A very long page loses its lines and keeps its news."""
    body = "\n\n".join([NEWS, *["Read more: Mayor resigns", MORE] * 25_000])
    cuts = Boilerplate().cuts(body)

    assert 25_000 == len(cuts)
    assert {"link"} == {cut.kind for cut in cuts}
