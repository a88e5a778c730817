"""The tables and statements of a store as SQLite is told them."""

from collections.abc import Iterator

from pynetdb.db.sqlite.identifiers import join_identifiers, quote_text
from pynetdb.db.store import Insert, Statement, StoreColumn, StoreSchema, StoreTable

_TYPES = {
    "number": "INTEGER", "integer": "INTEGER", "real": "REAL",
    "text": "TEXT", "json": "TEXT", "bytes": "BLOB",
}  # fmt: skip


def create_statements(schema: StoreSchema) -> Iterator[str]:
    """Yield the statements that make a store's tables, indexes and views."""
    for table in schema.tables:
        yield _create_table(table)
    for index in schema.indexes:
        yield f"CREATE INDEX {index.name} ON {index.table} ({', '.join(index.columns)})"
    for name, query in schema.views.items():
        comment, _, rest = query.partition("\n")
        yield f"CREATE VIEW {name} AS {comment}".rstrip() + f"\n{rest}"


def _create_table(table: StoreTable) -> str:
    """The statement that makes a table; --schema shows it with its comments."""
    width = max(len(column.name) for column in table.columns)
    parts = [(_declare(column, width), column.comment) for column in table.columns]
    if table.key:
        parts.append((f"PRIMARY KEY ({', '.join(table.key)})", ""))
    for columns, other, key in table.references:
        names = ", ".join(columns)
        parts.append((f"FOREIGN KEY ({names}) REFERENCES {other} ({', '.join(key)})", ""))
    lines = []
    for number, (words, comment) in enumerate(parts, 1):
        line = f"  {words}{',' if number < len(parts) else ''}"
        lines.append(f"{line:<31} -- {comment}" if comment else line)
    options = "STRICT, WITHOUT ROWID" if table.key else "STRICT"
    return "\n".join([f"CREATE TABLE {table.name} (", *lines, f") {options}"])


def _declare(column: StoreColumn, width: int) -> str:
    words = [f"{column.name:<{width}}", _TYPES[column.kind]]
    if column.kind == "number":
        words.append("PRIMARY KEY")
    if column.required:
        words.append("NOT NULL")
    if column.default is not None:
        words.append(f"DEFAULT {column.default}")
    if column.one_of:
        words.append(f"CHECK ({column.name} IN ({', '.join(map(quote_text, column.one_of))}))")
    if column.kind == "json":
        words.append(f"CHECK (json_valid({column.name}))")
    if column.table:
        words.append(f"REFERENCES {column.table} (id)")
    return " ".join(words)


def statement_sql(statement: Statement) -> tuple[str, str, str]:
    """Return a statement in SQL, in three pieces: the middle one is what is repeated for more rows.

    It is empty where each row takes a statement of its own.
    """
    if not isinstance(statement, Insert):
        return statement.sql, "", ""
    values = ["?"] * len(statement.columns) + [quote_text(text) for _, text in statement.constants]
    into = f"INSERT INTO {statement.table} ({join_identifiers(statement.names)}) VALUES "  # noqa: S608 - quoted
    conflict = f" ON CONFLICT {statement.on_conflict}" if statement.on_conflict else ""
    return into, f"({', '.join(values)})", conflict
