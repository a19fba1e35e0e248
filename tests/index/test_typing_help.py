"""The file of typing help: written by a build, read at first use, guarded like any other."""

from __future__ import annotations

import numpy as np
import pytest

from semsearch.articles import Article
from semsearch.engine import Engine
from semsearch.errors import IndexCorrupt
from semsearch.index.folder import IndexFolder
from semsearch.index.protocol import PreparedArticle
from semsearch.index.typing_help import TYPING, TypingBuilder, TypingHelp
from semsearch.settings import Settings
from tests.fakes import HashingEncoder
from tests.index.making import flip


def prepared(title, body):
    """An article of which all is kept."""
    kept = ((0, len(body)),)
    return PreparedArticle(Article("a", title, body), kept, (), np.zeros((0, 8), np.float32))


def test_boilerplate_is_no_vocabulary(tmp_path):
    """Only the kept text counts: what stands under every article is not what articles are about."""
    builder = TypingBuilder()
    for row in range(2):
        held = prepared("", "Korea talks. Subscribe now.")
        builder.add(row, PreparedArticle(held.article, ((0, 12),), (), held.vectors))
    builder.save(tmp_path / TYPING)
    assert ["korea", "talks"] == TypingHelp(tmp_path / TYPING).words.words


def test_a_generation_without_the_file_takes_live_rows(tmp_path):
    """What was built before there was typing help goes on, with what is added."""
    typing = TypingHelp(tmp_path / TYPING)
    typing.append(7, prepared("Korea talks", ""))
    assert [7] == next(typing.titles.find([[("korea", False)]], upto=8)).tolist()


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    """The fault names the file and a way out."""
    (tmp_path / TYPING).write_bytes(b"PK no zip")
    with pytest.raises(IndexCorrupt, match=r"typing\.npz.*roll back"):
        _ = TypingHelp(tmp_path / TYPING).titles


def test_a_changed_file_is_found_out_when_the_index_is_opened(tmp_path):
    """The manifest has its checksum, as of every file."""
    engine = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder())
    engine.add_articles([Article("a", "Korea talks")])
    engine.build([])
    engine.close()
    folder = IndexFolder(tmp_path, "default")
    file = folder.generation_path(folder.current()) / TYPING
    flip(file, file.stat().st_size // 2)
    with pytest.raises(IndexCorrupt, match=r"typing\.npz"):
        _ = Engine(Settings(indexes=tmp_path), encoder=HashingEncoder()).index


def test_values_that_come_later_are_found(tmp_path):
    """Labels only grow; the new ones are taken in."""
    typing = TypingHelp(tmp_path / TYPING)
    labels = ["Ada Marsh"]
    assert [0] == next(typing.values("author", labels).find([[("ada", False)]], upto=1)).tolist()
    labels.append("Ben Okoro")
    assert [1] == next(typing.values("author", labels).find([[("be", True)]], upto=2)).tolist()
