"""Cuts a JSON text into values without reading all of it, and finds its way in one that is broken."""

from __future__ import annotations

import re
import sys
from typing import TextIO

from semsearch.sources.protocol import MAX_RECORD_BYTES

_CHUNK = 2**18
# A string without its end matches up to the end of the buffer, with nothing in the group.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+("?)|[{}\[\]]', re.S)
_SCALAR = re.compile(r"[^,\]}\s]*+")
_BLANK = re.compile(r"\s*+")
_LONGEST_MATCH = 1_000  # characters of what is searched for
_LOOK_BACK = 200


class Scanner:
    """Reads values one by one; every character is looked at once or twice.

    A value may have ``most`` characters; ``nuls`` counts NUL characters, which are left out.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._buffer = ""
        self._at = 0
        self._line, self._counted = 1, 0  # the line at this place of the buffer
        self._held = sys.maxsize
        self._is_first = True  # the buffer begins where the text does
        self.most = MAX_RECORD_BYTES
        self.nuls = 0

    def peek(self) -> str:
        """The next character that is no blank; "" at the end."""
        while True:
            match = _BLANK.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def skip(self) -> None:
        """Go behind the character that ``peek`` told."""
        self._at = min(self._at + 1, len(self._buffer))

    def back(self, characters: int) -> None:
        """Go back by so many characters, at most to the beginning of the value that was given last."""
        self._at -= characters

    def hold(self) -> None:
        """Keep the text from here on until the next call, or ``release``, for ``back_to_held``."""
        self._held = self._at

    def release(self) -> None:
        """Keep nothing."""
        self._held = sys.maxsize

    def back_to_held(self) -> None:
        """Go back to where ``hold`` was called."""
        self._at = self._held

    def ahead(self, most: int) -> str:
        """What is held of the text from here on, without reading more."""
        return self._buffer[self._at : self._at + most]

    def line(self) -> int:
        """The line here, counted from 1."""
        self._line += self._buffer.count("\n", self._counted, self._at)
        if self._at < self._counted:
            self._line -= self._buffer.count("\n", self._at, self._counted)
        self._counted = self._at
        return self._line

    def indent(self) -> str | None:
        """The blanks between the beginning of the line and here; None where more stands between."""
        before, newline, line = self._buffer[max(0, self._at - _LOOK_BACK) : self._at].rpartition("\n")
        begins = newline or (self._is_first and not before and self._at <= _LOOK_BACK)
        return line if begins and not line.strip() else None

    def take(self, pattern: re.Pattern[str]) -> bool:
        """Go behind what matches here, if it does; a match is at most a few characters and blanks."""
        while len(self._buffer) - self._at < _LONGEST_MATCH and self._more():
            pass
        match = pattern.match(self._buffer, self._at)
        if match is None:
            return False
        self._at = match.end()
        return True

    def search(self, pattern: re.Pattern[str]) -> bool:
        """Go to the beginning of the next match; at the end of the text where there is none."""
        while True:
            match = pattern.search(self._buffer, self._at)
            if match is not None:
                self._at = match.start()
                return True
            before = self._at
            self._at = max(before, len(self._buffer) - _LONGEST_MATCH)
            if not self._more():
                self._at = len(self._buffer)
                return False

    def value(self) -> str | None:
        """The text of the value here: whole brackets, a string, a scalar.

        None if it is too long or cut off; then this is still the place where it begins.
        """
        start = self.peek()
        if start in set('{["'):
            return self._nested()
        while True:
            match = _SCALAR.match(self._buffer, self._at)
            end = match.end() if match else self._at
            if end < len(self._buffer) or not self._more():
                break
        if end == self._at == len(self._buffer):
            return None
        text, self._at = self._buffer[self._at : end], max(end, self._at + 1)
        return text

    def _nested(self) -> str | None:
        depth, position = 0, self._at
        while True:
            token = _TOKEN.search(self._buffer, position)
            if token is None or token[1] == "":
                position = len(self._buffer) if token is None else token.start()
                if len(self._buffer) - self._at > self.most:
                    return None
                before = self._at
                more = self._more()
                position += self._at - before
                if not more:
                    return None
                continue
            position = token.end()
            if token[1] is None:
                depth += 1 if token[0] in "{[" else -1
            if depth == 0:
                text, self._at = self._buffer[self._at : position], position
                return text
            if position - self._at > self.most:
                return None

    def _more(self) -> bool:
        """Read as much again as is held, so that a long value is looked at a bounded number of times."""
        left = max(0, min(self._at, self._held) - _LOOK_BACK)
        self._is_first = self._is_first and not left
        self.line()
        held = self._buffer[left:]
        part = self._stream.read(max(_CHUNK, len(held)))
        is_end = not part
        if "\0" in part:
            self.nuls += part.count("\0")
            part = part.replace("\0", "")
        self._buffer, self._at, self._held = held + part, self._at - left, self._held - left
        self._counted = self._at
        return not is_end
