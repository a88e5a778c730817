"""What PostgreSQL complains about, turned into our errors, by its SQLSTATE."""

import re
from typing import TYPE_CHECKING

from pynetdb.db.engine import TransactionConflictError
from pynetdb.db.schema import TableExistsError
from pynetdb.errors import DatabaseError, NetworkError, PynetdbError

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn, PGresult

# https://www.postgresql.org/docs/current/errcodes-appendix.html
CANCELED = "57014"
LOCKED = "55P03"
# A value of a type that does not fit, and no operator or function for the types.
MISTYPED = ("42804", "42883")
IN_TRANSACTION_BLOCK = "25001"
_READ_ONLY = "25006"
_DUPLICATE_TABLE = "42P07"
_CONFLICTS = ("40001", "40P01")
# The server goes away, or has no room for us.
_GONE = ("57P01", "57P02", "57P03", "53300")

_WORDS = {
    LOCKED: "locked by another program for longer than we wait",
    "40001": "another transaction has changed the same, try again",
    "40P01": "this and another transaction wait for each other (a deadlock)",
    "53100": "no space left on the server, nothing was changed",
}

# https://www.postgresql.org/docs/current/protocol-error-fields.html
_SQLSTATE, _PRIMARY, _DETAIL, _HINT, _CONTEXT = map(ord, "CMDHW")


class ReadOnlyError(DatabaseError):
    """The server, or the role there, lets nobody write: nothing that we could be told changes that."""


def refuse_write(pgconn: "PGconn", place: str, words: str, read_only: bool) -> DatabaseError:
    """Return the error for what would write, in `words`, where nothing may.

    By the server, the role or the transaction, or by us if we have made that one `read_only`.
    """
    # PostgreSQL tells of both by itself since version 14.
    if pgconn.parameter_status(b"in_hot_standby") == b"on":
        return ReadOnlyError(f"{place}: the server is a standby, which only reads")
    if pgconn.parameter_status(b"default_transaction_read_only") == b"on":
        reason = "default_transaction_read_only is on"
        return ReadOnlyError(f"{place}: this role or database only reads ({reason})")
    if read_only:
        return DatabaseError(f"{place}: reading only, and this would {words}", hint="reading only")
    return ReadOnlyError(f"{place}: the server or the transaction only reads")


class ServerError(Exception):
    """What a result says that is an error; the cause of the error that the user meets."""

    def __init__(self, result: "PGresult") -> None:
        super().__init__()

        def text(code: int) -> str:
            return (result.error_field(code) or b"").decode("utf-8", "replace")

        def field(code: int) -> str:
            return " ".join(text(code).split())

        self.state = field(_SQLSTATE)
        self.primary = field(_PRIMARY) or " ".join(result.get_error_message().split())
        self.detail = field(_DETAIL)
        self.suggestion = field(_HINT)
        self.context = text(_CONTEXT)
        """What the server was at, a line or more for each frame, the innermost first."""

    @property
    def message(self) -> str:
        """The error in one line, in words for the user."""
        known = _WORDS.get(self.state)
        if known is not None:
            return known
        more = self.detail or self.suggestion
        return f"{self.primary} ({more.rstrip('.')})" if more else self.primary

    def find_copied_line(self, relation: str) -> int | None:
        """Return which row of our COPY into a relation it is about, from 1; None where it does not say."""
        # The word between is in the language of the server.
        frame = re.compile(rf"^COPY {re.escape(relation)}[^\d\n]*(\d+)", re.MULTILINE)
        ours = None
        for match in frame.finditer(self.context):
            # What follows our frame is a value with newlines, unless it was a COPY inside of a statement.
            if ours is None or "\nSQL" in self.context[ours.end() : match.start()]:
                ours = match
        return int(ours[1]) if ours else None

    @property
    def misread(self) -> str | None:
        """The text that is none of the type that it should be."""
        match = re.fullmatch(r'invalid input syntax for type .+: "(.*)"', self.primary, re.DOTALL)
        return match[1] if match else None

    def translate(self, place: str) -> PynetdbError:
        """Return the error for the user; `place` begins its message."""
        message = f"{place}: {self.message}"
        if self.state.startswith("08") or self.state in _GONE:
            return NetworkError(message)
        if self.state in _CONFLICTS:
            return TransactionConflictError(message)
        if self.state == _DUPLICATE_TABLE:
            return TableExistsError(message)
        return DatabaseError(message)

    @property
    def refused_write(self) -> str | None:
        """What would have written where nothing may; None for any other error."""
        if self.state != _READ_ONLY:
            return None
        match = re.match(r"cannot execute (.+?) (?:in a read-only transaction|during recovery)", self.primary)
        return match[1] if match else "write"

    @property
    def is_misplaced_change(self) -> bool:
        """Whether what changes rows stands inside of another statement, as all does where we only read."""
        return self.primary.startswith("WITH clause containing a data-modifying statement")


def state_of(error: BaseException) -> str:
    """Return the SQLSTATE that an error of ours comes from; nothing where it comes from elsewhere."""
    return error.__cause__.state if isinstance(error.__cause__, ServerError) else ""
