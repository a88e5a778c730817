"""Files of every dialect load to the values that they were made from."""

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import relaxed, rows_of

from pynetdb.errors import CommandLineError, PynetdbError
from pynetdb.rows.batch import UnknownColumnError
from pynetdb.rows.data_file import DataFile
from pynetdb.rows.dialect import Dialect, find_shape, quotes_of_csv

CELL = st.text(st.characters(codec="latin-1", exclude_characters="\x85\xa0"), max_size=6) | st.text(
    'a1,;|.- "\n\t', max_size=6
)
NUMBER = st.integers(-(10**6), 10**6).map(str) | st.decimals(-999, 999, places=2).map(str)
ROWS = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELL | NUMBER, min_size=width, max_size=width), min_size=1, max_size=6)
)


def write(rows: Sequence[Sequence[str]], delimiter: str, end: str, quote: str) -> str:
    """Delimited text as other programs write it."""
    text = io.StringIO(newline="")
    csv.writer(
        text, delimiter=delimiter, lineterminator=end, quotechar=quote, quoting=csv.QUOTE_ALL
    ).writerows(rows)
    return text.getvalue()


def read(path: Path, **settings: Any) -> tuple[list[str], list[Any], list[str]]:
    told: list[str] = []
    sources, reader = DataFile((str(path),), tell=told.append, **settings).open(keep=False)
    with sources:
        return reader.columns, rows_of(reader), told


@relaxed
@given(
    ROWS,
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    st.booleans(),
    st.booleans(),
)
def test_any_file_loads_to_the_values_it_was_made_from(
    tmp_path: Path,
    rows: list[list[str]],
    delimiter: str,
    end: str,
    encoding: str,
    header: bool,
    compressed: bool,
) -> None:
    names = [f"name {number}" for number in range(len(rows[0]))]
    text = write([names, *rows] if header else rows, delimiter, end, '"')
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        return
    path = tmp_path / "x.csv"
    if compressed:
        import gzip

        path, data = tmp_path / "x.csv.gz", gzip.compress(data)
    path.write_bytes(data)
    # A file whose cells hold other delimiters as regularly as its own says which is meant.
    found, loaded, told = read(path, encoding=encoding, dialect=Dialect(delimiter, header=header))
    assert loaded == rows
    assert found == (names if header else [f"c{number + 1}" for number in range(len(names))])
    assert len(told) == (end == "\r")


@relaxed
@given(st.lists(st.lists(st.text("ab .", max_size=4), min_size=3, max_size=3), min_size=1, max_size=5))
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str, rows: list[list[str]]) -> None:
    path = tmp_path / "x.csv"
    path.write_text(write([["a", "b", "c"], *rows], delimiter, "\n", '"'))
    columns, loaded, told = read(path)
    assert (columns, loaded) == (["a", "b", "c"], rows)
    assert bool(told) == (delimiter != ",")


@pytest.mark.parametrize(
    ("text", "delimiter", "quote", "skip"),
    [
        ("a;b\n1;2\n", ";", '"', 0),
        ("a,b\n1;2,3\n", ",", '"', 0),  # The extension's own wins where it fits.
        ("id;price\n1;1,5\n2;2,5\n", ";", '"', 0),
        ("one column\nof; text\n", ",", '"', 0),
        ("sep=;\na;b\n", ";", '"', 1),
        ("sep=|\r\na,b|c\r\n", "|", '"', 1),
        ('"a;b","c"\n1,2\n', ",", '"', 0),
        ("", ",", '"', 0),
    ],
)
def test_shapes(text: str, delimiter: str, quote: str, skip: int) -> None:
    shape = find_shape(text, Dialect(), "csv", "x", lambda note: None)
    assert (shape.delimiter, shape.quote, shape.skip) == (delimiter, quote, skip)


def test_what_the_user_says_wins() -> None:
    said = Dialect(";", "'", 2)
    shape = find_shape("x\ny\nsep=,\na,b\n", said, "csv", "x", lambda note: None)
    assert shape == (";", "'", 3, False, False)
    assert find_shape("a\tb\n", Dialect("\\t", "none"), "csv", "x", lambda note: None)[:2] == ("\t", None)


