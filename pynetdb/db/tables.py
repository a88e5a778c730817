"""Tables to be filled or made: found, or refused with what would help."""

from collections.abc import Sequence

from pynetdb.db.engine import Engine
from pynetdb.db.schema import NewColumn, Table, TableExistsError
from pynetdb.errors import DatabaseError


def find_target_table(engine: Engine, name: str, create: bool, what: str) -> Table | None:
    """Return the table of that name; None if it is missing and to be made, of `what` is inserted.

    Raises DatabaseError if it is missing and not to be made.
    """
    table = engine.find_table(name)
    if table is None and not create:
        raise DatabaseError(f"{engine.place}: no table {name!r}", hint=f"no table for {what}")
    return table


def make_table(
    engine: Engine,
    name: str,
    columns: Sequence[NewColumn],
    *,
    strict: bool = False,
    if_not_exists: bool = False,
    replace: bool = False,
) -> bool:
    """Make a table within the caller's transaction; return whether it was made.

    Raises TableExistsError if it exists, unless `if_not_exists` (then it stays as it is) or `replace`
    (then it is dropped first, with its rows).
    """
    old = engine.find_table(name)
    if old is not None:
        if if_not_exists:
            return False
        if not replace:
            kind = "view" if old.view else "table"
            raise TableExistsError(
                f"{engine.place}: there is a {kind} {old.name!r} already", hint="table exists"
            )
        engine.drop_table(old)
    engine.create_table(name, columns, strict)
    return True
