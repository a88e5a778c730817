"""Records of any text: the right ones as a strict reader has them, in any pieces, with their lines."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import lines_of, make_source, relaxed, rows_of

from pynetdb.errors import DatabaseError
from pynetdb.rows import lenient_records as module
from pynetdb.rows.csv_grammar import CsvGrammar
from pynetdb.rows.csv_reader import CsvReader
from pynetdb.rows.lenient_records import LenientRecord, LenientRecords


def cut(text: str, size: int = 1 << 16, delimiter: str = ",", quote: str | None = '"') -> list[LenientRecord]:
    pieces = (text[at : at + size] for at in range(0, len(text), size))
    records = LenientRecords(pieces, "x", 1)
    records.use_grammar(CsvGrammar(delimiter, quote))
    return list(records)


# Pieces of records, so that many of them are right.
TEXT = st.lists(
    st.sampled_from(['"', '""', ",", "a", " ", "\n", "\r\n", "\r", '"a,\r\n"', '"x""\n\ry"'])
).map("".join)


@relaxed
@given(TEXT)
def test_what_is_right_is_cut_as_a_strict_reader_does(tmp_path: Path, text: str) -> None:
    with make_source(tmp_path, text) as source:
        try:
            reader = CsvReader(source, header=False)
            rows = rows_of(reader)
            reader.rewind()
            lines = lines_of(reader)
        except DatabaseError:
            return
    alone = len(reader.columns) == 1
    found = [record for record in cut(text) if record.fields or alone]
    assert [record.fields or [""] for record in found] == rows
    assert [record.line for record in found] == lines
    assert not any(record.stray for record in found)


@given(TEXT, st.sampled_from([('"', ","), (None, ","), ("a", '"')]))
def test_pieces_make_no_difference(text: str, shape: tuple[str | None, str]) -> None:
    quote, delimiter = shape
    found = [cut(text, size, delimiter, quote) for size in (1, 3, 1 << 16)]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("text", "fields", "stray"),
    [
        ('1,"he said ""hi"", then\nleft"\n2,x\n', [["1", 'he said "hi", then\nleft'], ["2", "x"]], 0),
        ('1,"a\r\nb\rc"\r\n', [["1", "a\r\nb\rc"]], 0),
        ('1,"' + "x\n" * 1000 + '"\n', [["1", "x\n" * 1000]], 0),
        # In a record with a mistake the others of its fields are what they would be without it.
        (
            '1,"he said ""hi"", then\r\nleft",x "q",3\n',
            [["1", 'he said "hi", then\r\nleft', 'x "q"', "3"]],
            1,
        ),
        ('x "q","' + "x\n" * 99 + '"\n2\n', [['x "q"', "x\n" * 99], ["2"]], 1),
        ('"a\n"b\n1\n', [['"a'], ['"b'], ["1"]], 2),
        ('"a"",b\n1\n', [['a"', "b"], ["1"]], 1),
        ('"a\nb', [['"a'], ["b"]], 1),
    ],
)
def test_what_records_are_taken_for(text: str, fields: list[list[str]], stray: int) -> None:
    found = cut(text)
    assert [record.fields for record in found] == fields
    assert sum(record.stray for record in found) == stray


def test_lines_that_are_looked_at_are_still_there() -> None:
    text = '"open\n' + "".join(f"{number}\n" for number in range(50_000))
    found = cut(text, 1000)
    assert len(found) == 50_001 and [record.line for record in found] == list(range(1, 50_002))


def test_a_line_has_an_end_and_so_has_a_record(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FIELD", 1000)
    assert len(cut('"open\n' + "x\n" * 1000 + 'x"\n', 10)) == 1002
    with pytest.raises(DatabaseError, match="^x line 2: a record of more than 256 million characters"):
        cut("x\n" + "y" * 2000, 10)


def test_no_more_is_read_than_shows_what_a_quote_is() -> None:
    def pieces() -> Iterator[str]:
        yield 'a,"open\n'
        yield 'b,"other\n'
        raise AssertionError

    records = LenientRecords(pieces(), "x", 1)
    records.use_grammar(CsvGrammar(",", '"'))
    assert [record.fields for record in islice(records, 1)] == [["a", '"open']]
