"""Reading only: what a statement may do to a database that is not to be changed.

The file is opened with mode=ro, which SQLite itself enforces for that file. The authorizer stands in front
of what would go past it: other files, settings, extensions.
"""

import sqlite3
from typing import Any

# What reading consists of; everything else is refused by its name.
_READ_ACTIONS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_RECURSIVE,
}

# Before it makes or drops anything SQLite asks about the rows of its schema tables, and it does so even
# for its own virtual tables (`pragma_table_list`), which are only there while they are read. What follows
# for a real change (CREATE TABLE...) is refused; nobody can write these tables directly.
_SCHEMA_ROWS = {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE}
_SCHEMA_TABLES = {"sqlite_master", "sqlite_schema", "sqlite_temp_master", "sqlite_temp_schema"}

_NAMES = {
    getattr(sqlite3, name): name.removeprefix("SQLITE_").replace("_", " ")
    for name in dir(sqlite3)
    if name.startswith(
        ("SQLITE_CREATE", "SQLITE_DROP", "SQLITE_ALTER", "SQLITE_INSERT", "SQLITE_UPDATE", "SQLITE_DELETE")
    )
    or name
    in {
        "SQLITE_ATTACH",
        "SQLITE_DETACH",
        "SQLITE_PRAGMA",
        "SQLITE_REINDEX",
        "SQLITE_ANALYZE",
        "SQLITE_TRANSACTION",
        "SQLITE_SAVEPOINT",
    }
}

_SAVEPOINTS = {"BEGIN": "SAVEPOINT", "RELEASE": "RELEASE", "ROLLBACK": "ROLLBACK TO"}

# Pragmas that only tell, whatever their argument is (https://sqlite.org/pragma.html).
_READ_ONLY_PRAGMAS = {
    "collation_list", "compile_options", "data_version", "database_list", "foreign_key_check",
    "foreign_key_list", "freelist_count", "function_list", "index_info", "index_list", "index_xinfo",
    "integrity_check", "module_list", "page_count", "pragma_list", "quick_check", "schema_version",
    "table_info", "table_list", "table_xinfo",
}  # fmt: skip
# Pragmas that tell without an argument and set with one.
_READ_WRITE_PRAGMAS = {
    "application_id", "auto_vacuum", "busy_timeout", "cache_size", "encoding", "foreign_keys",
    "journal_mode", "journal_size_limit", "locking_mode", "max_page_count", "mmap_size", "page_size",
    "query_only", "recursive_triggers", "synchronous", "temp_store", "user_version", "wal_autocheckpoint",
}  # fmt: skip

# Functions that reach beyond the database.
_UNSAFE_FUNCTIONS = {"load_extension", "writefile", "readfile", "edit", "fts3_tokenizer"}


class ReadOnly:
    """An authorizer that lets only reading through, and remembers what it refused."""

    def __init__(self) -> None:
        self.refused: str | None = None
        """What the statement wanted, in SQL's words."""

    def __call__(self, action: int, first: Any, second: Any, schema: Any, trigger: Any) -> int:
        if action in _READ_ACTIONS or (action in _SCHEMA_ROWS and str(first) in _SCHEMA_TABLES):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            if str(second).lower() not in _UNSAFE_FUNCTIONS:
                return sqlite3.SQLITE_OK
            self.refused = f"{second}()"
        elif action == sqlite3.SQLITE_PRAGMA:
            name = str(first).lower()
            if name in _READ_ONLY_PRAGMAS or (name in _READ_WRITE_PRAGMAS and second is None):
                return sqlite3.SQLITE_OK
            self.refused = f"PRAGMA {first}" + ("" if second is None else f" = {second}")
        else:
            self.refused = _describe(action, first, second)
        return sqlite3.SQLITE_DENY


def _describe(action: int, first: Any, second: Any) -> str:
    """Say in SQL's words what was refused (https://sqlite.org/c3ref/c_alter_table.html)."""
    match action:
        case sqlite3.SQLITE_TRANSACTION:
            return f"{first} a transaction"
        case sqlite3.SQLITE_SAVEPOINT:
            return f"{_SAVEPOINTS.get(first, first)} {second}"
        case sqlite3.SQLITE_ALTER_TABLE:
            first = second  # The first is the database.
        case sqlite3.SQLITE_ATTACH if not first:
            return "VACUUM or ATTACH ''"  # Both take a file without a name.
    name = _NAMES.get(action, f"action {action}").replace("VTABLE", "VIRTUAL TABLE")
    return name + (f" {first}" if first else "")
