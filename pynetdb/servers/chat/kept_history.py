"""What was said in a shared room before this server came: read backwards from its log, in portions."""

from collections.abc import Callable
from functools import partial
from typing import Any

from pynetdb.protocols.chat.shared_log import read_entries, read_public_lines
from pynetdb.protocols.valkey.resp import Word
from pynetdb.servers.chat.broker_connection import BrokerConnection

# So many entries are read at a time.
_PORTION = 1000


class KeptHistory:
    """Reads at most `most` lines.

    `understand` reads a reply, and ends the conversation for one that is an error, with None.
    """

    def __init__(self, log: str, most: int, understand: Callable[[Any, Callable[[Any], Any]], Any]) -> None:
        self._log, self._most, self._understand = log, most, understand

    def read(self, commands: BrokerConnection, done: Callable[[list[tuple[str, str]]], None]) -> None:
        """Ask for it; `done` is given senders and texts, the newest first."""
        self._ask(commands, done, "+", [])

    def _ask(
        self, commands: BrokerConnection, done: Callable[..., None], end: str, found: list[tuple[str, str]]
    ) -> None:
        words: list[Word] = ["XREVRANGE", self._log, end, "-", "COUNT", _PORTION]
        commands.ask(words, partial(self._take, commands, done, found))

    def _take(
        self,
        commands: BrokerConnection,
        done: Callable[..., None],
        found: list[tuple[str, str]],
        reply: Any,
    ) -> None:
        entries = self._understand(reply, read_entries)
        if entries is None:
            return
        found += read_public_lines(entries)
        if len(entries) < _PORTION or len(found) >= self._most:
            done(found[: self._most])
            return
        # The last one comes again: an exclusive range is not known before 6.2.
        first, second = map(int, entries[-1][0].split(b"-"))
        self._ask(commands, done, f"{first}-{second - 1}" if second else f"{first - 1}", found)
