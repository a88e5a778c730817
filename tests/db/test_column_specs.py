"""NAME:TYPE:CONSTRAINT, taken apart."""

import pytest

from pynetdb.db.column_specs import parse_column_spec
from pynetdb.db.constraints import Default, NotNull, References, Unique
from pynetdb.db.schema import NewColumn
from pynetdb.errors import CommandLineError


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a", NewColumn("a")),
        ("a:int:pk", NewColumn("a", "int", key=True)),
        ("a:pk", NewColumn("a", key=True)),
        ("a:varchar(10):unique:notnull", NewColumn("a", "varchar(10)", constraints=(Unique(), NotNull()))),
        ("a:real:default=1.5", NewColumn("a", "real", constraints=(Default(1.5),))),
        ("a::default=007", NewColumn("a", constraints=(Default("007"),))),
        ("a:default=null", NewColumn("a", constraints=(Default("NULL", keyword=True),))),
        ("a:text:default=12:30:notnull", NewColumn("a", "text", constraints=(Default("12:30"), NotNull()))),
        ("a:references=t", NewColumn("a", constraints=(References("t"),))),
        ("a:references=s.t.c", NewColumn("a", constraints=(References("s.t", "c"),))),
    ],
)
def test_columns(text: str, column: NewColumn) -> None:
    assert parse_column_spec(text) == column


@pytest.mark.parametrize(
    "text", [":int", "a:int:foo", "a:in;t", "a:int check", "a:int:pk=1", "a:references="]
)
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(CommandLineError, match="expected NAME"):
        parse_column_spec(text)
