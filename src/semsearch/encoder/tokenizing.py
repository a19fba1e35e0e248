"""A model's own fast tokenizer, used directly: no transformers, no torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from semsearch.errors import EncoderUnavailable
from semsearch.text.heads import heads_of


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
        self._tail = next((place for place, mask in enumerate(reversed(special)) if not mask), 0)

    def ids(self, texts: Sequence[str], prompt: str = "") -> list[list[int]]:
        """Token ids with special tokens and prompt, at most a window of them, for each text."""
        given = [prompt + text for text in texts] if prompt else list(texts)
        heads = heads_of(given, self._window, self._count)
        return [self._cut(found.ids) for found in self._tokenizer.encode_batch_fast(heads)]

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
