"""Values for statements, with the types of JSON, at places of every type."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pynetdb.db import open as open_database
from pynetdb.db.engine import Engine
from pynetdb.errors import DatabaseError
from pynetdb.query_options import _build

Execute = Callable[[str], list[Any]]

COLUMNS = ("boolean", "int", "numeric", "text", "json", "jsonb", "timestamptz")

# What they are in these columns; an exclamation mark is for what a type refuses.
IN_COLUMNS = {
    "true": '! ! "true" true true !', "false": '! ! "false" false false !', "1": '1 1 "1" 1 1 !',
    "1.5": '2 1.5 "1.5" 1.5 1.5 !', "9007199254740993": '! 9007199254740993 "9007199254740993" 9007199254740993'
    " 9007199254740993 !", "0.1234567890123456": '0 0.1234567890123456 "0.1234567890123456" 0.1234567890123456'
    " 0.1234567890123456 !", "null": "null null null null null null", '"x"': '! ! "x" ! ! !',
    "[1]": '! ! "[1]" [1] [1] !', '{"a":1}': '! ! "{\\"a\\":1}" {"a":1} {"a":1} !',
    '"2000-01-02"': '! ! "2000-01-02" ! ! "2000-01-02T00:00:00+00:00"',
}  # fmt: skip
BOOLEANS = {"true": "true", "false": "false", "1": "true", "null": "null"}


@pytest.mark.parametrize("value", IN_COLUMNS)
def test_values_of_json_in_columns_of_every_type(place: str, execute: Execute, value: str) -> None:
    """As parameters they are what they are, or what their place makes of them."""
    execute("CREATE TABLE t (" + ", ".join(f"c{number} {kind}" for number, kind in enumerate(COLUMNS)) + ")")
    with open_database(f"{place}&options=-ctimezone%3DUTC", "write") as engine:
        for number, expected in enumerate([BOOLEANS.get(value, "!"), *IN_COLUMNS[value].split(" ")]):
            insert = f"insert into t (c{number}) values (:v)"
            if expected == "!":
                with pytest.raises(DatabaseError):
                    answer(engine, insert, value)
                continue
            answer(engine, insert, value)
            row = {"c": json.loads(expected, parse_float=str)}
            assert answer(engine, f"select c{number} as c from t") == [row]
            if value != "null" and COLUMNS[number] not in ("json", "int"):
                assert answer(engine, f"select c{number} as c from t where c{number} = :v", value) == [row]
            execute("DELETE FROM t")


@pytest.mark.parametrize("value", IN_COLUMNS)
def test_values_of_json_where_any_type_may_stand(opened: Any, value: str) -> None:
    plain = json.loads(value, parse_float=str)
    expected = value if isinstance(plain, (list, dict)) else plain
    assert answer(opened("write"), "select :v as c", value) == [{"c": expected}]


def test_bytes_are_no_text_by_way_of_a_guess(opened: Any, execute: Execute) -> None:
    execute("CREATE TABLE t (a text); INSERT INTO t VALUES ('\\x00ff')")
    with pytest.raises(DatabaseError, match="operator does not exist: text = bytea"):
        answer(opened("write"), "select a from t where a = :v", '{"base64": "AP8="}')


def answer(engine: Engine, sql: str, value: str | None = None) -> Any:
    """The rows of a statement, `value` being JSON for its `:v`, as the options are read."""
    parameters: Any = ()
    if value is not None:
        parameters = _build("", sql, (f"v:= {value} ",), (), True, False, False, False, None)[1].parameters
        (same,) = _build("", sql, (), (f":={value}",), True, False, False, False, None)[1].parameters
        assert repr(parameters) == repr({"v": same})
    text = b"".join(engine.query(sql, parameters, write=True).text_blocks("json"))
    return json.loads(text, parse_float=str)
