"""A conversation with a broker on the loop: who we are first, then a reply for each command."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pynetdb.errors import NetworkError, ProtocolError, PynetdbError
from pynetdb.net import os_errors
from pynetdb.net.addresses import Target
from pynetdb.net.client.connector import Connector
from pynetdb.net.loop import Loop, Timer
from pynetdb.net.network import Network
from pynetdb.net.server.connection import Connection, ConnectionHandler
from pynetdb.protocols.valkey.greeting import (
    Broker,
    authentication,
    check_reply,
    introduction,
    read_introduction,
)
from pynetdb.protocols.valkey.place import Place
from pynetdb.protocols.valkey.resp import BrokerError, ReplyReader, Word, encode_command

if TYPE_CHECKING:
    from pynetdb.net.client.tls_connection import ClientTls

Received = Callable[[Any], None]


class BrokerConnection(ConnectionHandler):
    """One conversation.

    `ready` is called once the broker has let us in, `failed` when the conversation is over, once and with
    the reason. A broker that leaves a command without a reply for `patience` seconds is taken for gone.
    `who` speaks in the narration.
    """

    def __init__(
        self,
        place: Place,
        who: str,
        patience: float,
        loop: Loop,
        network: Network,
        tls: "ClientTls | None",
        ready: Callable[[Broker], None],
        failed: Callable[[PynetdbError], None],
    ) -> None:
        self._place, self._loop, self._network, self._tls = place, loop, network, tls
        self._target = Target(place.host, place.port)
        self._on_ready, self._on_failed = ready, failed
        self._connection: Connection | None = None
        self._reader = ReplyReader()
        # Who waits for a reply, and until when.
        self._waiting: deque[tuple[Received, float]] = deque()
        self._patience = patience
        self._watch: Timer | None = None
        self._over = False
        self._connector = Connector(self._target, who, loop, network.sockets, self._connected, self.fail)

    def start(self, timeout: float) -> None:
        """Begin to connect; each address of the broker has `timeout` seconds."""
        self._connector.start(timeout)

    def ask(self, words: Sequence[Word], received: Received, patience: float | None = None) -> None:
        """Send a command; `received` gets the reply, a BrokerError among them."""
        if self._connection is None or self._over:
            return
        self._waiting.append((received, time.monotonic() + (patience or self._patience)))
        self._connection.write(encode_command(words))

    def close(self) -> None:
        """End the conversation, without a word to anybody."""
        self._over = True
        self._connector.cancel()
        self._waiting.clear()
        if self._watch is not None:
            self._watch.cancel()
        if self._connection is not None:
            self._connection.abort()

    # The handler's side

    def received(self, connection: Connection, data: memoryview) -> None:
        try:
            replies = self._reader.receive_data(data)
        except ProtocolError as error:
            self.fail(ProtocolError(f"{self._target}: {error}"))
            return
        for reply in replies:
            if self._over:
                return
            if not self._waiting:
                self.fail(ProtocolError(f"{self._target}: a reply that nobody asked for"))
                return
            self._waiting.popleft()[0](reply)

    def ended(self, connection: Connection) -> None:
        self.fail(NetworkError(f"{self._target}: the broker closed the connection"))

    def lost(self, connection: Connection, error: OSError | None) -> None:
        reason = "the broker closed the connection" if error is None else os_errors.message(error)
        self.fail(NetworkError(f"{self._target}: {reason}"))

    def fail(self, error: PynetdbError) -> None:
        """Give up on the conversation, because of `error`."""
        if not self._over:
            self.close()
            self._on_failed(error)

    # The beginning

    def _connected(self, sock: Any) -> None:
        try:
            peer = sock.getpeername()
        except OSError as error:  # It has let us in, and is gone.
            sock.close()
            self.fail(NetworkError(f"{self._target}: {error.strerror}"))
            return
        make = self._connection_factory()
        # Not one of those that are counted: it was not accepted.
        self._connection = connection = make(sock, 0, peer, self, self._loop, _over)
        self._look_for_silence()
        if self._tls is not None:
            connection.begin()  # type: ignore[attr-defined]
        self._introduce()

    def _connection_factory(self) -> Callable[..., Connection]:
        faults = self._network.faults
        if self._tls is None:
            if faults is None:
                return Connection
            from pynetdb.net.faults.connection import fault_connections

            return fault_connections(faults, self._network)
        if faults is None:
            from pynetdb.net.client.tls_connection import TlsClientConnection

            return partial(TlsClientConnection, self._tls, self._network)
        from pynetdb.net.client.tls_connection import FaultyTlsClientConnection

        return partial(FaultyTlsClientConnection, self._tls, self._network, faults, self._network)

    def _introduce(self) -> None:
        words = authentication(self._place)
        if not words:
            self._ask_who_is_there(None)
            return
        self._conceal(True)
        self.ask(words, self._authenticated)

    def _authenticated(self, reply: Any) -> None:
        self._conceal(False)
        self._ask_who_is_there(reply)

    def _conceal(self, conceals: bool) -> None:
        if self._connection is not None:
            self._network.sockets.conceal(self._connection.sock, conceals)

    def _ask_who_is_there(self, authenticated: Any) -> None:
        try:
            check_reply(str(self._target), authenticated)
        except NetworkError as error:
            self.fail(error)
            return
        replies: list[Any] = []
        commands = introduction(self._place)
        for command in commands:
            self.ask(command, partial(self._introduced, replies, len(commands)))

    def _introduced(self, replies: list[Any], expected: int, reply: Any) -> None:
        replies.append(reply)
        if len(replies) < expected and not isinstance(reply, BrokerError):
            return
        try:
            broker = read_introduction(str(self._target), replies)
        except PynetdbError as error:
            self.fail(error)
        else:
            self._on_ready(broker)

    def _look_for_silence(self) -> None:
        """Comparing clocks now and then costs less than a timer for each command."""
        if self._waiting and time.monotonic() > self._waiting[0][1]:
            self.fail(NetworkError(f"{self._target}: no reply within {self._patience:.3g} s"))
        else:
            self._watch = self._loop.call_later(self._patience / 4, self._look_for_silence)


def _over(connection: Connection, error: OSError | None) -> None:
    """Who has to know is told by the handler's `lost`."""
