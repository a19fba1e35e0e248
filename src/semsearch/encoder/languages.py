"""Which languages an encoder reads: the weight of meaning follows it."""

from __future__ import annotations

from semsearch.encoder.model_files import DEFAULT_NAME
from semsearch.encoder.protocol import EncoderInfo

# Languages that an encoder was made for, by its name.
_READ = {DEFAULT_NAME: frozenset({"en"})}


def languages_read(encoder: EncoderInfo) -> frozenset[str] | None:
    """The codes of the languages that an encoder reads, or None where nothing is known of it."""
    return _READ.get(encoder.name)
