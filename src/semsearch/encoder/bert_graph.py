"""A BERT-like encoder written as an ONNX graph straight from its weights, in float32 or 8 bits.

All texts of a call have one length, so the graph has no attention mask: nothing is computed for
padding, and a text's vector does not depend on what else was encoded with it. Operators of
``com.microsoft`` are ONNX Runtime's own: attention that keeps to the cache, and 8-bit products.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Weights = Mapping[str, Floats]

OPSET = 17
_MICROSOFT = "com.microsoft"
_QKV = ("attention.self.query", "attention.self.key", "attention.self.value")


@dataclass(frozen=True, slots=True)
class BertShape:
    """What a graph needs to know beside the weights; ``first_position`` is 0 for BERT, 2 for RoBERTa."""

    layers: int
    heads: int
    epsilon: float
    first_position: int
    pooling: str


@dataclass(frozen=True, slots=True)
class Quantised:
    """How one input of 8-bit products is made: ``factor`` divides its channels before rounding.

    ``scale`` and ``zero`` map the quotient to 0..255.
    """

    factor: Floats
    scale: np.float32
    zero: np.uint8


def product_inputs(layer: int) -> dict[str, tuple[str, ...]]:
    """The four inputs of products in a layer, by their name in the graph, and the weights that each meets."""
    weights = f"encoder.layer.{layer}."
    before = "embeddings.out" if layer == 0 else f"{layer - 1}.out"
    return {
        before: tuple(weights + name for name in _QKV),
        f"{layer}.attention": (weights + "attention.output.dense",),
        f"{layer}.middle": (weights + "intermediate.dense",),
        f"{layer}.gelu": (weights + "output.dense",),
    }


def build_graph(
    weights: Weights,
    shape: BertShape,
    *,
    quantised: Mapping[str, Quantised] | None = None,
    tap: Sequence[str] = (),
) -> bytes:
    """The model as serialised ONNX: ``input_ids`` int32 (texts, tokens) -> ``vector`` float32 (texts, dim).

    Vectors have length 1. ``quantised`` (keys of ``product_inputs``) makes the products 8-bit.
    ``tap`` names inner values to give out too. Raises KeyError when a weight is missing.
    """
    return _GraphBuilder(weights, shape, quantised).build(tap)


class _GraphBuilder:
    def __init__(self, weights: Weights, shape: BertShape, quantised: Mapping[str, Quantised] | None) -> None:
        self._weights = weights
        self._shape = shape
        self._quantised = quantised
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def build(self, tap: Sequence[str]) -> bytes:
        from onnx import TensorProto, helper

        hidden = self._embeddings()
        for layer in range(self._shape.layers):
            hidden = self._layer(layer, hidden)
        self._vector(hidden)
        outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("vector", *tap)]
        inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT32, ["texts", "tokens"])]
        graph = helper.make_graph(self._nodes, "encoder", inputs, outputs, list(self._constants.values()))
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(_MICROSOFT, 1)],
            ir_version=9,
        )
        content: bytes = model.SerializeToString()
        return content

    def _embeddings(self) -> str:
        table = self._weights["embeddings.position_embeddings.weight"][self._shape.first_position :]
        kinds = self._weights.get("embeddings.token_type_embeddings.weight")
        if kinds is not None:  # every token of a single text is of kind 0
            table = table + kinds[0]
        words = self._constant("embeddings.words", self._weights["embeddings.word_embeddings.weight"])
        places = self._constant("embeddings.places", table)
        length = self._node("Shape", ["input_ids"], "length", start=1, end=2)
        start = self._constant("start", np.array([0], np.int64))
        used = self._node("Slice", [places, start, length], "embeddings.used")
        found = self._node("Gather", [words, "input_ids"], "embeddings.found")
        total = self._node("Add", [found, used], "embeddings.sum")
        return self._norm(total, "embeddings.LayerNorm", "embeddings.out")

    def _layer(self, layer: int, hidden: str) -> str:
        name = f"encoder.layer.{layer}."
        given = self._product_input(hidden)
        parts = [self._product(given, name + part) for part in _QKV]
        attention = self._node(
            "MultiHeadAttention", parts, f"{layer}.attention", domain=_MICROSOFT, num_heads=self._shape.heads
        )
        mixed = self._product(self._product_input(attention), name + "attention.output.dense")
        total = self._node("Add", [mixed, hidden], f"{layer}.attended")
        middle = self._norm(total, name + "attention.output.LayerNorm", f"{layer}.middle")
        wide = self._product(self._product_input(middle), name + "intermediate.dense")
        # The tanh form is a third faster and nearer to the exact one than 8 bits can tell.
        gelu = "Gelu" if self._quantised is None else "FastGelu"
        bent = self._node(gelu, [wide], f"{layer}.gelu", domain=_MICROSOFT)
        narrow = self._product(self._product_input(bent), name + "output.dense")
        total = self._node("Add", [narrow, middle], f"{layer}.sum")
        return self._norm(total, name + "output.LayerNorm", f"{layer}.out")

    def _vector(self, hidden: str) -> None:
        if self._shape.pooling == "cls":
            first = self._constant("first", np.array(0, np.int64))
            pooled = self._node("Gather", [hidden, first], "pooled", axis=1)
        else:
            pooled = self._node("ReduceMean", [hidden], "pooled", axes=[1], keepdims=0)
        self._node("LpNormalization", [pooled], "vector", axis=-1, p=2)

    def _product_input(self, value: str) -> tuple[str, Quantised | None]:
        if self._quantised is None:
            return value, None
        how = self._quantised[value]
        inverse = self._constant(f"{value}.inverse", (1 / how.factor).astype(np.float32))
        even = self._node("Mul", [value, inverse], f"{value}.even")
        scale = self._constant(f"{value}.scale", np.asarray(how.scale, np.float32))
        zero = self._constant(f"{value}.zero", np.asarray(how.zero, np.uint8))
        return self._node("QuantizeLinear", [even, scale, zero], f"{value}.bytes"), how

    def _product(self, given: tuple[str, Quantised | None], name: str) -> str:
        value, how = given
        matrix = self._weights[f"{name}.weight"]
        bias = self._constant(f"{name}.bias", self._weights[f"{name}.bias"])
        if how is None:
            table = self._constant(f"{name}.weight", matrix.T)
            product = self._node("MatMul", [value, table], f"{name}.product")
            return self._node("Add", [product, bias], f"{name}.out")
        small, scales = quantise_weights(matrix * how.factor)
        inputs = [
            value,
            self._constant(f"{name}.weight", small.T),
            f"{value.removesuffix('.bytes')}.scale",
            self._constant(f"{name}.scales", scales),
            f"{value.removesuffix('.bytes')}.zero",
            self._constant(f"{name}.zeros", np.zeros(len(scales), np.int8)),
            bias,
        ]
        return self._node("MatMulIntegerToFloat", inputs, f"{name}.out", domain=_MICROSOFT)

    def _norm(self, value: str, name: str, out: str) -> str:
        # An addition and this operator take a quarter of the time of the joined SkipLayerNormalization.
        gain = self._constant(f"{name}.weight", self._weights[f"{name}.weight"])
        bias = self._constant(f"{name}.bias", self._weights[f"{name}.bias"])
        return self._node(
            "LayerNormalization", [value, gain, bias], out, axis=-1, epsilon=self._shape.epsilon
        )

    def _constant(self, name: str, value: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def _node(
        self, kind: str, inputs: Sequence[str], out: str, *, domain: str = "", **settings: object
    ) -> str:
        from onnx import helper

        node = helper.make_node(kind, list(inputs), [out], name=out, domain=domain)
        node.attribute.extend(helper.make_attribute(key, value) for key, value in settings.items())
        self._nodes.append(node)
        return out


def quantise_weights(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """A weight matrix (out, in) as whole numbers of -63..63 and a scale for each row.

    Seven bits, since processors without 8-bit dot products (AVX2) add two products in 16 bits: with
    eight bits that sum overflows and vectors get worse, not better.
    """
    scales = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / 63
    small = np.clip(np.round(matrix / scales[:, None]), -63, 63).astype(np.int8)
    return small, scales.astype(np.float32)