def test_one_column_whose_header_looks_like_several(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    for text, several in (("id;name\n1;'a;b'\n", True), ("id\na; b\n", False), ("i;d,e\n1;2;3,4\n", False)):
        path.write_text(text)
        told = read(path)[2]
        assert any("is read as one column, for semicolons" in note for note in told) == several


def test_two_that_fit_are_told() -> None:
    with pytest.raises(CommandLineError, match="semicolons and vertical bars") as caught:
        find_shape("a;b|c\n1;2|3\n", Dialect(), "csv", "x", lambda note: None)
    assert caught.value.hint == "ambiguous delimiter"


WRONG = ["", "ab", "\n", "\r", "\0", "\r\n"]


@pytest.mark.parametrize("form", ["csv", "tsv"])
@pytest.mark.parametrize(
    "text", ["a\n", "a,b\n", "a;b\n1;2\n", "a;b|c\n1;2|3\n", "sep=;\na;b\n", "a\rb\r", ""]
)
@pytest.mark.parametrize(
    ("dialect", "hint"),
    [
        *[(Dialect(wrong), "delimiter") for wrong in [*WRONG, '"']],
        *[(Dialect(quote=wrong), "quote") for wrong in WRONG],
        (Dialect(";", ";"), "quote"),
        (Dialect("", ""), "delimiter"),
    ],
)
def test_what_cannot_be_one_is_told_whatever_the_text(
    form: str, text: str, dialect: Dialect, hint: str
) -> None:
    with pytest.raises(CommandLineError) as caught:
        find_shape(text, dialect, form, "x", lambda note: None)
    assert caught.value.hint == hint


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize("mark", [chr(code) for code in range(128)], ids=ascii)
def test_any_character_is_one_or_is_told(tmp_path: Path, mark: str, lenient: bool) -> None:
    path = tmp_path / "x.csv"
    for text in ("a;b\n1;2\n", "a,b\n1,2\n", f"a{mark}b\n1{mark}2\n", f"{mark}a{mark};b\r1;2\r"):
        path.write_bytes(text.encode())
        for dialect in (Dialect(mark), Dialect(quote=mark), Dialect(mark, mark), Dialect(";", mark)):
            with suppress(PynetdbError, UnknownColumnError):
                read(path, dialect=dialect._replace(lenient=lenient))


FIELD = st.text('ab,;|"\n\r\t', max_size=6)


@relaxed
@given(
    st.lists(st.tuples(FIELD, FIELD), min_size=3, max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(['"', "'"]),
    st.sampled_from(["csv", "tsv"]),
    st.booleans(),
)
def test_a_head_that_is_cut_anywhere_shows_the_same(
    monkeypatch: pytest.MonkeyPatch,
    fields: list[tuple[str, str]],
    delimiter: str,
    end: str,
    quote: str,
    form: str,
    lenient: bool,
) -> None:
    # Names have no delimiter in them: where a record is all that there is, any of them could be meant.
    names = write([["id", "t", "u"]], delimiter, end, quote)
    text = names + write([[str(number), *row] for number, row in enumerate(fields)], delimiter, end, quote)
    dialect = Dialect(quote=quote, lenient=lenient)
    for cut in range(len(names), len(text) + 1):
        monkeypatch.setattr("pynetdb.rows.dialect.HEAD", cut)
        shape = find_shape(text[:cut], dialect, form, "x", lambda note: None)
        if cut > len(names) or end != "\r":  # A carriage return may be half of a CRLF.
            assert (shape.delimiter, shape.swapped) == (delimiter, end == "\r")


@pytest.mark.parametrize("lenient", [False, True])
def test_a_quote_that_separates_fields(lenient: bool) -> None:
    for text in ("a;b\n1;2\n", "a;b,c\n1;2\n"):
        with pytest.raises(CommandLineError, match="no line end or delimiter"):
            find_shape(text, Dialect(quote=";", lenient=lenient), "csv", "x", lambda note: None)
    said = Dialect(quote=";", lenient=lenient)
    assert find_shape(";a;\t;b;\n;1;\t;2;\n", said, "csv", "x", lambda note: None)[:2] == ("\t", ";")


def test_a_record_that_is_longer_than_the_head(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = [[str(number), "\n".join(["line, with word"] * 40)] for number in range(600)]
    path.write_text(write([["id", "t"], *rows], ";", "\n", '"'), newline="\n")
    assert read(path)[1] == rows
    path.write_text(write([["id", "t"], ["1", "x,\n" * 50_000]], ";", "\n", '"'), newline="\n")
    assert read(path)[1] == [["1", "x,\n" * 50_000]]
    names = [f"name {number}" for number in range(10_000)]
    path.write_text(write([names, names], ";", "\n", '"'), newline="\n")
    assert read(path)[1] == [names]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a\tb\n1\t5" pipe\n', False),
        ('a\tb\n1\t"klm"\n', False),
        ('a\tb\n"x\ty"\t"""q"""\n', True),
        ('a\tb\n1\t"x\ny"\n', True),
        ('a\tb\n1\t"x\ny"\t5" pipe\n', False),
        ("a\tb\n", False),
    ],
)
def test_tab_separated_text_has_no_quotes_unless_they_are_csvs(text: str, expected: bool) -> None:
    assert quotes_of_csv(text) == expected


def test_quotes_in_tab_separated_text_that_come_late(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    plain = "1\tx\n" * 20_000
    path.write_text("a\tb\n" + plain + '2\t5" pipe\n3\t"klm"\n')
    assert read(path)[1][-2:] == [["2", '5" pipe'], ["3", '"klm"']]
    path.write_text("a\tb\n" + plain + '2\t"x\ty"\n')
    assert read(path)[1][-1] == ["2", "x\ty"]


def test_skip_and_columns(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Report\n\nid,name\n1,Ann\n")
    assert read(path, dialect=Dialect(skip=2))[:2] == (["id", "name"], [["1", "Ann"]])
    assert read(path, dialect=Dialect(skip=2, columns=("a", "b")))[:2] == (["a", "b"], [["1", "Ann"]])
    path.write_text("\n\nid,name\n1,Ann\n")
    assert read(path)[:2] == (["id", "name"], [["1", "Ann"]])
    path.write_text("1,Ann\n")
    found = read(path, dialect=Dialect(header=False, columns=("a", "b")))
    assert found[:2] == (["a", "b"], [["1", "Ann"]])
    for wrong in (("a",), ("a", "A"), ("a", "")):
        with pytest.raises(PynetdbError):
            read(path, dialect=Dialect(columns=wrong))


def test_names_are_made_where_there_are_none(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,,A,c2,\n1,2,3,4,5\n")
    columns, _, told = read(path)
    assert columns == ["a", "c2_2", "A_2", "c2", "c5"]
    assert len(told) == 3 and told[0] == f"{path} line 1: column 2 has no name, it is c2_2"


def test_another_quote(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b\n'x,''y',\"\n")
    assert read(path, dialect=Dialect(quote="'"))[1] == [["x,'y", '"']]
    path.write_text('a,b\n"x,5"\n')
    assert read(path, dialect=Dialect(quote="none"))[1] == [['"x', '5"']]
