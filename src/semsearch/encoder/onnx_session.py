"""One ONNX Runtime session: token ids of equal length in, vectors out; the only use of the library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from semsearch.encoder.protocol import Vectors
from semsearch.encoder.silence import silence_libraries
from semsearch.errors import EncoderUnavailable


class OnnxSession:
    """A loaded graph. A call uses one thread; many threads may call at once and share the weights.

    Raises EncoderUnavailable when the library is missing or the model cannot be read.
    """

    def __init__(self, model: Path | bytes) -> None:
        silence_libraries()
        try:
            import onnxruntime  # type: ignore[import-untyped, unused-ignore]
        except ImportError as exc:
            raise EncoderUnavailable(f"onnxruntime cannot be imported: {exc}; reinstall semsearch") from exc
        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        # Plans of memory are kept for every shape, of which there are as many as lengths times rows.
        options.enable_mem_pattern = False
        given = model if isinstance(model, bytes) else str(model)
        try:
            self._session = onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])
        except Exception as exc:  # its exceptions share no base class
            where = "in memory" if isinstance(model, bytes) else str(model)
            raise EncoderUnavailable(f"the converted model {where} cannot be loaded: {exc}") from exc

    def vectors(self, ids: npt.NDArray[np.int32]) -> Vectors:
        """Unit vectors of texts of one length: (texts, tokens) -> (texts, dimension)."""
        found: Vectors = self._session.run(["vector"], {"input_ids": ids})[0]
        return found

    def values(self, ids: Sequence[int], names: Sequence[str]) -> dict[str, npt.NDArray[np.float32]]:
        """Inner values of one text, for graphs built with taps."""
        given = np.asarray([ids], np.int32)
        return dict(zip(names, self._session.run(list(names), {"input_ids": given}), strict=True))
