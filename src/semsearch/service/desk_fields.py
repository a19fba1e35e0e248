"""What is typed into the fields of the desk's forms, read leniently: its models tell what is wrong."""

from __future__ import annotations

import contextlib


def parts_of(text: str) -> list[str]:
    """The values of a field, between commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def number_or_text(text: str, kind: type[int] | type[float]) -> float | str:
    """The number that a text is; else the text, which is told to be none."""
    with contextlib.suppress(ValueError):
        return kind(text)
    return text


def digits_of(text: str, most: int) -> int | None:
    """The number that up to ``most`` digits are; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None
