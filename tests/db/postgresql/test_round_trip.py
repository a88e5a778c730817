"""Nasty values, in and out: 150 files, on the system's PostgreSQL and on a newer one."""

import json
from pathlib import Path
from typing import Any

import pytest
from postgres import Server

from pynetdb.db import open as open_database
from pynetdb.db.load import load_file
from pynetdb.db.load_options import LoadOptions
from pynetdb.rows.csv_writer import csv_text
from pynetdb.rows.data_file import DataFile

TEXTS = [
    "\\.", "\\", "\\\\", "\\N", "\\n", "\\t", "a\\", "\\.\n\\.", "\r", "\r\n", "\n", "\t", "a\rb", "a\nb", "a\tb", '"',
    '""', "'", "''", 'a"b', 'a""b', ",", ",,", ";", "a,b", " ", "  a ", "NULL", "null", "N/A", "\ufeffx", "x\ufeff",
    "\x01", "\x1b[31m", "\x7f", "\x80", "\x85", "\u2028", "\u2029", "\u200b", "\u202e", "\ud7ff", "\ue000", "\ufffd",
    "\ufffe", "\uffff", "e\u0301", "\u00e9", "\U0001f600", "\U0001f468\u200d\U0001f469", "\x0b", "\x0c", "\b", "{}",
    "{1,2}", "[1]", "$1", "$$", "$x$", ":a", "?", "--", "/*", "*/", ";select 1", "E'\\x'", "%s", "%(a)s", "\\x41",
    "x'41'", "\\u0041", "true", "t", "COPY t FROM STDIN", "\\.\n", "\n\\.", "a\n\\.\nb", '\\."', '"\\.', "\\\r", "\\\n",
    *(chr(plane << 16 | 0x1234) for plane in range(1, 17)),
]  # fmt: skip
NUMBERS = [
    "0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "5.0", "1.10", "0.10",
    "-0.5", "0.30000000000000004", "12345678901234567", "123456789012345678901234567890", "0." + "1" * 30,
    "99999999999999999999.00000000000000000001", "-0", "-0.0", "01", "+1", "1e5", "1E-5", ".5", "5.", "1_000", " 1",
    "1 ", "0x10", "NaN", "Infinity", "-Infinity", "inf", "\u0661", "1,5", "1.2.3", "--1", "1-", "1e400", "5e-324",
    "1.7976931348623157e308", "9" * 400, "0." + "0" * 400 + "1", "2000-01-01", "12:30", "1/2", "\u00bd", "1\u00a0000",
]  # fmt: skip
VALUES = TEXTS + NUMBERS


@pytest.fixture(params=["system", "newer"])
def server(request: pytest.FixtureRequest) -> Server:
    name = "postgresql" if request.param == "system" else "newer_postgresql"
    found: Server = request.getfixturevalue(name)
    return found


def written(value: str, form: str) -> str:
    """A file of three rows: the value alone in its column, beside others, and in the middle of a text."""
    rows = [[value, "1", f"a{value}b"], [value, "2", value], [value, "3", ""]]
    if form == "csv":
        return csv_text([["v", "n", "t"], *rows])
    return "".join(json.dumps(dict(zip("vnt", row, strict=True))) + "\n" for row in rows)


def test_there_are_enough_of_them() -> None:
    assert len(VALUES) >= 75 and len(set(VALUES)) == len(VALUES)


def test_every_file_comes_back(server: Server, tmp_path: Path) -> None:
    """Two files a value, one of CSV and one of JSON lines, each into a table made from it."""
    url = server.empty("nasty")
    with open_database(url, "create") as engine:
        for number, value in enumerate(VALUES):
            for form in ("csv", "jsonl"):
                text = written(value, form)
                path = tmp_path / f"x.{form}"
                path.write_bytes(text.encode())
                table = f"t{number}{form}"
                data = DataFile((str(path),), exact=True)
                source, reader = data.open(keep=True)
                from pynetdb.db.load import load

                with source:
                    assert load(engine, reader, LoadOptions(table, create=True)).rows == 3
                query = engine.query(f"SELECT * FROM {table} ORDER BY n")
                found = b"".join(query.text_blocks("csv" if form == "csv" else "jsonl")).decode()
                if form == "csv":
                    assert found == text, value
                else:
                    assert [json.loads(x) for x in found.split("\n")[:-1]] == [
                        json.loads(x) for x in text.split("\n")[:-1]
                    ], value


def test_all_of_them_in_one_column(server: Server, tmp_path: Path) -> None:
    url = server.empty("nasty")
    text = csv_text([["n", "v"], *([str(n), value] for n, value in enumerate(VALUES * 20))])
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    load_file(url, DataFile((str(path),)), LoadOptions("t", create=True))
    with open_database(url) as engine:
        for form, ending in (("csv", "csv"), ("tsv", "tsv"), ("json", "json"), ("jsonl", "jsonl")):
            found = b"".join(engine.query("SELECT * FROM t ORDER BY n").text_blocks(form))
            assert form != "csv" or found == path.read_bytes()
            back = tmp_path / f"back.{ending}"
            back.write_bytes(found)
            load_file(url, DataFile((str(back),)), LoadOptions(form, create=True))
            assert server.execute(f"SELECT v FROM {form} ORDER BY n", "nasty") == [
                (value,) for value in VALUES * 20
            ]
        rows = [
            row
            for block in engine.query("SELECT v FROM t ORDER BY n").blocks(undecoded=True)
            for row in block
        ]
        assert [row[0] for row in rows] == VALUES * 20


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_nul_is_refused_with_its_line(postgresql: Server, tmp_path: Path, form: str) -> None:
    url = postgresql.empty("nasty")
    path = tmp_path / f"x.{form}"
    path.write_text(
        "a,b\n1,x\n2,x\0y\n" if form == "csv" else '{"a": 1, "b": "x"}\n\n{"a": 2, "b": "\\u0000"}\n'
    )
    with pytest.raises(Exception, match="line 3: a text with a NUL, which PostgreSQL cannot hold") as refused:
        load_file(url, DataFile((str(path),)), LoadOptions("t", create=True))
    assert refused.typename == "DatabaseError"
    found: Any = postgresql.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "nasty")
    assert found == [(0,)]
