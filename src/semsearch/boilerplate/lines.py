"""Lines around a story that are not told by it: bylines, times, photo credits, datelines; four languages.

Each rule wants the whole line in a set form, so that a sentence that only begins like one stays. All
patterns are bounded: a line that is too long to be one is never matched.
"""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["byline", "time", "credit", "dateline"]

_MOST_LINE = 240  # characters of a byline or time
_MOST_CAPTION_WORDS = 60
_NAMED_AGAIN = 20_000  # characters behind a dateline in which its place is looked for

_AGENCY = (
    r"(?:Thomson )?Reuters|REUTERS|(?:The )?Associated Press|A\.?P\.?|AFP|dpa(?:-AFX)?|DPA|EFE|Efe|ANSA|UPI"
    r"|Xinhua|Bloomberg|CNN(?: Business)?|Europa Press|TASS|PA(?: Media)?|Kyodo|Yonhap|Belga|APA|sda|SDA|SID"
    r"|epd|KNA|PTI|IANS"
)
# "LONDON (Reuters) - ", "PARIS, March 3 (AFP) —", "Berlin (dpa/bb) - ", "(AP) — ".
_DATELINE = re.compile(
    r"(?P<place>[^\W\d_][^()\n:;!?“”\"]{1,70})?"
    rf"\((?:{_AGENCY})(?:[/,]\s?[\w -]{{1,20}})?\)\s{{0,3}}(?:--?|–|—|:)\s{{0,3}}"
)
_PLACE = re.compile(r"[^\W\d_]{3,40}(?:[’' -][^\W\d_]{2,40})*")

_CAPITAL = r"[^\W\d_a-zß-ÿ][\w’'.-]{0,30}"
_NAME = rf"{_CAPITAL}(?:\s(?:(?:de|da|di|del|der|den|van|von|bin|al|la|le|du)\s){{0,2}}{_CAPITAL}){{1,3}}"
_BYLINE = re.compile(
    r"(?:(?:[Ww]ritten |[Ww]ords |[Rr]eported )?(?:[Bb]y|BY)|Von|VON|Par|PAR|Por|POR"
    r"|Ein Beitrag von|Un article de)\s?:?\s"
    rf"{_NAME}(?:\s?(?:,|&|\||\b(?:and|AND|und|et|y)\b)\s?{_NAME}){{0,5}}"
    rf"(?:\s?[,|–—-]\s?{_CAPITAL}[^.!?\n]{{0,60}})?"
)

