"""Several files as one: the same columns, each row where it belongs, each error by its file."""

from pathlib import Path

import pytest
from readers import rows_of

from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.batch import UnknownColumnError
from pynetdb.rows.data_file import DataFile


def describe(folder: Path, **texts: str) -> DataFile:
    for name, text in texts.items():
        (folder / name.replace("_", ".")).write_text(text, newline="\n")
    return DataFile(tuple(str(folder / name.replace("_", ".")) for name in texts))


def test_columns_in_any_order(tmp_path: Path) -> None:
    files = describe(tmp_path, a_csv="a,b\n1,2\n", b_csv="B,a\n4,3\n6,5\n", c_tsv="a\tb\n")
    sources, reader = files.open(keep=False)
    with sources:
        assert (sources.size, reader.columns) == (8 + 12 + 4, ["a", "b"])
        for _ in range(2):
            batches = list(reader.batches())
            assert [batch.cells for batch in batches] == [["1", "2"], ["3", "4", "5", "6"]]
            assert batches[-1].done == 20
            assert batches[-1].describe_place(1, "x").endswith("b.csv line 3")
            reader.rewind()


def test_other_columns_are_refused(tmp_path: Path) -> None:
    files = describe(tmp_path, a_csv="a,b\n1,2\n", b_csv="a,c\n4,3\n")
    with pytest.raises(
        DatabaseError, match=r"b.csv line 1: columns a, c, expected those of .*a.csv \(a, b\)"
    ):
        files.open(keep=False)


def test_rows_of_json_name_what_they_have(tmp_path: Path) -> None:
    files = describe(tmp_path, a_json='[{"a": 1}]', b_jsonl='{"b": 2}\n{"a": 3, "b": 4}\n')
    sources, reader = files.open(keep=False)
    with sources:
        assert reader.columns == ["a", "b"]
        batches = list(reader.batches())
        assert [batch.cells for batch in batches] == [[1, None], [None, 2, 3, 4]]
        assert [batch.present for batch in batches] == [[(0,)], [(1,), (0, 1)]]


def test_keys_of_several_files_are_one_column_in_any_case(tmp_path: Path) -> None:
    files = describe(tmp_path, a_json='[{"id": 1}]', b_json='[{"ID": 2, "x": 3}]')
    sources, reader = files.open(keep=False)
    with sources:
        assert reader.columns == ["id", "x"]
        assert rows_of(reader) == [[1, None], [2, 3]]


def test_a_column_that_comes_late(tmp_path: Path) -> None:
    late = "".join(f'{{"a": {i}}}\n' for i in range(9000)) + '{"c": 1}\n'
    sources, reader = describe(tmp_path, a_jsonl='{"a": 1}\n', b_jsonl=late).open(keep=False)
    with sources:
        with pytest.raises(UnknownColumnError):
            rows_of(reader)
        reader.rewind()
        reader.learn_columns()
        reader.rewind()
        assert reader.columns == ["a", "c"]
        assert rows_of(reader)[-1] == [None, 1]


def test_what_does_not_go_together(tmp_path: Path) -> None:
    with pytest.raises(CommandLineError, match="cannot be read together"):
        describe(tmp_path, a_csv="a\n1\n", b_json="[]").open(keep=False)
    with pytest.raises(CommandLineError, match="only once"):
        DataFile(("-", "-")).open(keep=False)
    with pytest.raises(CommandLineError, match="without a name"):
        DataFile(("",)).open(keep=False)
