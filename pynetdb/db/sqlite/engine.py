"""SQLite as an `Engine`: each of the protocol's words, said by the module here that knows how."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

from pynetdb.db.engine import Mode, OnConflict, Parameters, TextFormat
from pynetdb.db.places import require_file
from pynetdb.db.sqlite.database import Database, sqlite_version
from pynetdb.db.sqlite.file_uri import CREATE, READ, WRITE
from pynetdb.db.sqlite.query import Query, plan
from pynetdb.narration import Narrator

if TYPE_CHECKING:
    from pynetdb.db.schema import NewColumn, Table, TableColumn
    from pynetdb.db.sqlite.insert import Insertion

_MODES: dict[Mode, str] = {"read": READ, "write": WRITE, "create": CREATE}


class SqliteQuery(Query):
    """A query whose rows can be asked for as text."""

    def text_blocks(self, form: TextFormat, limit: int | None = None, null: str = "") -> Iterator[bytes]:
        """The rows in a format; see `export`, which is imported only for this."""
        from pynetdb.db.sqlite import export

        if form in ("json", "jsonl"):
            return export.json_blocks(self, form == "jsonl", limit)
        if form in ("csv", "tsv"):
            return export.csv_blocks(self, "," if form == "csv" else "\t", limit, null)
        return export.raw_blocks(self, limit)


class SqliteEngine:
    """One SQLite file, or a database in memory."""

    remark = ""

    def __init__(
        self, place: str, mode: Mode, narrator: Narrator | None, lock_timeout: float, many_rows: bool = False
    ) -> None:
        self._db = Database(place, _MODES[mode], narrator, lock_timeout)
        self._mode = _MODES[mode]
        self.place = place
        self.version = f"SQLite {sqlite_version()}"
        if many_rows:
            with ExitStack() as undo:
                undo.callback(self._db.discard)
                self._db.use_large_pages()
                undo.pop_all()

    def transaction(self, keep: bool = True) -> AbstractContextManager[None]:
        return self._db.transaction(keep)

    @contextmanager
    def limited(self, seconds: float | None) -> Iterator[None]:
        # Only commands watch, and not all of them.
        from pynetdb.db.watchdog import watch

        self._db.within(seconds)
        with watch(self.place, lambda: self._db.running, seconds, writes=self._mode != READ):
            yield

    def close(self, keep: bool = True) -> None:
        if keep:
            self._db.close()
        else:
            self._db.discard()

    def ensure_exists(self) -> bool:
        if self._db.made:
            self._db.write_header()
        return self._db.made

    def find_table(self, name: str) -> "Table | None":
        from pynetdb.db.sqlite import schema

        return schema.find_table(self._db, name)

    def all_tables(self) -> "list[Table]":
        from pynetdb.db.sqlite import schema

        return schema.all_tables(self._db)

    def measure(self, table: str | None, seconds: float | None = None) -> tuple[int | None, int | None]:
        from pynetdb.db.sqlite import schema

        if table is None:
            return None, schema.measure_all(self._db)
        return schema.measure_table(self._db, table, seconds)

    def statements(self) -> list[tuple[str, str]]:
        from pynetdb.db.sqlite import schema

        return schema.statements(self._db)

    def create_table(self, table: str, columns: "Sequence[NewColumn]", strict: bool = False) -> "Table":
        from pynetdb.db.sqlite import schema

        return schema.create_table(self._db, table, columns, strict)

    def describe_column(self, column: "NewColumn") -> "TableColumn":
        from pynetdb.db.sqlite import schema

        return schema.describe_column(column)

    def add_columns(self, table: "Table", columns: "Sequence[NewColumn]") -> "Table":
        from pynetdb.db.sqlite import schema

        return schema.add_columns(self._db, table, columns)

    def drop_table(self, table: "Table") -> None:
        from pynetdb.db.sqlite import schema

        schema.drop_table(self._db, table)

    def start_insert(
        self, table: "Table", columns: Sequence[str], source: str, on_conflict: OnConflict = "abort"
    ) -> "Insertion":
        # Who only asks does not pay for what inserts.
        from pynetdb.db.sqlite.insert import Insertion

        return Insertion(self._db, table, columns, source, on_conflict)

    def query(self, sql: str, parameters: Parameters = (), write: bool = False) -> SqliteQuery:
        return SqliteQuery(self._db, sql, parameters, write)

    def plan(self, sql: str, parameters: Parameters = ()) -> list[tuple[int, int, str]]:
        return plan(self._db, sql, parameters)

    def split_statements(self, text: str) -> list[str]:
        from pynetdb.db.sqlite.script import split_statements

        return split_statements(text)

    def ends_transactions(self, statements: Sequence[str]) -> bool:
        from pynetdb.db.sqlite.script import ends_transactions

        return ends_transactions(statements)

    def run_script(self, text: str, name: str, within: bool = False) -> int:
        from pynetdb.db.sqlite.script import run_script

        return run_script(self._db, text, name, within)

    def owns_file(self, path: str) -> bool:
        return self._db.owns_file(path)

    def attach(self, name: str, place: str) -> None:
        require_file(place)
        self._db.attach(name, place, self._mode)
