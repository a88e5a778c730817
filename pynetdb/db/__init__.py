"""The thin database layer: what is done to tables and rows, over engines that do it.

`open` gives an `engine.Engine` for the statements of users, `open_store` a `store.Store` for a program of
ours. Each engine is a folder here, the only importer of its library, and the
place where its SQL is made and its errors become ours; nothing above an engine asks which one it is, and
the modules beside this one know no SQL. May import rows, narration, wording and errors. Must not know
click, the names of options, or how results are printed.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pynetdb.db.engine import Engine, Mode
    from pynetdb.db.store import Store, StoreSchema
    from pynetdb.narration import Narrator


@contextmanager
def open(  # noqa: A001 - what it does, and always said with its module
    place: str,
    mode: "Mode" = "read",
    narrator: "Narrator | None" = None,
    lock_timeout: float | None = None,
    many_rows: bool = False,
    tell: "Callable[[str], None] | None" = None,
) -> "Iterator[Engine]":
    """Open a database for the length of the block: a SQLite file, `:memory:`, or PostgreSQL by its URL.

    After an error in the block a database that was made here is removed again. A lock held by another
    program is waited for `lock_timeout` seconds (None: 5). With `many_rows` a new database is laid out
    for them; `tell` is told what is worth knowing of the way to it. Raises CommandLineError for a
    `scheme://` that no engine serves (without the rest of the URL, which may hold a password),
    DatabaseError for what cannot be opened, NetworkError for a server that cannot be reached.
    """
    engine = _make_engine(place, mode, narrator, lock_timeout, many_rows)
    with ExitStack() as undo:
        undo.callback(engine.close, keep=False)
        if tell is not None and engine.remark:
            tell(f"{engine.place}: {engine.remark}")
        yield engine
        undo.pop_all()
    engine.close()


def _make_engine(
    place: str, mode: "Mode", narrator: "Narrator | None", timeout: float | None, many_rows: bool
) -> "Engine":
    from pynetdb.db.places import is_postgresql, require_file

    if is_postgresql(place):
        from pynetdb.db.postgresql.engine import PostgresqlEngine

        return PostgresqlEngine(place, mode, narrator, timeout)
    from pynetdb.db.engine import LOCK_TIMEOUT
    from pynetdb.db.sqlite.engine import SqliteEngine

    require_file(place, "a file's path or postgresql://")
    return SqliteEngine(place, mode, narrator, LOCK_TIMEOUT if timeout is None else timeout, many_rows)


def open_store(place: str, schema: "StoreSchema") -> "Store":
    """Open, or make, a database of a program of ours: a SQLite file by its path, PostgreSQL by its URL.

    Raises CommandLineError for a `scheme://` that no engine serves, DatabaseError for what is not such a
    database: it stays as it was; NetworkError for a server that cannot be reached.
    """
    from pynetdb.db.places import is_postgresql, require_file

    if is_postgresql(place):
        from pynetdb.db.postgresql.store import PostgresqlStore

        return PostgresqlStore(place, schema)
    from pynetdb.db.sqlite.store import SqliteStore

    require_file(place, "a file's path or postgresql://")
    return SqliteStore(place, schema)


def describe_place(place: str) -> str:
    """Return a place as messages may show it: a URL without its password. Raises CommandLineError."""
    from pynetdb.db.places import is_postgresql

    if not is_postgresql(place):
        return place
    from pynetdb.db.postgresql.url import ConnectionUrl

    return ConnectionUrl(place).place
