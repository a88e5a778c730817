"""The protocol's messages, as libpq itself writes them down (PQtrace), in words."""

import re
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

from pynetdb.narration import Narrator

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn


_STATEMENTS = {
    "BEGIN": "a transaction begins; our settings hold until it ends",
    "COMMIT": "all of the transaction is on disk now, for everybody",
    "ROLLBACK": "none of the transaction has happened",
    "SELECT": "rows are sent as they are found",
    "WITH": "a query with named parts",
    "VALUES": "rows from nowhere but this statement",
    "INSERT": "new rows",
    "UPDATE": "rows are changed: new versions of them beside the old ones",
    "DELETE": "rows are removed for whoever looks from now on",
    "CREATE": "the catalogue gets a new entry",
    "DROP": "an entry of the catalogue and what belongs to it are removed",
    "ALTER": "the catalogue is changed",
    "COPY": "rows in bulk, one a line: no statement a row, no round trip",
    "EXPLAIN": "the server says how it would go about it, and does not",
    "SAVEPOINT": "what follows can be undone by itself",
}

# https://www.postgresql.org/docs/current/protocol-message-formats.html
_MESSAGES = {
    "Query": "several statements of ours in one message",
    "Parse": "the text of a statement, to be understood; values are not in it",
    "Bind": "the values of its parameters, apart from the text",
    "Describe": "asks what comes in and out of it",
    "Execute": "runs it",
    "Sync": "asks for an answer to all of that",
    "Close": "lets go of a prepared statement",
    "Terminate": "good bye",
    "ParseComplete": "it is understood",
    "BindComplete": "the values fit",
    "CloseComplete": "it is let go",
    "ParameterDescription": "the types of its parameters",
    "RowDescription": "the names and types of the result's columns",
    "NoData": "it has no rows",
    "DataRow": "one row",
    "CommandComplete": "done, and with how many rows",
    "ReadyForQuery": "ready; I is outside of a transaction, T inside of one, E inside of one that failed",
    "CopyInResponse": "ready for rows",
    "CopyOutResponse": "rows follow",
    "CopyData": "rows, as text",
    "CopyDone": "no more rows",
    "CopyFail": "the rows are not to be kept",
    "ErrorResponse": "refused",
    "NoticeResponse": "a remark",
    "ParameterStatus": "a setting has another value now",
}


def explain(sql: str) -> str:
    """Return the explanation of a statement, by its first word."""
    word = re.match(r"[\s(]*(\w+)", sql)
    return _STATEMENTS.get(word[1].upper() if word else "", "a statement")


class ProtocolTrace:
    """What libpq sends and receives from now on; nothing of the login, which has the password."""

    def __init__(self, pgconn: "PGconn") -> None:
        self._pgconn = pgconn
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by `close`
        self._works = False
        self._start()

    def _start(self) -> None:
        import psycopg
        from psycopg import pq

        # A libpq or a system that cannot: then there are the statements alone.
        with suppress(psycopg.NotSupportedError):
            self._pgconn.trace(self._file.fileno())
            self._pgconn.set_trace_flags(pq.Trace.SUPPRESS_TIMESTAMPS)
            self._works = True

    def tell(self, narrator: Narrator) -> None:
        """Tell the messages since the last time."""
        if not self._works or not self._is_open():
            return
        # libpq writes through a buffer, which this empties.
        self._pgconn.untrace()
        size = self._file.tell()
        self._file.seek(0)
        data = self._file.read(size)
        self._file.seek(0)
        self._file.truncate()
        for line in data.decode("utf-8", "backslashreplace").splitlines():
            _tell_message(narrator, line)
        self._start()

    def _is_open(self) -> bool:
        from psycopg import pq

        return self._pgconn.status == pq.ConnStatus.OK

    def close(self) -> None:
        """No more is written down."""
        if self._works and self._is_open():
            self._pgconn.untrace()
        self._file.close()


def _tell_message(narrator: Narrator, line: str) -> None:
    way, _, rest = line.partition("\t")
    size, _, rest = rest.partition("\t")
    name, _, contents = rest.partition("\t")
    if way not in ("F", "B") or not size.isdigit():
        return
    done = "sent" if way == "F" else "received"
    shown = contents.strip()
    shown = shown if len(shown) <= 100 else shown[:100] + "..."
    note = _MESSAGES.get(name, "a message of the protocol")
    narrator.tell("libpq", name, [shown] if shown else [], done, bytes=int(size), note=note)
