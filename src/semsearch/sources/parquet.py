"""Parquet: one article a row, read batch by batch."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from semsearch.sources.fieldmap import FieldMap
from semsearch.sources.files import InputFile
from semsearch.sources.protocol import Reporter
from semsearch.sources.record_source import Record, RecordSource

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

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
        from pyarrow import parquet

        with self._file.open_seekable() as file:
            try:
                table = parquet.ParquetFile(file, page_checksum_verification=True)
                groups = [table.metadata.row_group(one).num_rows for one in range(table.num_row_groups)]
            except _faults() as fault:
                self._number += 1
                problem, hint = "the Parquet data cannot be read from here on", "write the file again"
                self._reject(report, problem, str(fault), hint, exact=False)
                return
            self._rows = sum(groups)
            begin = 0
            for group, count in enumerate(groups):
                self._number = begin
                yield from self._group(table, group, begin + count, report)
                begin += count

    def _group(
        self, table: ParquetFile, group: int, end: int, report: Reporter
    ) -> Iterator[tuple[Record, str | None]]:
        """The rows of one group, up to the number ``end``; where it is damaged, those that can be read."""
        batches = table.iter_batches(batch_size=_BATCH, row_groups=[group], use_threads=False)
        while True:
            try:
                batch = next(batches, None)
                rows = [] if batch is None else _rows_of(batch)
            except _faults() as fault:
                lost = end - self._number
                self._number += 1
                self._reject(
                    report, "a group of rows is damaged", str(fault),
                    f"rows {self._number:,} to {end:,} are lost; write the file again", count=lost,
                )  # fmt: skip
                return
            if batch is None:
                return
            for row in rows:
                self._number += 1
                if row is None:
                    self._reject(report, "the row is damaged", None, "write the file again")
                else:
                    yield {name: _plain(value) for name, value in row.items()}, None


def _faults() -> tuple[type[Exception], ...]:
    """What pyarrow raises for data that is damaged."""
    import pyarrow as pa

    return (pa.ArrowException, OSError, ValueError, EOFError, zlib.error)


def _rows_of(batch: Any) -> list[dict[str, Any] | None]:  # noqa: ANN401 - record batches of pyarrow
    """The rows of a batch; None for one whose text is none."""
    batch = _without_nanoseconds(batch)
    try:
        return list(batch.to_pylist())
    except ValueError:
        return [_row_of(batch.slice(number, 1)) for number in range(batch.num_rows)]


def _row_of(one: Any) -> dict[str, Any] | None:  # noqa: ANN401 - a record batch of pyarrow
    try:
        return dict(one.to_pylist()[0])
    except ValueError:
        return None


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
