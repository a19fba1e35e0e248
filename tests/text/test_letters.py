"""One spelling of letters and digits."""

from __future__ import annotations

import sys

import pytest

from semsearch.text.letters import one_spelling


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("plain 123", "plain 123"),
        ("Überraschung", "Überraschung"),
        ("١٢٣ ۴۵۶ १२३ ๑๒๓", "123 456 123 123"),
        ("ایران", "ايران"),
        ("کتاب‌ها", "\u0643تابها"),
        ("مُدَرِّسَة ـ أحمد", "مدرسه  احمد"),
        ("臺灣總統", "台湾总统"),
        ("鯨", "鲸"),
        ("東京にクジラ", "东京にクジラ"),
        ("서울", "서울"),
    ],
)
def test_each_letter_has_one_spelling(written, plain):
    """Digits of all scripts, Arabic and Persian forms, marks that shape letters, Chinese characters."""
    assert plain == one_spelling(written)


def test_no_character_becomes_several_and_all_is_done_at_once():
    """For every character there is: at most one takes its place, and it stays as it is."""
    for point in range(sys.maxunicode + 1):
        plain = one_spelling(chr(point))
        assert len(plain) <= 1
        assert plain == one_spelling(plain)
        assert plain.isascii() or not plain.isdecimal()
