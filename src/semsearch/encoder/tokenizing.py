"""A model's own fast tokenizer, used directly: no transformers, no torch."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from semsearch.errors import EncoderUnavailable
from semsearch.text.heads import heads_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_KNOWN_LEAST = 1 / 3  # share of a text's words and parts of words that a model must know


class KnownTokens:
    """Tells texts that a model cannot know: nearly all of their tokens stand for something unknown.

    Such texts have one vector, whatever they say, so none should be near another by it. ``vocabulary`` maps
    tokens to ids, ``unknown`` is the id that stands for what is in no token, ``special`` are other ids
    that stand for nothing of the text.
    """

    def __init__(self, vocabulary: Mapping[str, int], unknown: int | None, special: Collection[int]) -> None:
        self._unknown = -1 if unknown is None else unknown
        self._known = np.zeros(max(vocabulary.values(), default=0) + 1, np.bool_)
        words = [number for token, number in vocabulary.items() if any(map(str.isalnum, token))]
        self._known[words] = True
        self._known[[one for one in (self._unknown, *special) if 0 <= one < len(self._known)]] = False

    def silent(self, ids: Sequence[Sequence[int]], prompt: Sequence[int] = ()) -> npt.NDArray[np.bool_]:
        """Which of some texts, given by the ids of their tokens behind those of a prompt, are unknown."""
        known, unknown = self._counts(prompt)
        return np.array([self._is_silent(one, known, unknown) for one in ids], np.bool_)

    def _is_silent(self, ids: Sequence[int], known: int, unknown: int) -> bool:
        found, missed = self._counts(ids)
        found, missed = found - known, missed - unknown
        return found <= 0 or found < _KNOWN_LEAST * (found + missed)

    def _counts(self, ids: Sequence[int]) -> tuple[int, int]:
        """How many tokens are known words or parts of them, and how many stand for something unknown."""
        numbers = np.asarray(ids, np.int64)
        if not len(numbers):
            return 0, 0
        inside = numbers[numbers < len(self._known)]
        return int(self._known[inside].sum()), int(np.count_nonzero(numbers == self._unknown))


class TextTokenizer:
    """Token ids within a window, and character spans of the tokens of whole texts.

    Raises EncoderUnavailable on creation when the file is missing or no tokenizer.
    """

    def __init__(self, file: Path, window: int) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer = Tokenizer.from_file(str(file))
        except Exception as exc:  # the library raises bare Exception for every fault
            raise EncoderUnavailable(
                f"the tokenizer {file} cannot be read: {exc}; fetch the model again"
            ) from exc
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._window = window
        special = self._tokenizer.encode("a").special_tokens_mask
        # Special tokens after the text ([SEP]) stay when a text is cut to the window.
        self._known = KnownTokens(
            self._tokenizer.get_vocab(),
            _unknown_id(self._tokenizer),
            [number for number, token in self._tokenizer.get_added_tokens_decoder().items() if token.special],
        )
        self._tail = next((place for place, mask in enumerate(reversed(special)) if not mask), 0)

    def ids(self, texts: Sequence[str], prompt: str = "") -> list[list[int]]:
        """Token ids with special tokens and prompt, at most a window of them, for each text."""
        given = [prompt + text for text in texts] if prompt else list(texts)
        heads = heads_of(given, self._window, self._count)
        return [self._cut(found.ids) for found in self._tokenizer.encode_batch_fast(heads)]

    def silent(self, ids: Sequence[Sequence[int]], prompt: str = "") -> npt.NDArray[np.bool_]:
        """Which of the texts that have these ids the model does not know at all."""
        return self._known.silent(ids, self._tokenizer.encode(prompt).ids if prompt else ())

    def spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """The character span of each token, without special tokens, uncut."""
        return [
            found.offsets for found in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ]

    def reserved(self, prompt: str) -> int:
        """Tokens of the window that special tokens and the prompt take."""
        return len(self._tokenizer.encode(prompt).ids)

    def _count(self, texts: list[str]) -> list[int]:
        return [len(found.ids) for found in self._tokenizer.encode_batch_fast(texts)]

    def _cut(self, ids: list[int]) -> list[int]:
        if len(ids) <= self._window:
            return ids
        return ids[: self._window - self._tail] + ids[len(ids) - self._tail :]


def _unknown_id(tokenizer: Tokenizer) -> int | None:
    """The id of what a tokenizer knows no token for; None where it knows all."""
    name = getattr(tokenizer.model, "unk_token", None) or "<unk>"
    found: int | None = tokenizer.token_to_id(name)
    return found
