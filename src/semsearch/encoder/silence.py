"""Keeps libraries from sending anything: set before they are imported, since some read it only then."""

from __future__ import annotations

import os

# ONNX Runtime's wheels send telemetry since 1.29 unless told not to; the hub's client tells who uses it.
_SILENT = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def silence_libraries() -> None:
    """Switch telemetry off in this process and its children; what the operator set stays.

    Called by whatever imports onnxruntime, sentence_transformers, transformers or huggingface_hub.
    """
    for name, value in _SILENT.items():
        os.environ.setdefault(name, value)
