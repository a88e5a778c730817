"""What a conversation with a broker begins with: it learns our scripts, and lets us do what they do."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pynetdb.protocols.chat.room_scripts import KEYS, SCRIPTS
from pynetdb.protocols.valkey.resp import BrokerError, Word
from pynetdb.servers.chat.broker_connection import BrokerConnection

# An entry that no stream takes: whoever may add one is told so, and nothing is added.
_NO_ENTRY = "0-0"


class Preparation:
    """Gets a conversation ready, as often as one begins.

    `understand` reads a reply, and ends the conversation for one that is an error, with None; `ready` is
    called at the end.
    """

    def __init__(
        self,
        keys: Sequence[str],
        understand: Callable[[Any, Callable[[Any], Any]], Any],
        ready: Callable[[], None],
    ) -> None:
        self.digests: dict[str, str] = {}
        """By what the broker knows each script."""
        self._keys = dict(zip(KEYS, keys, strict=True))
        self._understand, self._ready = understand, ready

    def begin(self, commands: BrokerConnection) -> None:
        """Ask for all of it."""
        for name, text in SCRIPTS.items():
            commands.ask(["SCRIPT", "LOAD", text], partial(self._loaded, name))
        log, seq = self._keys["log"], self._keys["seq"]
        trials: list[list[Word]] = [
            ["XADD", log, _NO_ENTRY, "", ""],
            ["XREAD", "COUNT", 1, "STREAMS", log, "$"],
            ["XRANGE", log, _NO_ENTRY, _NO_ENTRY],
            ["HDEL", seq, ""],
        ]
        for number, words in enumerate(trials, 1):
            commands.ask(words, partial(self._tried, number == len(trials)))

    def _loaded(self, name: str, reply: Any) -> None:
        digest = self._understand(reply, bytes.decode)
        if digest is not None:
            self.digests[name] = digest

    def _tried(self, is_last: bool, reply: Any) -> None:
        """Take a reply to what `enter` does not do, and would else be refused once members say something."""
        is_allowed = isinstance(reply, BrokerError) and reply.code == "ERR" and _NO_ENTRY in reply.text
        if (is_allowed or self._understand(reply, lambda _: True)) and is_last:
            self._ready()
