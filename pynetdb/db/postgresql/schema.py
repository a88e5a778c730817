"""What PostgreSQL says about its tables, and the statements that make them."""

import re
from collections.abc import Sequence

from pynetdb.db.constraints import Constraint, Default, NotNull, References, Unique
from pynetdb.db.postgresql.connection import Connection
from pynetdb.db.postgresql.errors import CANCELED, LOCKED, state_of
from pynetdb.db.postgresql.identifiers import check_name, join_identifiers, quote_identifier, quote_text
from pynetdb.db.schema import NewColumn, Table, TableColumn, TableExistsError
from pynetdb.errors import CommandLineError, DatabaseError, DeadlineError
from pynetdb.rows.json_types import BLOB, LONG
from pynetdb.rows.names import casefold_ascii
from pynetdb.rows.text_types import DECIMAL, FRACTION, INTEGER, NUMERIC, PARSED, REAL, TEXT

# What the kinds are called in SQL; every other kind is text. Never `double precision`: that would be a guess.
_TYPES = {INTEGER: "bigint", LONG: "bigint", BLOB: "bytea"} | dict.fromkeys(
    (REAL, FRACTION, NUMERIC, DECIMAL), "numeric"
)
_WHOLE = ("int", "integer", "int8", "bigint", "int4", "smallint", "int2")

# https://www.postgresql.org/docs/current/catalog-pg-type.html: strings, unknown, and internal ones.
_TEXT_CATEGORIES = ("S", "X", "Z")

_RELATIONS = """
SELECT c.oid, n.nspname, c.relname, c.relkind, pg_catalog.pg_table_is_visible(c.oid),
    c.relkind IN ('r', 'p', 'f') OR (pg_catalog.pg_relation_is_updatable(c.oid, true) & 8) <> 0
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname <> 'information_schema'
    AND n.nspname !~ '^pg_(catalog|toast)'"""

_COLUMNS = """
SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), t.typcategory,
    EXISTS (SELECT FROM pg_catalog.pg_index i
            WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)),
    a.attgenerated <> ''
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = ANY ($1::oid[])
ORDER BY a.attrelid, a.attnum"""

_SIZE = """
SELECT CASE WHEN relkind <> 'v' THEN pg_catalog.pg_total_relation_size(oid) END
FROM pg_catalog.pg_class WHERE oid = $1::regclass"""

_DROP = {"v": "VIEW", "m": "MATERIALIZED VIEW", "f": "FOREIGN TABLE"}


