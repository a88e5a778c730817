"""Values as they are written on a command line: NAME=VALUE is text, NAME:=JSON has JSON's type."""

from typing import NamedTuple

from pynetdb.db.batches import Rule
from pynetdb.db.database import Database
from pynetdb.db.identifiers import folded
from pynetdb.db.insertion import Insertion
from pynetdb.db.kinds import TEXT, TextRule
from pynetdb.db.loading import Loaded, Loading, new_column
from pynetdb.db.schema import NewColumn, create_table, table_to_fill
from pynetdb.db.value_kinds import ValueRule
from pynetdb.errors import CommandLineError


class Assignment(NamedTuple):
    """A name and its value."""

    name: str
    value: str | int | float | None
    typed: bool
    """Whether the value was JSON, and so has a type."""


def assignment(text: str, what: str = "") -> Assignment:
    """Return what `NAME=VALUE` or `NAME:=JSON` says. Raises CommandLineError, which `what` begins."""
    name, equals, value = text.partition("=")
    if not equals or not name or name == ":":
        raise CommandLineError(f"{what}{text!r}: expected NAME=VALUE, or NAME:=JSON for a number or null")
    if not name.endswith(":"):
        return Assignment(name, _utf8(value, f"{what}{name}"), False)
    from pynetdb.db.json_values import parsed, stored

    name = name[:-1]
    try:
        return Assignment(name, stored(parsed(_utf8(value, f"{what}{name}"))), True)
    except ValueError as error:
        raise CommandLineError(f"{what}{name}:={value}: is not JSON for one value ({error})") from error


def _utf8(value: str, what: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise CommandLineError(f"{what}: the value is not UTF-8") from error
    return value


def insert_row(db: Database, row: list[Assignment], wanted: Loading) -> Loaded:
    """Insert one row; the table is made of it if it is missing and `wanted.create` says so.

    Raises DatabaseError for what is refused, CommandLineError for a name given twice.
    """
    names = [folded(given.name) for given in row]
    for given in row:
        if names.count(folded(given.name)) > 1:
            raise CommandLineError(f"{given.name!r} is given twice")
    if wanted.key is not None and folded(wanted.key) not in names:
        raise CommandLineError(f"--pk {wanted.key}: no such column among the values")
    with db.transaction(keep=not wanted.dry_run):
        old = table_to_fill(db, wanted.table, wanted.create, "values")
        columns: list[NewColumn] = []
        values = []
        for given in row:
            rule: Rule = ValueRule() if given.typed else TextRule()
            if old is not None:
                column = old.required_column(given.name, db.path)
                columns.append(NewColumn(column.name))
                values += rule.offered([given.value], column.affinity)
                continue
            kind = rule.kind_of([given.value]) if wanted.detect else TEXT
            columns.append(new_column(given.name, kind, wanted.key))
            values += rule.converted([given.value], kind) or [given.value]
        if old is None:
            create_table(db, wanted.table, columns)
        insertion = Insertion(
            db, old.name if old else wanted.table, [column.name for column in columns], wanted.on_conflict
        )
        insertion.one(values)
    return Loaded(insertion.inserted, 1 - insertion.inserted, old is None, 0.0)