_TIME = re.compile(
    r"(?:(?:last |first |originally |zuletzt )?"
    r"(?:updated|modified|published|posted|edited|aktualisiert|geändert|veröffentlicht|erstellt)"
    r"|stand|publié|mis à jour|modifié|dernière (?:mise à jour|modification)"
    r"|actualizado|publicado|última (?:actualización|modificación))(?=[\s:]).{2,120}",
    re.I,
)
_READING = re.compile(
    r"(?:(?:reading time|lesezeit|temps de lecture|tiempo de lectura)\s?:?\s\D{0,12}\d{1,3}\s?min\w{0,8}\.?"
    r"|\d{1,3}[ -]min(?:ute)?s?[ -]read)",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What may stand in a time beside numbers: months, days, zones, and the small words between them.
_OF_TIMES = _words(
    """
    updated modified published posted edited last first originally zuletzt aktualisiert geändert
    veröffentlicht erstellt stand publié mis à jour modifié dernière mise modification actualizado
    publicado última actualización modificación at on am pm a m p um uhr le el la las los de del y and
    und et h min hrs hours hour minutes minute ago vor stunden heure heures horas hora il hace est edt
    cst cdt pst pdt gmt utc bst cet cest mez mesz z t th st nd rd january february march april may june
    july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec
    januar februar märz mai juni juli oktober dezember okt dez janvier février mars avril juin juillet
    août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto
    septiembre octubre noviembre diciembre monday tuesday wednesday thursday friday saturday sunday mon
    tue wed thu fri sat sun montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi
    mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo der den
    dem
    """
)

_PICTURE = re.compile(
    r"(?:(?:file )?photos?(?: credit)?|photograph|image(?: credit)?|picture|fotos?|bild(?:quelle|nachweis)?"
    r"|crédits? photo|photo d[’']illustration|fotograf[íi]a|imagen|crédito)"
    r"(?:\s?[:©/]|\sby\s|\s(?:de|von)\s?:)\s?\S.{1,90}",
    re.I,
)
_HOLDER = (
    r"(?:Getty(?: Images)?|AP(?: Photo)?|AFP|REUTERS|Reuters|EPA(?:-EFE)?|EFE|dpa|picture[ -]alliance"
    r"|imago(?: images)?|Shutterstock|iStock|Alamy|Pixabay|Unsplash|Bloomberg|Xinhua|Zuma Press|NurPhoto"
    r"|Anadolu(?: Agency)?)"
)
# At the end of a caption: "(AP Photo/Ann Ode)", "Ann Ode/Getty Images", "© AFP", "REUTERS/Ann Ode".
_CREDIT_END = re.compile(
    r"(?:\([^()]{0,60}?\b(?:AP Photo|Getty Images|REUTERS/|EPA/|AFP/|dpa/|[Pp]hotos? by|[Pp]hoto:|[Ff]oto:"
    r"|[Cc]rédit)[^()]{0,80}\)"
    rf"|(?:^|[.!?»”\"]\s|[|–—]\s)(?:{_NAME}|{_CAPITAL})(?:\s?/\s?|\svia\s){_HOLDER}"
    rf"|©\s?[\w .’'-]{{0,40}}/?{_HOLDER}(?:/[\w .’'-]{{1,40}})?"
    rf"|[.!?»”\"]\s(?:Photos?|Image|Fotos?|Bild|Crédit photo)(?:\s?:|\sby)\s?{_NAME}(?:\s?/\s?{_CAPITAL})?"
    r"|(?:^|[.!?»”\"]\s)(?:REUTERS|AP Photo|EPA|AFP|dpa)/[\w .’'-]{2,40})\.?$"
)
_DESK = re.compile(
    r"\(?(?:(?:additional |with )?(?:reporting|writing) by|editing by|compiled by"
    r"|(?:redaktion|bearbeitung):) [^.!?\n]{3,200}(?:\)\.?|\.)?",
    re.I,
)
_INITIAL = re.compile(r"\b(\w)\. ")


def kind_of_line(text: str, *, at_head: bool, at_tail: bool) -> Kind | None:
    """What a whole paragraph is that tells nothing of the story; None for news.

    Bylines stand ``at_head`` of a body, times there or ``at_tail``, notes of the desk at its tail, captions
    with a credit anywhere.
    """
    text = text.strip()
    if len(text) <= _MOST_LINE and "\n" not in text:
        if at_head and _BYLINE.fullmatch(text):
            return "byline"
        if (at_head or at_tail) and _is_time(text):
            return "time"
        if at_tail and _DESK.fullmatch(_INITIAL.sub(r"\1 ", text)):
            return "byline"
        if _PICTURE.fullmatch(text) and text.count(" ") < 12 and not text.endswith((".", "!", "?")):
            return "credit"
    is_short = len(text) < 600 and text.count(" ") < _MOST_CAPTION_WORDS
    return "credit" if is_short and _CREDIT_END.search(text) else None


def dateline_end(body: str, start: int, end: int, title: str) -> int:
    """Where the dateline of an agency at the start of a paragraph ends; 0 where it has none or must stay.

    It stays where its place is named neither in the title nor in the text behind it: then it alone
    says where the story happened.
    """
    found = _DATELINE.match(body, start, end)
    if found is None or found.end() >= end:
        return 0
    others = f"{title}\n{body[found.end() : found.end() + _NAMED_AGAIN]}".casefold()
    places = [_PLACE.search(place) for place in (found["place"] or "").split("/")]
    return found.end() if all(place is None or place[0].casefold() in others for place in places) else 0


def _is_time(text: str) -> bool:
    if _READING.fullmatch(text):
        return True
    is_marked = _TIME.fullmatch(text) is not None and any(map(str.isdigit, text))
    return is_marked and all(word.casefold() in _OF_TIMES for word in _WORD.findall(text))
