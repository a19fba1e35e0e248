"""Whether the vectors of an index and those of an encoder can be compared."""

from __future__ import annotations

from semsearch.encoder.protocol import EncoderInfo
from semsearch.errors import EncoderMismatch
from semsearch.index.protocol import Snapshot


def check_encoder(snapshot: Snapshot, info: EncoderInfo) -> None:
    """Raise EncoderMismatch unless the index was built with this encoder."""
    if snapshot.encoder.fingerprint != info.fingerprint:
        raise EncoderMismatch(
            f"generation {snapshot.generation} holds vectors of '{snapshot.encoder.name}' "
            f"({snapshot.encoder.fingerprint[:12]}), the encoder in use is '{info.name}' "
            f"({info.fingerprint[:12]}); set [encoder] as it was, or rebuild: semsearch index build"
        )
