"""What a database says about its tables, and the statements that make them."""

from collections.abc import Sequence
from typing import NamedTuple

from pynetdb.db.sqlite.database import Database
from pynetdb.db.sqlite.identifiers import joined, quoted
from pynetdb.errors import DatabaseError
from pynetdb.rows.names import casefold_ascii


class TableColumn(NamedTuple):
    """A column as the database declares it."""

    name: str
    type: str
    """As declared, empty where nothing was."""
    key: bool
    """Whether it is part of the primary key."""

    @property
    def affinity(self) -> str:
        """`INTEGER`, `TEXT`, `BLOB`, `REAL` or `NUMERIC` (https://sqlite.org/datatype3.html section 3.1)."""
        declared = self.type.upper()
        if "INT" in declared:
            return "INTEGER"
        if any(word in declared for word in ("CHAR", "CLOB", "TEXT")):
            return "TEXT"
        if "BLOB" in declared or not declared or declared == "ANY":
            return "BLOB"
        if any(word in declared for word in ("REAL", "FLOA", "DOUB")):
            return "REAL"
        return "NUMERIC"


class Table(NamedTuple):
    """A table or a view."""

    name: str
    """As it was written when it was made."""
    columns: tuple[TableColumn, ...]
    view: bool

    def column(self, name: str) -> TableColumn | None:
        """Return the column of that name, in any case of its ASCII letters."""
        wanted = casefold_ascii(name)
        return next((column for column in self.columns if casefold_ascii(column.name) == wanted), None)

    def required_column(self, name: str, where: str) -> TableColumn:
        """Return the column of that name. Raises DatabaseError, which `where` begins, if there is none."""
        column = self.column(name)
        if column is None:
            known = ", ".join(column.name for column in self.columns[:20])
            raise DatabaseError(f"{where}: no column {name!r} in table {self.name!r} (it has {known})")
        return column


def find_table(db: Database, name: str) -> Table | None:
    """Return the table or view of that name (`main` before temporary ones), or None."""
    found = db.execute(
        "SELECT name, type FROM sqlite_schema WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')",
        (name,),
    ).fetchone()
    return _table(db, *found) if found else None


def table_to_fill(db: Database, name: str, create: bool, of_what: str) -> Table | None:
    """Return the table of that name; None if it is missing and to be made, of what is inserted.

    Raises DatabaseError if it is missing and not to be made.
    """
    table = find_table(db, name)
    if table is None and not create:
        told = f"--create makes it from the {of_what}, db-create by hand"
        raise DatabaseError(f"{db.path}: no table {name!r} ({told})")
    return table


def all_tables(db: Database) -> list[Table]:
    """Return every table and view but SQLite's own, by name."""
    found = db.execute(
        "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ).fetchall()
    return [_table(db, name, kind) for name, kind in found]


def _table(db: Database, name: str, kind: str) -> Table:
    # The columns in which values can be put: 2 and 3 are generated, 1 is hidden in a virtual table.
    rows = db.execute("SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden = 0", (name,)).fetchall()
    columns = tuple(TableColumn(column, declared or "", bool(key)) for column, declared, key in rows)
    return Table(name, columns, kind == "view")


def row_count(db: Database, table: str) -> int:
    """Return how many rows a table has."""
    # The name is quoted: nothing of it is SQL.
    count: int = db.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0]  # noqa: S608
    return count


def statements(db: Database) -> list[tuple[str, str]]:
    """Return name and CREATE statement of everything that was made, in the order of its making."""
    found: list[tuple[str, str]] = db.execute(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL "
        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
    ).fetchall()
    return found


class NewColumn(NamedTuple):
    """A column to be made. `type` and `constraint` are SQL and must not come from a stranger unread."""

    name: str
    type: str = ""
    key: bool = False
    constraint: str = ""


def create_statement(
    table: str, columns: Sequence[NewColumn], *, strict: bool = False, if_not_exists: bool = False
) -> str:
    """Return the CREATE TABLE statement.

    A single INTEGER key becomes the row's own number, which SQLite gives by itself where none is given
    (https://sqlite.org/lang_createtable.html#rowid); `int` as well, which in SQLite's letter would not.
    """
    keys = [column.name for column in columns if column.key]
    parts = []
    for column in columns:
        declared = column.type or ("ANY" if strict else "")
        words = [quoted(column.name)]
        if len(keys) == 1 and column.key:
            words += [
                "INTEGER" if casefold_ascii(declared) in ("int", "integer") else declared,
                "PRIMARY KEY",
            ]
        else:
            words.append(declared)
        words.append(column.constraint)
        parts.append(" ".join(filter(None, words)))
    if len(keys) > 1:
        parts.append(f"PRIMARY KEY ({joined(keys)})")
    made = "CREATE TABLE IF NOT EXISTS" if if_not_exists else "CREATE TABLE"
    return f"{made} {quoted(table)} ({', '.join(parts)}){' STRICT' if strict else ''}"


def create_table(
    db: Database,
    table: str,
    columns: Sequence[NewColumn],
    *,
    strict: bool = False,
    if_not_exists: bool = False,
    replace: bool = False,
) -> bool:
    """Make a table within the caller's transaction; return whether it was made.

    Raises DatabaseError if it exists, unless `if_not_exists` (then it stays as it is) or `replace`
    (then it is dropped first, with its rows).
    """
    old = find_table(db, table)
    if old is not None:
        if if_not_exists:
            return False
        if not replace:
            raise DatabaseError(
                f"{db.path}: there is a {'view' if old.view else 'table'} {old.name!r} already "
                "(--if-not-exists keeps it, --replace drops it)"
            )
        db.execute(f"DROP {'VIEW' if old.view else 'TABLE'} {quoted(old.name)}")
    db.execute(create_statement(table, columns, strict=strict))
    return True