class Schema:
    """The tables of the database that a connection is to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # How tables are written in SQL, and what they are, by the names that `Table` has.
        self._quoted: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._bare: dict[str, str] = {}

    def quote_table(self, name: str) -> str:
        """Return a table's name for SQL; `schema.name` where that table has been found there."""
        return self._quoted.get(name) or quote_identifier(name)

    def bare_name(self, name: str) -> str:
        """Return a table's name without its schema, as the server's messages have it."""
        return self._bare.get(name, name)

    def find_table(self, name: str) -> Table | None:
        """Return the table or view of that name, else the one that is called so but for the case.

        A name with a point that no table has is that of a table in a schema.
        """
        check_name(name.rpartition(".")[2] or name)
        if "\0" in name:
            check_name(name)
        where = " AND (lower(c.relname) = lower($1) AND pg_catalog.pg_table_is_visible(c.oid)"
        where += " OR lower(n.nspname || '.' || c.relname) = lower($1))"
        found = [
            table
            for table in self._tables(where, name)
            if casefold_ascii(name) in (casefold_ascii(table.name), self._full_name(table))
        ]
        exact = [table for table in found if table.name == name]
        return exact[0] if exact else found[0] if found else None

    def _full_name(self, table: Table) -> str:
        return casefold_ascii(self._quoted[table.name].replace('"', ""))

    def all_tables(self) -> list[Table]:
        """Return every table and view but the server's own, by name."""
        return sorted(self._tables(" AND n.nspname !~ '^pg_temp'"), key=lambda table: table.name)

    def _tables(self, where: str, *parameters: str) -> list[Table]:
        relations = self._connection.rows(_RELATIONS + where, *parameters)
        if not relations:
            return []
        columns: dict[str, list[TableColumn]] = {}
        wanted = "{" + ",".join(str(row[0]) for row in relations) + "}"
        for oid, name, declared, category, key, generated in self._connection.rows(_COLUMNS, wanted):
            kind = _kind(str(declared), str(category))
            column = TableColumn(str(name), str(declared), key == "t", kind, generated == "t")
            columns.setdefault(str(oid), []).append(column)
        tables = []
        for oid, schema, relation, relkind, visible, fillable in relations:
            name = str(relation) if visible == "t" else f"{schema}.{relation}"
            quoted = quote_identifier(str(relation))
            self._quoted[name] = f"{quote_identifier(str(schema))}.{quoted}"
            self._kinds[name] = str(relkind)
            self._bare[name] = str(relation)
            view = relkind in ("v", "m")
            tables.append(Table(name, tuple(columns.get(str(oid), ())), view, fillable == "t"))
        return tables

    def create_table(self, name: str, columns: Sequence[NewColumn], strict: bool) -> Table:
        """Make and return a table. Raises TableExistsError."""
        if strict:
            raise CommandLineError("tables of PostgreSQL are strict as they are", hint="strict")
        schema, point, short = name.partition(".")
        if point and self._connection.rows("SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1", schema):
            self._quoted[name] = f"{quote_identifier(schema)}.{quote_identifier(short)}"
            self._bare[name] = short
        try:
            self._connection.execute(create_statement(self.quote_table(name), columns))
        except DatabaseError as error:
            # Another program makes it at the same moment: its row type is there already.
            if state_of(error) == "23505":
                raise TableExistsError(str(error)) from error
            raise
        return Table(name, tuple(map(self.describe_column, columns)), view=False)

    def describe_column(self, column: NewColumn) -> TableColumn:
        """Return what a column is once it is made."""
        declared = type_of(column)
        if column.kind is not None:
            kind = PARSED if declared in ("bigint", "numeric") else _kind(declared, "S")
            return TableColumn(column.name, declared, column.key, kind)
        bare = re.sub(r"\s*\(.*\)", "", declared)
        try:
            found = self._connection.rows(
                "SELECT typcategory FROM pg_catalog.pg_type WHERE oid = pg_catalog.to_regtype($1)", bare
            )
        except DatabaseError:
            found = []  # No type's name; the server says so when the table is made.
        return TableColumn(column.name, declared, column.key, _kind(bare, str(found[0][0]) if found else "S"))

    def add_columns(self, table: Table, columns: Sequence[NewColumn]) -> Table:
        """Add columns to a table, and return it as it is then; they are NULL in the rows that are there."""
        words = [f"ADD COLUMN {quote_identifier(column.name)} {type_of(column)}" for column in columns]
        self._connection.execute(f"ALTER TABLE {self.quote_table(table.name)} {', '.join(words)}")
        return table._replace(columns=(*table.columns, *map(self.describe_column, columns)))

    def drop_table(self, table: Table) -> None:
        """Remove a table or view with its rows."""
        what = _DROP.get(self._kinds.get(table.name, ""), "TABLE")
        self._connection.execute(f"DROP {what} {self.quote_table(table.name)}")

    def _row_count(self, name: str) -> int:
        # The name is quoted: nothing of it is SQL.
        rows = self._connection.rows(f"SELECT count(*) FROM {self.quote_table(name)}")  # noqa: S608
        return int(rows[0][0] or 0)

    def measure_table(self, name: str, seconds: float | None) -> tuple[int | None, int | None]:
        """Return how many rows a table has, and how many bytes it takes with its indexes.

        Each is None where that takes more than so many seconds, because of a lock or by itself.
        """
        quoted, connection = self.quote_table(name), self._connection
        count = size = None
        try:
            with connection.transaction(keep=False):
                limit = 0 if seconds is None else max(1, int(seconds * 1000))
                if limit:
                    connection.execute(f"SET LOCAL lock_timeout = {limit}")
                size = connection.rows(_SIZE, quoted)[0][0]
                if seconds is None or seconds > 0:
                    if limit:
                        connection.execute(f"SET LOCAL statement_timeout = {limit}")
                    count = self._row_count(name)
        except (DatabaseError, DeadlineError) as error:
            if seconds is None or state_of(error) not in (CANCELED, LOCKED):
                raise
        return count, None if size is None else int(size)

    def measure_all(self) -> int:
        """Return how many bytes the database takes."""
        sql = "SELECT pg_catalog.pg_database_size(pg_catalog.current_database())"
        return int(self._connection.rows(sql)[0][0] or 0)


def _kind(declared: str, category: str) -> str:
    if declared == "bytea":
        return BLOB
    return TEXT if category in _TEXT_CATEGORIES else PARSED


def type_of(column: NewColumn) -> str:
    """Return the type that a column is declared with; one that names none is text."""
    if column.kind is None:
        return column.type or "text"
    return _TYPES.get(column.kind, "text")


def create_statement(quoted: str, columns: Sequence[NewColumn]) -> str:
    """Return the CREATE TABLE statement of a table whose name is quoted.

    A single key of whole numbers numbers its rows where none is given.
    """
    keys = [column.name for column in columns if column.key]
    parts = []
    for column in columns:
        declared = type_of(column)
        words = [quote_identifier(column.name)]
        if len(keys) == 1 and column.key:
            numbered = casefold_ascii(declared) in _WHOLE
            words.append("bigint GENERATED BY DEFAULT AS IDENTITY" if numbered else declared)
            words.append("PRIMARY KEY")
        else:
            words.append(declared)
        words += map(_constraint, column.constraints)
        parts.append(" ".join(words))
    if len(keys) > 1:
        parts.append(f"PRIMARY KEY ({join_identifiers(keys)})")
    return f"CREATE TABLE {quoted} ({', '.join(parts)})"


def _constraint(constraint: Constraint) -> str:
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
            # A literal in quotes is of whatever type the column is: a text `7` for a text, a number for one.
            return f"DEFAULT {value if keyword else quote_text(str(value))}"
