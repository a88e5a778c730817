"""What SQLite says about its tables, and the statements that make them."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from pynetdb.db.schema import NewColumn, Table, TableColumn, TableExistsError
from pynetdb.db.sqlite.database import BudgetError, Database
from pynetdb.db.sqlite.errors import is_bad_definition
from pynetdb.db.sqlite.identifiers import join_identifiers, quote_identifier, quote_text
from pynetdb.errors import CommandLineError, DatabaseError
from pynetdb.rows.json_types import LONG, MIXED
from pynetdb.rows.names import casefold_ascii
from pynetdb.rows.text_types import EMPTY, FRACTION, INTEGER, REAL, TEXT

if TYPE_CHECKING:
    from pynetdb.db.constraints import Constraint

# What the kinds are called in SQL, where it is another word. A column without any value is text until it
# has one.
_TYPES = {EMPTY: TEXT, MIXED: TEXT, LONG: INTEGER, FRACTION: REAL}


def declared_type(kind: str) -> str:
    """Return the type that a column of a kind is declared with."""
    return _TYPES.get(kind, kind)


def affinity(declared: str) -> str:
    """Return what SQLite makes of a declared type (https://sqlite.org/datatype3.html section 3.1)."""
    declared = declared.upper()
    if "INT" in declared:
        return "INTEGER"
    if any(word in declared for word in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in declared or not declared or declared == "ANY":
        return "BLOB"
    if any(word in declared for word in ("REAL", "FLOA", "DOUB")):
        return "REAL"
    return "NUMERIC"


def find_table(db: Database, name: str) -> Table | None:
    """Return the table or view of that name (`main` before temporary ones), or None."""
    found = db.execute(
        "SELECT name, type FROM sqlite_schema WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')",
        (name,),
    ).fetchone()
    if not found:
        return None
    table = _table(db, *found)
    return table._replace(fillable=_has_insert_trigger(db, table.name)) if table.view else table


def all_tables(db: Database) -> list[Table]:
    """Return every table and view but SQLite's own, by name."""
    found, whole = _read_schema(
        db,
        "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    tables = [_table_or_broken(db, name, kind) for name, kind in found]
    if whole:
        return tables
    return [
        table if table.columns or table.broken else table._replace(broken="its definition cannot be read")
        for table in tables
    ]


def _read_schema(db: Database, sql: str) -> tuple[list[tuple[str, str]], bool]:
    """Return rows about the schema, and whether SQLite understands all of it."""
    try:
        return db.execute(sql).fetchall(), True
    except DatabaseError as error:
        if not is_bad_definition(error):
            raise
        # With this SQLite leaves out what it does not understand, in place of everything; nobody writes.
        db.execute("PRAGMA writable_schema = ON")
        return db.execute(sql).fetchall(), False


def _table_or_broken(db: Database, name: str, kind: str) -> Table:
    """Return a table; one that is broken must not hide the others."""
    try:
        return _table(db, name, kind)
    except DatabaseError as error:
        reason = str(error).removeprefix(f"{db.path}: ")
    except CommandLineError:
        reason = "its name is not UTF-8"
    return Table(name, (), kind == "view", broken=reason)


def _table(db: Database, name: str, kind: str) -> Table:
    # 2 and 3 are generated, 1 is hidden in a virtual table: an argument, not a column.
    rows = db.execute(
        "SELECT name, type, pk, hidden FROM pragma_table_xinfo(?) WHERE hidden <> 1", (name,)
    ).fetchall()
    columns = tuple(
        _column(column, declared or "", bool(key), generated=hidden > 1)
        for column, declared, key, hidden in rows
    )
    return Table(name, columns, kind == "view")


def _column(name: str, declared: str, key: bool, generated: bool = False) -> TableColumn:
    # SQLite adds words to the type of a column that was declared as GENERATED ALWAYS.
    declared = declared.removesuffix(" GENERATED ALWAYS") if generated else declared
    return TableColumn(name, declared, key, affinity(declared), generated)


_INSTEAD_OF_INSERT = re.compile(r"\binstead\s+of\s+insert\b", re.IGNORECASE)


def _has_insert_trigger(db: Database, view: str) -> bool:
    triggers = db.execute(
        "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE", (view,)
    )
    return any(_INSTEAD_OF_INSERT.search(sql) for (sql,) in triggers)


# Bytes of a database whose pages are counted in no time.
_SMALL = 32 << 20


def measure_table(db: Database, table: str, seconds: float | None) -> tuple[int | None, int | None]:
    """Return how many rows a table has, and how many bytes it takes with its indexes.

    None is what cannot be found out in so many seconds, or not at all. Raises DatabaseError where the table
    cannot be read.
    """
    if seconds is None:
        return row_count(db, table), _table_size(db, table)
    rows = size = None
    if seconds > 0:
        with suppress(BudgetError), db.budget(seconds):
            rows = row_count(db, table)
            # What counts pages cannot be interrupted.
            if measure_all(db) <= _SMALL:
                size = _table_size(db, table)
    return rows, size


def _table_size(db: Database, table: str) -> int | None:
    """Return the bytes of a table and its indexes, None where that cannot be found out."""
    # The module is an option of SQLite's, and a virtual table has no pages of its own.
    with suppress(DatabaseError):
        size: int | None = db.execute(
            "SELECT sum(pgsize) FROM dbstat WHERE aggregate = 1 AND name IN "
            "(SELECT name FROM sqlite_schema WHERE tbl_name = ? AND rootpage > 0)",
            (table,),
        ).fetchone()[0]
        return size
    return None


def measure_all(db: Database) -> int:
    """Return how many bytes the database takes."""
    pages, size = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages * size)


def row_count(db: Database, table: str) -> int:
    """Return how many rows a table has."""
    # The name is quoted: nothing of it is SQL.
    count: int = db.execute(f"SELECT count(*) FROM {quote_identifier(table)}").fetchone()[0]  # noqa: S608
    return count


def statements(db: Database) -> list[tuple[str, str]]:
    """Return name and CREATE statement of everything that was made, in the order of its making."""
    found, _ = _read_schema(
        db,
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
    )
    return found


def create_statement(table: str, columns: Sequence[NewColumn], *, strict: bool = False) -> str:
    """Return the CREATE TABLE statement.

    A single INTEGER key becomes the row's own number, which SQLite gives by itself where none is given
    (https://sqlite.org/lang_createtable.html#rowid); `int` as well, which in SQLite's letter would not.
    """
    keys = [column.name for column in columns if column.key]
    parts = []
    for column in columns:
        declared = _type_of(column) or ("ANY" if strict else "")
        words = [quote_identifier(column.name)]
        if len(keys) == 1 and column.key:
            words += [
                "INTEGER" if casefold_ascii(declared) in ("int", "integer") else declared,
                "PRIMARY KEY",
            ]
        else:
            words.append(declared)
        words += map(_constraint, column.constraints)
        parts.append(" ".join(filter(None, words)))
    if len(keys) > 1:
        parts.append(f"PRIMARY KEY ({join_identifiers(keys)})")
    return f"CREATE TABLE {quote_identifier(table)} ({', '.join(parts)}){' STRICT' if strict else ''}"


def _type_of(column: NewColumn) -> str:
    return column.type if column.kind is None else declared_type(column.kind)


def _constraint(constraint: "Constraint") -> str:
    from pynetdb.db.constraints import Default, NotNull, References, Unique

    match constraint:
        case NotNull():
            return "NOT NULL"
        case Unique():
            return "UNIQUE"
        case References(table, None):
            return f"REFERENCES {quote_identifier(table)}"
        case References(table, column):
            return f"REFERENCES {quote_identifier(table)} ({quote_identifier(str(column))})"
        case Default(value, keyword):
            as_it_is = keyword or not isinstance(value, str)
            return f"DEFAULT {value if as_it_is else quote_text(str(value))}"


def create_table(db: Database, table: str, columns: Sequence[NewColumn], strict: bool = False) -> Table:
    """Make and return a table. Raises TableExistsError."""
    try:
        db.execute(create_statement(table, columns, strict=strict))
    except DatabaseError as error:
        if str(error).startswith((f"{db.path}: table ", f"{db.path}: view ")) and "already exists" in str(
            error
        ):
            raise TableExistsError(str(error)) from error
        raise
    return Table(table, tuple(map(describe_column, columns)), view=False)


def describe_column(column: NewColumn) -> TableColumn:
    """Return what a column is once it is made."""
    return _column(column.name, _type_of(column), column.key)


def add_columns(db: Database, table: Table, columns: Sequence[NewColumn]) -> Table:
    """Add columns to a table, and return it as it is then; they are NULL in the rows that are there."""
    for column in columns:
        words = filter(None, (quote_identifier(column.name), _type_of(column)))
        db.execute(f"ALTER TABLE {quote_identifier(table.name)} ADD COLUMN {' '.join(words)}")
    return table._replace(columns=(*table.columns, *map(describe_column, columns)))


def drop_table(db: Database, table: Table) -> None:
    """Remove a table or view with its rows."""
    db.execute(f"DROP {'VIEW' if table.view else 'TABLE'} {quote_identifier(table.name)}")
