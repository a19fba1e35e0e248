"""From options to a ready encoder."""

from __future__ import annotations

from collections.abc import Sequence

from semsearch.encoder.protocol import Encoder
from semsearch.options import EncoderOptions


def load_encoder(options: EncoderOptions | None = None, *, calibration: Sequence[str] = ()) -> Encoder:
    """The encoder that ``options`` ask for, loaded and ready.

    ``calibration`` are sample passages for a back end that needs them. Raises EncoderUnavailable when
    the model cannot be had.
    """
    from semsearch.encoder.torch_backend import SentenceTransformerEncoder

    del calibration
    return SentenceTransformerEncoder(options or EncoderOptions())
