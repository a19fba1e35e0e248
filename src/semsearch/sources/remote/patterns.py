"""Regular expressions that people write into settings, matched in time linear in the text."""

from __future__ import annotations

from typing import Any


class PatternInvalid(ValueError):  # noqa: N818  as the tree of errors is named
    """Not a regular expression, or one that no linear-time matcher can have; the words say why."""


class Pattern:
    """A regular expression in RE2's syntax: Python's, without look-around and back references.

    Those two are what lets a pattern such as ``(a+)+$`` try exponentially many ways. Raises PatternInvalid.
    """

    def __init__(self, written: str) -> None:
        import re2

        options = re2.Options()
        options.log_errors = False
        try:
            self._compiled: Any = re2.compile(written, options)
        except re2.error as exc:
            said = exc.args[0] if exc.args else "not understood"
            words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
            raise PatternInvalid(words) from exc
        except UnicodeError as exc:
            raise PatternInvalid("not text that can be written in UTF-8") from exc

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere in a text."""
        return self._compiled.search(text.encode("utf-8", "replace").decode()) is not None
