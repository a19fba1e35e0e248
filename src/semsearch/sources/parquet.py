"""Parquet: one article a row, read batch by batch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.files import InputFile
from semsearch.sources.protocol import Reporter
from semsearch.sources.record_source import Record, RecordSource

_BATCH = 256  # rows


class Parquet(RecordSource):
    """The articles of a Parquet file; places are ``name:number``, rows counted from 1."""

    def __init__(self, file: InputFile, fields: FieldMap | None = None) -> None:
        super().__init__(file, fields)
        self._rows = 0

    def fraction(self) -> float | None:
        """How many of the rows were read."""
        return min(1.0, self._number / self._rows) if self._rows else 0.0

    def _records(self, report: Reporter) -> Iterator[tuple[Record, str | None]]:
        import pyarrow as pa
        from pyarrow import parquet

        with self._file.open_seekable() as file:
            try:
                table = parquet.ParquetFile(file)
                self._rows = table.metadata.num_rows
                for batch in table.iter_batches(batch_size=_BATCH, use_threads=False):
                    for row in _without_nanoseconds(batch).to_pylist():
                        self._number += 1
                        yield {name: _plain(value) for name, value in row.items()}, None
            except pa.ArrowException as fault:
                self._number += 1
                self._reject(
                    report, "the Parquet data cannot be read from here on", str(fault), "write the file again"
                )


def _without_nanoseconds(batch: Any) -> Any:  # noqa: ANN401 - record batches of pyarrow
    """The batch with times in microseconds, which is what Python's dates hold."""
    import pyarrow as pa

    columns = [
        column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
        if pa.types.is_timestamp(column.type) and column.type.unit == "ns"
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _plain(value: object) -> object:
    """Values of Parquet's own kinds as the JSON of an article would hold them."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value if part is not None]
    return value
