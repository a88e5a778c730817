"""PostgreSQL as an `Engine`: each of the protocol's words, said by the module here that knows how."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from pynetdb.db.engine import LOCK_TIMEOUT, Mode, OnConflict, Parameters
from pynetdb.db.postgresql.command_line import hide
from pynetdb.db.postgresql.connection import Connection
from pynetdb.db.postgresql.schema import Schema
from pynetdb.db.postgresql.url import ConnectionUrl
from pynetdb.db.schema import NewColumn, Table, TableColumn
from pynetdb.errors import CommandLineError
from pynetdb.narration import Narrator

if TYPE_CHECKING:
    from pynetdb.db.postgresql.insert import Insertion
    from pynetdb.db.postgresql.query import Query


class PostgresqlEngine:
    """A database of a server, which is there already: nothing makes one unasked."""

    def __init__(
        self,
        place: str,
        mode: Mode,
        narrator: Narrator | None,
        timeout: float | None,
    ) -> None:
        url = ConnectionUrl(place)
        hide(url.secrets)
        lock_timeout = LOCK_TIMEOUT if timeout is None else timeout
        self._connection = Connection(url, narrator, lock_timeout, timeout)
        self._schema = Schema(self._connection)
        self._mode = mode
        self.place = url.place
        self.version = self._connection.version
        self.remark = self._connection.security

    def transaction(self, keep: bool = True) -> AbstractContextManager[None]:
        return self._connection.transaction(keep)

    @contextmanager
    def limited(self, seconds: float | None) -> Iterator[None]:
        # Nothing here is busy in the library: every wait is ours, and hears.
        self._connection.within(seconds)
        try:
            yield
        finally:
            self._connection.within(None)

    def close(self, keep: bool = True) -> None:
        self._connection.close()

    def ensure_exists(self) -> bool:
        # It exists, or it could not have been connected to.
        return False

    def find_table(self, name: str) -> Table | None:
        return self._schema.find_table(name)

    def all_tables(self) -> list[Table]:
        return self._schema.all_tables()

    def measure(self, table: str | None, seconds: float | None = None) -> tuple[int | None, int | None]:
        if table is None:
            return None, self._schema.measure_all()
        return self._schema.measure_table(table, seconds)

    def statements(self) -> list[tuple[str, str]]:
        from pynetdb.db.postgresql.definitions import statements

        return statements(self._connection)

    def create_table(self, table: str, columns: Sequence[NewColumn], strict: bool = False) -> Table:
        return self._schema.create_table(table, columns, strict)

    def describe_column(self, column: NewColumn) -> TableColumn:
        return self._schema.describe_column(column)

    def add_columns(self, table: Table, columns: Sequence[NewColumn]) -> Table:
        return self._schema.add_columns(table, columns)

    def drop_table(self, table: Table) -> None:
        self._schema.drop_table(table)

    def start_insert(
        self, table: Table, columns: Sequence[str], source: str, on_conflict: OnConflict = "abort"
    ) -> "Insertion":
        # Who only asks does not pay for what inserts.
        from pynetdb.db.postgresql.insert import Insertion

        return Insertion(self._connection, self._schema, table, columns, source, on_conflict)

    def query(self, sql: str, parameters: Parameters = (), write: bool = False) -> "Query":
        from pynetdb.db.postgresql.query import Query

        return Query(self._connection, sql, parameters, write)

    def plan(self, sql: str, parameters: Parameters = ()) -> list[tuple[int, int, str]]:
        from pynetdb.db.postgresql.plan import plan

        return plan(self._connection, sql, parameters)

    def split_statements(self, text: str) -> list[str]:
        from pynetdb.db.postgresql.lexer import split_statements

        return [f"{statement.sql};" for statement in split_statements(text)]

    def ends_transactions(self, statements: Sequence[str]) -> bool:
        from pynetdb.db.postgresql.lexer import ends_transaction, split_statements

        return any(ends_transaction(part) for text in statements for part in split_statements(text))

    def run_script(self, text: str, name: str, within: bool = False) -> int:
        from pynetdb.db.postgresql.script import run_script

        return run_script(self._connection, text, name, within)

    def owns_file(self, path: str) -> bool:
        # Its files are the server's.
        return False

    def attach(self, name: str, place: str) -> None:
        raise CommandLineError(
            "is for files of SQLite: a connection to PostgreSQL is to one database", hint="attach"
        )
