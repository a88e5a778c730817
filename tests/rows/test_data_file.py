"""Which reader reads which file."""

import zipfile
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


@pytest.mark.parametrize("archive", ["x.zip", "x", "x.csv.zip", "x.json.zip"])
@pytest.mark.parametrize(
    ("member", "text", "rows"),
    [
        ("a.tsv", 'a\tb\n1\t"q"\n', [["1", '"q"']]),
        ("folder/A.TAB", 'a\tb\n1\t"q"\n', [["1", '"q"']]),
        ("a.csv", 'a,b\n1,"q"\n', [["1", "q"]]),
        ("a.jsonl", '{"a":"1","b":"q"}\n', [["1", "q"]]),
        ("a.ndjson", '{"a":"1","b":"q"}\n{"a":"2","b":"r"}\n', [["1", "q"], ["2", "r"]]),
    ],
)
def test_the_name_in_a_zip_says_what_it_is(
    tmp_path: Path, archive: str, member: str, text: str, rows: list[list[str]]
) -> None:
    path = tmp_path / archive
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(member, text)
    told: list[str] = []
    opened, reader = DataFile((str(path),), tell=told.append).open(keep=False)
    with opened:
        assert (reader.columns, rows_of(reader), told) == (["a", "b"], rows, [])


def test_a_name_in_a_zip_that_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("data", 'a\tb\n1\t"q"\n')
    opened, reader = DataFile((str(path),)).open(keep=False)
    with opened:
        assert rows_of(reader) == [["1", '"q"']]


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
