"""Rows through a temporary table, for those whose key may be there already."""

from collections.abc import Sequence

from pynetdb.db.engine import OnConflict
from pynetdb.db.postgresql.connection import Connection
from pynetdb.db.postgresql.identifiers import join_identifiers, quote_identifier
from pynetdb.db.schema import Table
from pynetdb.errors import DatabaseError

STAGE = "pynetdb_new_rows"
"""The temporary table, which is gone at the end of the transaction."""

# The keys of a table that ON CONFLICT can name: no part of rows, no expression.
_KEYS = """
SELECT i.indexrelid, a.attname
FROM pg_catalog.pg_index i
CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k(n, place)
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n AND k.n > 0
WHERE i.indrelid = $1::regclass AND i.indisunique AND i.indisvalid AND i.indimmediate
    AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY i.indisprimary DESC, i.indexrelid, k.place"""


class Upsert:
    """Moves rows from the temporary table into the one that they are for."""

    def __init__(self, connection: Connection, quoted: str, table: Table, on_conflict: OnConflict) -> None:
        self._connection = connection
        self._quoted = quoted
        self._table = table
        self._on_conflict = on_conflict
        self._keys: list[list[str]] = []
        if on_conflict in ("update", "replace"):
            self._keys = self._find_keys()
            if not self._keys:
                raise DatabaseError(
                    f"{connection.place}: table {table.name!r} has no key, by which a row is there already",
                    hint="no key",
                )

    def _find_keys(self) -> list[list[str]]:
        keys: dict[str, list[str]] = {}
        for index, column in self._connection.rows(_KEYS, self._quoted):
            keys.setdefault(str(index), []).append(str(column))
        return list(keys.values())

    def make_stage(self, columns: Sequence[str]) -> None:
        """Make the temporary table anew, with these columns and what the table demands of them."""
        connection = self._connection
        self._drop()
        names = set(columns)
        if self._table.view:
            wanted = f"SELECT {join_identifiers(columns)} FROM {self._quoted}"  # noqa: S608 - quoted
            connection.execute(f"CREATE TEMPORARY TABLE {STAGE} ON COMMIT DROP AS {wanted} WITH NO DATA")
            return
        connection.execute(
            f"CREATE TEMPORARY TABLE {STAGE} (LIKE {self._quoted} INCLUDING CONSTRAINTS) ON COMMIT DROP"
        )
        others = [column.name for column in self._table.columns if column.name not in names]
        if others:
            dropped = ", ".join(f"DROP COLUMN {quote_identifier(name)} CASCADE" for name in others)
            connection.execute(f"ALTER TABLE {STAGE} {dropped}")

    def _drop(self) -> None:
        self._connection.execute(f"DROP TABLE IF EXISTS {STAGE}")

    def move_rows(self, columns: Sequence[str]) -> int:
        """Insert what is in the temporary table; return how many rows were inserted, replaced or updated."""
        names = join_identifiers(columns)
        key = next((key for key in self._keys if set(key) <= set(columns)), None)
        into = f"INSERT INTO {self._quoted} ({names})"
        # Rows of a heap that was filled by one COPY are where they came: ctid is their order.
        if key is None:
            tail = " ON CONFLICT DO NOTHING" if self._on_conflict == "ignore" else ""
            sql = f"{into} SELECT {names} FROM {STAGE} ORDER BY ctid{tail}"  # noqa: S608 - all quoted
        else:
            sql = self._statement(into, names, columns, key)
        result = self._connection.execute(sql)
        count = int(result.command_tuples or 0)
        if key is not None:
            # An earlier row with the same key was updated by the last one, as when they come one by one.
            count = int(self._connection.rows(f"SELECT count(*) FROM {STAGE}")[0][0] or 0)  # noqa: S608
        self._drop()
        return count

    def _statement(self, into: str, names: str, columns: Sequence[str], key: Sequence[str]) -> str:
        """The statement for rows of which the last one with a key wins.

        One statement cannot change a row twice. NULL is like no other NULL, so such keys never meet.
        """
        distinct = []
        for name in map(quote_identifier, key):
            distinct += [name, f"CASE WHEN {name} IS NULL THEN ctid END"]
        wins = ", ".join(distinct)
        setting = [f"{name} = excluded.{name}" for name in map(quote_identifier, columns)]
        if self._on_conflict == "replace":
            # The old row goes: what the new one does not name begins anew.
            others = [
                column.name for column in self._table.fillable_columns if column.name not in set(columns)
            ]
            setting += [f"{quote_identifier(name)} = DEFAULT" for name in others]
        return (
            f"{into} SELECT DISTINCT ON ({wins}) {names} FROM {STAGE} ORDER BY {wins}, ctid DESC "  # noqa: S608
            f"ON CONFLICT ({join_identifiers(key)}) DO UPDATE SET {', '.join(setting)}"
        )
