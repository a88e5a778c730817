"""Which reader reads which file."""

from pathlib import Path

import pytest
from readers import rows_of

from pynetdb.errors import CommandLineError
from pynetdb.rows.data_file import DataFile
from pynetdb.rows.dialect import Dialect


def test_formats_by_extension(tmp_path: Path) -> None:
    for name, text in (("x.csv", "a,b\n1,2\n"), ("x.TSV", "a\tb\n1\t2\n"), ("x.ndjson", '{"a":"1","b":"2"}\n'),
                       ("x.json", '[{"a":"1","b":"2"}]'), ("x.txt", "a,b\n1,2\n")):  # fmt: skip
        path = tmp_path / name
        path.write_text(text)
        opened, reader = DataFile((str(path),)).open(keep=False)
        with opened:
            assert (reader.columns, rows_of(reader)) == (["a", "b"], [["1", "2"]])
    opened, reader = DataFile((str(tmp_path / "x.TSV"),), dialect=Dialect("\\t")).open(keep=False)
    with opened:
        assert reader.columns == ["a", "b"]


def test_what_is_for_delimited_text_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("[]")
    for data in (
        DataFile((str(path),), dialect=Dialect(";")),
        DataFile((str(path),), dialect=Dialect(header=False)),
    ):
        with pytest.raises(CommandLineError, match="this is json") as caught:
            data.open(keep=False)
        assert caught.value.hint == "options of delimited text"
