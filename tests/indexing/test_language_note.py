"""What an operator hears of languages that the model does not read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.indexing.languages import language_note
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.indexing.test_languages import NEWS

DEFAULT = HashingEncoder(name="all-MiniLM-L6-v2")  # by name alone
INFO = DEFAULT.info


@pytest.mark.parametrize(
    "languages", [{}, {"en": 8, "de": 2}, {"en": 5, None: 9}, {None: 3}, {"en": 90, "de": 10, "fr": 10}]
)
def test_up_to_a_fifth_is_not_worth_a_word(languages):
    """A few articles in other languages, or of unknown ones, say nothing."""
    assert language_note(languages, INFO) is None


def test_of_a_model_of_ones_own_nothing_is_known():
    """Which languages another model reads is its owner's to know."""
    assert language_note({"de": 9}, replace(INFO, name="my-multilingual")) is None


@pytest.mark.parametrize(("encoder", "said"), [(DEFAULT, True), (HashingEncoder(), False)])
def test_a_build_says_it_once(tmp_path, encoder, said):
    """The report of a build names the languages and the setting; the articles name none themselves."""
    engine = Engine(Settings(indexes=tmp_path), encoder=encoder)
    engine.add_articles([Article(str(n), *row[1:]) for n, row in enumerate(NEWS)])
    notes = [note for note in engine.build([]).notes if "languages" in note]
    engine.close()

    assert said == (len(notes) == 1)
    if said:
        assert notes[0].startswith("9 of 12 articles are in languages that all-MiniLM-L6-v2 hardly reads")
        assert "[encoder] model" in notes[0]
        assert "de, es, fr" in notes[0]
