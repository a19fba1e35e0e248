"""An encoder that is known before it is loaded: a build that embeds nothing need not wait for a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from semsearch.encoder.protocol import Encoder, EncoderInfo, Vectors
from semsearch.errors import EncoderUnavailable


class DeferredEncoder:
    """Stands for the encoder that ``load`` gives, which is asked for with the first text.

    ``info`` is what that one will say of itself. Raises EncoderUnavailable where it turns out to be another,
    because a kept model was damaged and could not be made again; the next time that is known before.
    """

    def __init__(self, info: EncoderInfo, load: Callable[[], Encoder]) -> None:
        self._info = info
        self._load = load

    @property
    def info(self) -> EncoderInfo:
        """Name, fingerprint, dimension and window."""
        return self._info

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of queries, shape (len(texts), dimension), in the order given."""
        return self._loaded().encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of passages, shape (len(texts), dimension), in the order given."""
        return self._loaded().encode_passages(texts)

    def token_spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """For each text the character span of each of its tokens, without special tokens, uncut."""
        return self._loaded().token_spans(texts)

    def _loaded(self) -> Encoder:
        encoder = self._load()
        found, known = encoder.info, self._info
        if found.fingerprint != known.fingerprint:
            raise EncoderUnavailable(
                f"'{found.name}' was loaded in another form ({found.fingerprint[:12]}) than that of the live "
                f"index ({known.fingerprint[:12]}); run it again to build with that form"
            )
        return encoder
