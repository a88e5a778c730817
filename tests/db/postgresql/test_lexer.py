"""The words of PostgreSQL's SQL."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.db.postgresql.lexer import ends_transaction, number_parameters, split_statements, tokens


@given(st.text("aE1:$'\"/*-\n;?[](x_ ü\\", max_size=30))
def test_any_text_is_cut_without_a_gap(text: str) -> None:
    assert "".join(token.text for token in tokens(text)) == text


@pytest.mark.parametrize(
    ("sql", "wanted", "names"),
    [
        ("select :a, :b, :a", "select $1, $2, $1", ["a", "b"]),
        ("select ':a', \":a\", $$:a$$, $x$:a $$ :b$x$, E'\\':a', :a", None, ["a"]),
        ("select 1 -- :a\n/* :b /* :c */ :d */ + :e", None, ["e"]),
        ("select '1'::int, now()::text", None, []),
        ("select f(x := 1)", None, []),
        ("select a[1:2], a[i:j], a[f(x):n], a[1: :n]", None, ["n"]),
        ("select (array[:a])[:b]", None, ["a", "b"]),
        ("select :a::int", "select $1::int", ["a"]),
        ("select 'it''s :x', :y", None, ["y"]),
        ("select a$1, :a", None, ["a"]),
    ],
)
def test_named_parameters(sql: str, wanted: str | None, names: list[str]) -> None:
    found = number_parameters(sql)
    assert found.names == names
    if wanted is not None:
        assert found.sql == wanted


def test_numbered_parameters_and_question_marks() -> None:
    assert number_parameters("select $2, '$9', $1").numbers == 2
    assert number_parameters("select x ? 'a'").question_mark
    assert not number_parameters("select '?'").question_mark


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("select 1; select 2", ["select 1", "select 2"]),
        (";;select 1;; -- the end", ["select 1"]),
        ("select ';'; select $$;$$; select 1 /* ; */", ["select ';'", "select $$;$$", "select 1"]),
        ("create rule r as on insert to t do (select 1; select 2); select 3", None),
        (
            "create function f() returns int begin atomic select 1; select case when true then 1 end; end; select 2",
            None,
        ),
        ("create function f() returns int language sql as 'select 1; select 2'; select 3", None),
        ("begin; select 1; end", ["begin", "select 1", "end"]),
        ("-- nothing", []),
    ],
)
def test_statements(text: str, statements: list[str] | None) -> None:
    found = [statement.sql for statement in split_statements(text)]
    assert found == statements if statements is not None else len(found) == 2


def test_what_a_statement_is() -> None:
    first, second = split_statements("\n/* c */ Create Table t (a);\n(select 1) union (select 2)")
    assert (first.verb, first.line, first.opening) == ("CREATE TABLE", 2, "create")
    assert (second.verb, second.line, second.opening) == ("SELECT", 3, "(")
    words = ["begin", "COMMIT", "start transaction", "rollback to x", "savepoint a", "select 1", "endless"]
    assert [ends_transaction(split_statements(word)[0]) for word in words] == [True] * 5 + [False] * 2
