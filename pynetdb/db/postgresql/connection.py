"""One connection to a server, without a call that blocks: libpq sends and receives, waiting is ours.

Every wait looks at the deadline and lets ^C through; what is cut short is cancelled at the server.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import pq, waiting

from pynetdb.db.postgresql.errors import CANCELED, LOCKED, ServerError, refuse_write
from pynetdb.db.postgresql.login import connect, describe_failure, describe_security, read_options, timeout_of
from pynetdb.db.postgresql.trace import ProtocolTrace, explain
from pynetdb.db.postgresql.url import ConnectionUrl
from pynetdb.errors import CommandLineError, DatabaseError, DeadlineError, NetworkError
from pynetdb.narration import SILENT, Narrator
from pynetdb.wording import format_count, shorten_sql

# Seconds that the server has to end what is cancelled; after that it is left alone with it.
_CANCEL_TIMEOUT = 2.0

# How much of a deadline a lock is waited for: the deadline itself would not say what was waited for.
_LOCK_SHARE = 0.8

# Bytes of rows that wait for a server that is busy with others: enough to read on meanwhile, and no more.
_MAX_UNSENT = 1 << 20

# Waiting without an end is waiting for so many seconds again and again.
_LONG = 3600.0
_READ, _WRITE = int(waiting.WAIT_R), int(waiting.WAIT_W)
_wait = waiting.wait_poll if os.name == "posix" else waiting.wait_selector

_Status, _Transaction, _Polling = pq.ExecStatus, pq.TransactionStatus, pq.PollingStatus

# What values look like as text, whatever the role or the database is set to. Inside of the transaction,
# since PgBouncer gives each transaction another connection, and takes no options at the start.
_SETTINGS = (
    "SET LOCAL DateStyle = 'ISO'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; "
    "SET LOCAL standard_conforming_strings = on"
)


class Connection:
    """A connection in autocommit: `transaction` says where one begins and ends.

    A lock is waited for `lock_timeout` seconds. Raises NetworkError where the server cannot be reached or
    lets nobody in, DatabaseError for what it refuses, DeadlineError when the time of `within` is over.
    """

    def __init__(
        self,
        url: ConnectionUrl,
        narrator: Narrator | None = None,
        lock_timeout: float = 5.0,
        connect_timeout: float | None = None,
    ) -> None:
        self.place = url.place
        self.narrator = narrator or SILENT
        self.lock_timeout = lock_timeout
        self.copying_in = False
        """Whether a COPY FROM STDIN waits for its rows."""
        self._read_only = self._stopping = False
        self._news = False
        self._unsent = 0
        self._deadline: float | None = None
        self._trace: ProtocolTrace | None = None
        self.within(connect_timeout or timeout_of(read_options(url)))
        self.pgconn = connect(url, self._wait_for)
        self.within(None)
        self.security = describe_security(self.pgconn)
        """How the connection is protected, in words."""
        if self.narrator:
            self.narrator.tell("sql", "connect", [self.place], "connected", note=self.security)
            self._trace = ProtocolTrace(self.pgconn)

    @property
    def version(self) -> str:
        """Name and version of the server: `PostgreSQL 15.4`."""
        text = (self.pgconn.parameter_status(b"server_version") or b"").decode()
        return f"PostgreSQL {text.split(' ')[0]}"

    @property
    def is_open(self) -> bool:
        """Whether the server can still be asked."""
        return bool(self.pgconn.status == pq.ConnStatus.OK)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction has begun."""
        return self.pgconn.transaction_status in (_Transaction.INTRANS, _Transaction.INERROR)

    def within(self, seconds: float | None) -> None:
        """From now on statements have so long, all together; None is for ever."""
        self._deadline = None if seconds is None else time.monotonic() + seconds

    # -- The beginning and the end

    def close(self) -> None:
        """Let go of the server; what was not committed is rolled back, what runs is cancelled."""
        if self.is_open and self.pgconn.transaction_status == _Transaction.ACTIVE:
            self.stop()
        self._finish()

    def _finish(self) -> None:
        if self._trace is not None:
            self._trace.close()
            self._trace = None
        self.pgconn.finish()

    def stop(self) -> ServerError | None:
        """End what runs, within a moment, so that the connection can be used again; or close it.

        Return what the server says of that, if it says anything.
        """
        if not self.is_open or self.pgconn.transaction_status != _Transaction.ACTIVE:
            return None
        with self._within_a_moment():
            try:
                if self.copying_in:
                    self.end_copy("given up")
                else:
                    self._cancel()
                return self.drain()
            except (DeadlineError, NetworkError, psycopg.Error):
                self.pgconn.finish()
        return None

    @contextmanager
    def _within_a_moment(self) -> Iterator[None]:
        """Let the block take a moment, whatever the deadline is; it is as before then."""
        before, self._stopping = (self._deadline, self._stopping), True
        self.within(_CANCEL_TIMEOUT)
        try:
            yield
        finally:
            self._deadline, self._stopping = before

    def _cancel(self) -> None:
        """Ask the server, over another connection, to end what runs."""
        request = self.pgconn.cancel_conn()
        request.start()
        while (state := request.poll()) not in (_Polling.OK, _Polling.FAILED):
            self._wait_for(request.socket, state)

    # -- Waiting

    def _wait_for(self, sock: int, state: int) -> int:
        """Wait for a socket to be ready for what libpq wants; return for what. Raises DeadlineError."""
        end = self._deadline
        left = _LONG if end is None else max(0.0, end - time.monotonic())
        while not (ready := self._poll(sock, state, left)):
            if end is not None:
                raise DeadlineError(f"{self.place}: the statement did not end in time")
        return ready

    def _poll(self, sock: int, state: int, seconds: float) -> int:
        try:
            return int(_wait(_once(state), sock, seconds))
        except psycopg.OperationalError as error:
            raise self._lost() from error

    def has_news(self) -> bool:
        """Whether the server has sent something that nobody has looked at."""
        return self._news or self.arrives_within(0)

    def arrives_within(self, seconds: float) -> bool:
        """Whether something arrives from the server in so many seconds."""
        return bool(self._poll(self.pgconn.socket, _READ, seconds))

    def receive(self) -> None:
        """Wait for something from the server, and take it in. Raises DatabaseError for a lock."""
        try:
            self._wait_for(self.pgconn.socket, _READ)
        except DeadlineError:
            # The server's clock for locks is earlier than ours, but on a busy machine it may be late.
            refusal = None if self._stopping else self.stop()
            if refusal is not None and refusal.state == LOCKED:
                raise self.translate(refusal) from refusal
            raise
        self.take_in()

    def take_in(self) -> None:
        """Take in what has arrived."""
        self._news = True
        try:
            self.pgconn.consume_input()
        except psycopg.Error as error:
            raise self._lost() from error

    def flush(self) -> None:
        """Send everything; what the server says meanwhile is taken in, so that it never waits for us."""
        while self.pgconn.flush():
            if self._wait_for(self.pgconn.socket, _READ | _WRITE) & _READ:
                self.take_in()

    def copy(self, data: bytes) -> None:
        """Send rows of a COPY; what the server does not take at once waits, up to a bound."""
        self.pgconn.put_copy_data(data)
        if not self.pgconn.flush():
            self._unsent = 0
            return
        self._unsent += len(data)
        if self._unsent > _MAX_UNSENT:
            self.flush()
            self._unsent = 0

    def _lost(self) -> NetworkError:
        return NetworkError(f"{self.place}: the connection is lost: {describe_failure(self.pgconn)}")

    # -- Statements

    def send(self, sql: str, parameters: Sequence[bytes | None] = (), types: Sequence[int] = ()) -> None:
        """Send one statement, by the extended protocol; its results are to be fetched."""
        self._check_open()
        text = self.encode(sql)
        self.pgconn.send_query_params(text, parameters or None, types or None)
        self.flush()

    def encode(self, sql: str) -> bytes:
        if "\0" in sql:
            raise DatabaseError(f"{self.place}: SQL text ends at a NUL, so a statement cannot hold one")
        try:
            return sql.encode()
        except UnicodeEncodeError as error:
            raise CommandLineError("the statement is not UTF-8") from error

    def _check_open(self) -> None:
        if not self.is_open:
            raise NetworkError(f"{self.place}: the connection is lost")

    def next_result(self) -> "pq.abc.PGresult | None":
        """Return the next result of what was sent, or None when there is none left. Raises what it says."""
        result = self.peek_result()
        if result is not None and result.status == _Status.FATAL_ERROR:
            error = ServerError(result)
            self.copying_in = False
            self.drain()
            raise self.translate(error) from error
        return result

    def peek_result(self) -> "pq.abc.PGresult | None":
        """Return the next result, even one that is an error."""
        while self.pgconn.is_busy():
            self.receive()
        self._news = False
        return self.pgconn.get_result()

    def drain(self) -> ServerError | None:
        """Fetch what is left, and let it go; return the last error in it."""
        error = None
        while (result := self.peek_result()) is not None:
            if result.status == _Status.FATAL_ERROR:
                error = ServerError(result)
            elif result.status == _Status.COPY_OUT:
                while (size := self.pgconn.get_copy_data(1)[0]) >= 0:
                    if not size:
                        self.receive()
            elif result.status == _Status.COPY_IN:
                self.pgconn.put_copy_end(b"no rows are expected here")
                self.flush()
        return error

    def translate(self, error: ServerError) -> Exception:
        """Return the error for the user; what was cancelled is our deadline, or ^C."""
        if error.state == CANCELED and self._is_late():
            return DeadlineError(f"{self.place}: the statement did not end in time")
        if (words := error.refused_write) is not None:
            return self.refuse_write(words)
        if self._read_only and error.is_misplaced_change:
            return self.refuse_write("change rows")
        return error.translate(self.place)

    def refuse_write(self, words: str) -> DatabaseError:
        """Return the error for what would write, in `words`, where nothing may."""
        return refuse_write(self.pgconn, self.place, words, self._read_only)

    def _is_late(self) -> bool:
        # The server's clock of a statement, which we set a little later, may still be earlier than ours.
        return self._deadline is not None and time.monotonic() > self._deadline - 0.1

    def execute(
        self, sql: str, parameters: Sequence[bytes | None] = (), types: Sequence[int] = ()
    ) -> "pq.abc.PGresult":
        """Run one statement and return its result, all of it."""
        self.send(sql, parameters, types)
        return self._fetch(sql)

    def execute_several(self, sql: str) -> None:
        """Run several statements of ours in one message."""
        self._check_open()
        self.pgconn.send_query(sql.encode())
        self.flush()
        self._fetch(sql)

    def _fetch(self, sql: str) -> "pq.abc.PGresult":
        result = last = self.next_result()
        while last is not None and last.status not in (_Status.COPY_IN, _Status.COPY_OUT):
            result, last = last, self.next_result()
        if last is not None:
            self.drain()
            raise DatabaseError(
                f"{self.place}: COPY with standard input or output is no statement of ours to run"
            )
        if result is None:
            raise self._lost()
        self.narrate(sql, result)
        return result

    def rows(self, sql: str, *parameters: str | int | None) -> list[tuple[str | None, ...]]:
        """Run a statement of ours and return its rows, as texts."""
        bound = [None if value is None else str(value).encode() for value in parameters]
        result = self.execute(sql, bound)
        return [
            tuple(
                None if (cell := result.get_value(row, column)) is None else cell.decode("utf-8", "replace")
                for column in range(result.nfields)
            )
            for row in range(result.ntuples)
        ]

    def end_copy(self, error: str | None = None) -> None:
        """Say that no more rows come: that is all of them, or, with an `error`, they are not to be kept."""
        self.copying_in = False
        self.pgconn.put_copy_end(None if error is None else error.encode())
        self.flush()

    # -- Transactions

    def begin(self, read_only: bool = False) -> None:
        """Begin a transaction with our settings; in one that is `read_only` a statement has been run.

        After that one the server lets nobody make it a transaction that may write.
        """
        self._read_only = read_only
        words = [f"BEGIN{' READ ONLY' if read_only else ''}; {_SETTINGS}"]
        lock_timeout = self.lock_timeout
        if self._deadline is not None:
            # The server's own deadline holds even when no cancel request gets through.
            left = self._deadline - time.monotonic()
            words.append(f"SET LOCAL statement_timeout = {max(1, int(left * 1000) + 50)}")
            lock_timeout = min(lock_timeout, left * _LOCK_SHARE)
        words.append(f"SET LOCAL lock_timeout = {max(1, int(lock_timeout * 1000))}")
        if read_only:
            words.append("SELECT 1")
        self.execute_several("; ".join(words))

    def commit(self, keep: bool = True) -> None:
        """End the transaction."""
        self.execute("COMMIT" if keep else "ROLLBACK")

    def roll_back(self) -> None:
        """Undo what has been begun, if the server can still be asked."""
        self.stop()
        if self.is_open and self.in_transaction:
            with self._within_a_moment():
                try:
                    self.execute("ROLLBACK")
                except (DeadlineError, NetworkError):
                    self.pgconn.finish()

    @contextmanager
    def transaction(self, keep: bool = True) -> Iterator[None]:
        """Everything in the block is written, or nothing is; nothing in any case unless it is to `keep`."""
        self.begin()
        try:
            yield
            self.commit(keep)
        finally:
            self.roll_back()

    # -- Narration

    def narrate(self, sql: str, result: "pq.abc.PGresult | None" = None, rows: int | None = None) -> None:
        """Narrate a statement that was run, then the messages of the protocol that it took."""
        if not self.narrator:
            return
        if rows is not None:
            outcome = format_count(rows, "row")
        elif result is not None and result.nfields:
            outcome = format_count(result.ntuples, "row")
        else:
            outcome = (result.command_status or b"done").decode() if result is not None else "done"
        self.narrator.tell("sql", "sql", [shorten_sql(sql)], outcome, note=explain(sql))
        self.narrate_messages()

    def narrate_messages(self) -> None:
        """Narrate the messages of the protocol since the last time."""
        if self._trace is not None:
            self._trace.tell(self.narrator)


def _once(state: Any) -> Any:
    """What psycopg waits for: something that says what for, and ends with what has come."""
    ready = yield state
    return ready
