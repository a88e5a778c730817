"""Where rows go: the tables of a journal, in a database of its own."""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pynetdb import db
from pynetdb.errors import CommandLineError
from pynetdb.journal.rows import Row
from pynetdb.journal.schema import SCHEMA
from pynetdb.journal.statements import BEGIN_RUN, LAST_MESSAGES, STATEMENTS
from pynetdb.wording import timestamp

if TYPE_CHECKING:
    from pynetdb.db.store import Row as Values
    from pynetdb.db.store import Store


class DatabaseSink:
    """A journal in a database: a file's path, or a server's URL.

    Every method raises DatabaseError for what the database refuses, NetworkError for a server that cannot be
    asked. `write` opens it for its own, so that the connection belongs to the thread that writes.
    """

    def __init__(self, address: str) -> None:
        self.place = db.describe_place(address)
        """Where it is, for messages: an address without its password."""
        self._address = address
        self._store: Store | None = None

    def begin_run(self, command: str, version: str, started: float, seed: int | None) -> int:
        """Make the journal if it is missing, and return the number of a new run in it.

        Raises CommandLineError for what can be no journal. What is no database, somebody else's, or of a
        later version is a DatabaseError, and stays as it was.
        """
        if self._address == ":memory:":
            raise CommandLineError("a journal in memory would be gone at once, expected a file's path")
        if not self._address:
            raise CommandLineError("a journal without a name, expected a file's path or postgresql://")
        if os.path.exists(self._address) and not os.path.isfile(self._address):
            # A pipe is waited for by who reads its first bytes; this says what it is, and opens nothing.
            with db.open(self._address):
                pass
        store = db.open_store(self._address, SCHEMA)
        try:
            return store.insert_row(BEGIN_RUN, (command, version, os.getpid(), timestamp(started), seed))
        finally:
            store.close()

    def write(self, rows: Sequence[Row]) -> int:
        """Write all of the rows, or none; return how many were left out because they contradict others."""
        if self._store is None:
            self._store = db.open_store(self._address, SCHEMA)
        grouped: dict[str, list[Values]] = {name: [] for name in STATEMENTS}
        for name, values in rows:
            grouped[name].append(values)
        if closed := {values[:2] for values in grouped["closed"]}:
            # What began and is over has one row, which says both.
            grouped["opened"] = [values for values in grouped["opened"] if values[:2] not in closed]
        return self._store.write({STATEMENTS[name]: group for name, group in grouped.items() if group})

    def last_messages(self, most: int) -> list[tuple[str, str]]:
        """Return sender and text of the last public messages of chat-server, the oldest first."""
        store = db.open_store(self._address, SCHEMA)
        try:
            return [(str(sender), str(text)) for sender, text in store.fetch(LAST_MESSAGES, (most,))]
        finally:
            store.close()

    def close(self) -> None:
        """Let go of the database; by the thread that wrote."""
        if self._store is not None:
            self._store.close()
            self._store = None
