"""Says when many articles are in a language that the encoder does not read."""

from __future__ import annotations

from collections.abc import Mapping

from semsearch.encoder.languages import languages_read
from semsearch.encoder.protocol import EncoderInfo
from semsearch.text import base_code

_WORTH_SAYING = 0.2  # share of all articles


def language_note(languages: Mapping[str | None, int], encoder: EncoderInfo) -> str | None:
    """What an operator should know of the languages of a build, or None.

    ``languages`` counts articles by code (None: unknown), as they name it or as it was detected.
    """
    served = languages_read(encoder)
    if served is None:
        return None
    others = {
        code: count for code, count in languages.items() if code is not None and base_code(code) not in served
    }
    total, unserved = sum(languages.values()), sum(others.values())
    if unserved <= _WORTH_SAYING * total:
        return None
    most = sorted(others, key=lambda code: (-others[code], code))[:3]
    return (
        f"{unserved} of {total} articles are in languages that {encoder.name} hardly reads (most: "
        f"{', '.join(most)}); words are found in them, but meaning and related lists are poor: set [encoder] "
        "model to the folder of a multilingual model and build again (docs/languages.md)"
    )
