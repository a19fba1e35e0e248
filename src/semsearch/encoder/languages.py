"""Which languages an encoder reads: the weight of meaning follows it."""

from __future__ import annotations

from semsearch.encoder.model_files import DEFAULT_NAME
from semsearch.encoder.protocol import EncoderInfo
from semsearch.text import base_code

# Languages that an encoder was made for, by its name.
_READ = {DEFAULT_NAME: frozenset({"en"})}


def reads(encoder: EncoderInfo, language: str | None) -> bool:
    """Whether meaning counts for a text in a language: one that is read, or of which nothing is known."""
    read = languages_read(encoder)
    return read is None or not language or base_code(language) in read


def languages_read(encoder: EncoderInfo) -> frozenset[str] | None:
    """The codes of the languages that an encoder reads, or None where nothing is known of it."""
    return _READ.get(encoder.name)
