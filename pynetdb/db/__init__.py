"""The thin database layer: what is done to tables and rows, over engines that do it.

`open` gives an `engine.Engine` for the statements of users, `open_store` a `store.Store` for a program of
ours. Each engine is a folder here, the only importer of its library, and the
place where its SQL is made and its errors become ours; nothing above an engine asks which one it is, and
the modules beside this one know no SQL. May import rows, narration, wording and errors. Must not know
click, the names of options, or how results are printed.
"""

from collections.abc import Iterator
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
) -> "Iterator[Engine]":
    """Open a database for the length of the block: a SQLite file by its path, or `:memory:`.

    After an error in the block a database that was made here is removed again. A lock held by another
    program is waited for `lock_timeout` seconds (None: 5). With `many_rows` a new database is laid out
    for them. Raises CommandLineError for a `scheme://` that no engine serves (without the rest of the
    URL, which may hold a password), DatabaseError for what cannot be opened.
    """
    from pynetdb.db.engine import LOCK_TIMEOUT
    from pynetdb.db.places import require_file
    from pynetdb.db.sqlite.engine import SqliteEngine

    require_file(place)
    timeout = LOCK_TIMEOUT if lock_timeout is None else lock_timeout
    engine: Engine = SqliteEngine(place, mode, narrator, timeout, many_rows)
    with ExitStack() as undo:
        undo.callback(engine.close, keep=False)
        yield engine
        undo.pop_all()
    engine.close()


def open_store(place: str, schema: "StoreSchema") -> "Store":
    """Open, or make, a database of a program of ours: a SQLite file by its path.

    Raises CommandLineError for a `scheme://` that no engine serves, DatabaseError for what is not such a
    database: it stays as it was.
    """
    from pynetdb.db.places import require_file
    from pynetdb.db.sqlite.store import SqliteStore

    require_file(place)
    return SqliteStore(place, schema)
