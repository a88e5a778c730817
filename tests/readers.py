"""Data files for the tests of readers, and what is read from them."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from pynetdb.rows.batch import Reader
from pynetdb.rows.source import Source

relaxed = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def make_source(folder: Path, text: str | bytes, keep: bool = False) -> Source:
    path = folder / "data"
    path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    return Source(str(path), keep=keep)


def rows_of(reader: Reader) -> list[list[Any]]:
    width = len(reader.columns)
    rows = []
    for batch in reader.batches():
        rows += [batch.cells[i : i + width] for i in range(0, len(batch.cells), width or 1)]
    return rows


def lines_of(reader: Reader) -> list[int]:
    width = len(reader.columns)
    return [batch.line_of(row) for batch in reader.batches() for row in range(batch.count_rows(width))]
