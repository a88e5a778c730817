"""A connection within TLS: handlers read and write as on any other, the wire carries records."""

import ssl
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from pynetdb.net.loop import READ, Timer
from pynetdb.net.network import Network
from pynetdb.net.server.connection import HIGH_WATER, Connection, ConnectionHandler, Data, State
from pynetdb.net.server.file_range import FileRange
from pynetdb.net.server.tls_narration import TlsNarration, show_messages
from pynetdb.net.tls import ServerTls

# Seconds for a handshake from beginning to end: who sends a byte now and then is not silent.
HANDSHAKE_TIMEOUT = 10.0

# So much may wait to be decrypted while the peer does not take what it is owed. More is not read: who sends
# without reading shall not fill our memory.
_MAX_BACKLOG = 256 * 1024

# Of a file, so much is read and encrypted at a time, and so much for one peer before others have their turn.
_FILE_PIECE = 64 * 1024
_MAX_TURN = 1 << 20


class _Layer:
    """Where the TLS of a connection stands."""

    __slots__ = (
        "error",
        "established",
        "fin",
        "handler",
        "incoming",
        "narration",
        "object",
        "outgoing",
        "plain",
        "queue",
        "said_goodbye",
        "timer",
        "wire",
    )

    def __init__(
        self, context: ssl.SSLContext, handler: ConnectionHandler, server_name: str | None = None
    ) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        # Whoever names a server is its client.
        self.object = context.wrap_bio(
            self.incoming, self.outgoing, server_side=server_name is None, server_hostname=server_name
        )
        self.handler = handler
        self.queue: deque[bytes | FileRange] = deque()
        """What could not be encrypted yet: the handshake is under way, or a file stands before it."""
        self.plain = self.wire = 0
        """How many bytes were encrypted, and how many became of them and of the handshake."""
        self.established = False
        self.fin = False
        """The peer has sent its FIN, and perhaps words before it that are not read yet."""
        self.said_goodbye = False
        self.error: OSError | None = None
        """Why TLS gave up."""
        self.timer: Timer | None = None
        self.narration: TlsNarration | None = None


class _Records(ConnectionHandler):
    """What a TlsConnection is told by the connection beneath it."""

    def received(self, connection: Connection, data: memoryview) -> None:
        connection.layer.incoming.write(data)
        connection.advance()  # type: ignore[attr-defined]

    def ended(self, connection: Connection) -> None:
        connection.layer.fin = True
        connection.advance()  # type: ignore[attr-defined]

    def drained(self, connection: Connection) -> None:
        connection.layer.handler.drained(connection)

    def lost(self, connection: Connection, error: OSError | None) -> None:
        connection.layer.handler.lost(connection, error)


_RECORDS = _Records()


class TlsConnection(Connection):
    """A Connection that encrypts.

    It passes records to the class behind it, which may be a faulty one: back-pressure, faults, silence and
    the figures are those of the wire. A file is read by us, because the kernel does not know the keys.
    """

    __slots__ = ()

    def __init__(self, tls: Any, network: Network, *rest: Any) -> None:
        # What comes before and behind the handler is for the class that makes the connection.
        *before, handler, loop, over = rest
        context, server_name = self._choose_context(tls, handler)
        if network.narrator:
            show_messages(context)
        self.layer = layer = _Layer(context, handler, server_name)
        super().__init__(*before, _RECORDS, loop, over)  # type: ignore[call-arg]
        if network.narrator:
            who = getattr(self.sock, "who", f"#{self.number}")
            layer.narration = TlsNarration(network.narrator, who, layer.object)
        layer.timer = loop.call_later(HANDSHAKE_TIMEOUT, self._handshake_is_late)

    @staticmethod
    def _choose_context(tls: Any, handler: ConnectionHandler) -> tuple[ssl.SSLContext, str | None]:
        """Return what makes the TLS of a connection, and the server's name if we are its client."""
        return tls.context(handler.alpn), None

    @property
    def pending(self) -> int:
        queued = sum(part.left if isinstance(part, FileRange) else len(part) for part in self.layer.queue)
        return super().pending + queued

    @property
    def taken(self) -> int:
        # To the byte once all has left; before that the records' own bytes count as ours, one in a thousand.
        layer: _Layer = self.layer
        return max(layer.plain - max(layer.wire - self.bytes_sent, 0), 0)

    def write(self, data: Data) -> None:
        layer: _Layer = self.layer
        if self.closed or layer.error is not None:
            return
        if layer.established and not layer.queue:
            self._encrypt(data)
        else:
            layer.queue.append(bytes(data))

    def write_file(self, part: FileRange) -> None:
        if self.closed or self.layer.error is not None:
            part.close()
            return
        self.layer.queue.append(part)
        self._encrypt_queue()

    def resume(self) -> None:
        super().resume()
        self._deliver_soon()

    # What goes out

    def _encrypt(self, data: Data) -> None:
        layer: _Layer = self.layer
        if not len(data):
            return
        try:
            layer.plain += layer.object.write(data)
        except ssl.SSLError as error:
            self._fail(error)
            return
        self._send_records()

    def _send_records(self) -> None:
        """Send what TLS has made, of our words or of its own."""
        records = self.layer.outgoing.read()
        self.layer.wire += len(records)
        super().write(records)

    def _encrypt_queue(self) -> None:
        """Encrypt what waits, as long as the peer takes it: a file stays a file until there is room."""
        layer: _Layer = self.layer
        left = _MAX_TURN
        while layer.queue and layer.established and not self.closed:
            if super().pending > HIGH_WATER:
                return
            if left <= 0:
                self._loop.call_soon(self._encrypt_more)
                return
            part = layer.queue[0]
            if isinstance(part, FileRange):
                try:
                    data = part.read(_FILE_PIECE) if part.left else b""
                except OSError as error:
                    self._lose(error)
                    return
                if not part.left:
                    part.close()
                    layer.queue.popleft()
            else:
                data = layer.queue.popleft()  # type: ignore[assignment]
            left -= len(data)
            self._encrypt(data)

    def _encrypt_more(self) -> None:
        if self.closed or super().pending:
            return  # Else it goes on when that is sent.
        self._encrypt_queue()
        if not self.layer.queue and not super().pending:
            self._all_sent()

    def _all_sent(self) -> None:
        layer: _Layer = self.layer
        if layer.queue and layer.established:
            self._outgoing = None
            self._encrypt_queue()
            if self.closed or layer.queue or self._outgoing is not None:
                self._update_interest()
                return
        super()._all_sent()
        self._deliver_soon()

    def _end_draining(self) -> None:
        layer: _Layer = self.layer
        if layer.established and not layer.said_goodbye:
            self._encrypt_queue()
            if self.closed or layer.queue or self._outgoing is not None:
                return  # This comes again once it is sent.
            layer.said_goodbye = True
            self._say_goodbye()
            if self.closed or self._outgoing is not None:
                return
        super()._end_draining()

    def _say_goodbye(self) -> None:
        """Send close_notify: nothing was cut off (RFC 8446 section 6.1)."""
        with suppress(ssl.SSLError):  # It wants the peer's, which is not waited for.
            self.layer.object.unwrap()
        self._send_records()

    # What comes in

    def advance(self) -> None:
        """Records have arrived, or the end: go on with the handshake, or hand on what they hold."""
        layer: _Layer = self.layer
        if not layer.established and not self._shake_hands():
            return
        self._deliver()
        if layer.incoming.pending > _MAX_BACKLOG:
            self._update_interest()

    def _wait_for(self, wanted: int) -> None:
        if self.state is State.OPEN and self.layer.incoming.pending > _MAX_BACKLOG:
            wanted &= ~READ
        super()._wait_for(wanted)

    def _shake_hands(self) -> bool:
        """Go on with the handshake, and return whether it is done."""
        layer: _Layer = self.layer
        if self.state not in (State.OPEN, State.HALF_CLOSED):
            return False
        try:
            layer.object.do_handshake()
        except ssl.SSLWantReadError:
            self._send_records()
            if layer.fin and not self.closed:
                self._lose(ConnectionError("the peer left during the TLS handshake"))
            return False
        except ssl.SSLError as error:
            self._fail(error)
            return False
        layer.established = True
        if layer.timer is not None:
            layer.timer.cancel()
        self._send_records()
        if layer.narration is not None:
            layer.narration.established()
        self._encrypt_queue()
        return not self.closed

    def _deliver(self) -> None:
        """Hand on what can be decrypted, unless the handler wants no more or the peer takes nothing."""
        layer: _Layer = self.layer
        buffer, view = self._loop.buffer, self._loop.view
        while self.state is State.OPEN or (layer.fin and self.state is State.HALF_CLOSED):
            if self._paused or self.pending > HIGH_WATER:
                return  # `resume` or the last byte sent brings us back.
            try:
                count = int(layer.object.read(len(buffer), buffer))
            except ssl.SSLWantReadError:
                # A key update or the like may want an answer.
                if layer.outgoing.pending:
                    self._send_records()
                break
            except ssl.SSLError as error:
                self._fail(error)
                return
            if not count:  # close_notify: the peer has said all, whatever TCP still holds.
                layer.fin = True
                break
            layer.handler.received(self, view[:count])
        if layer.fin and self.state in (State.OPEN, State.HALF_CLOSED):
            layer.fin = False
            self.state = State.HALF_CLOSED
            layer.handler.ended(self)
            self._update_interest()

    def _deliver_soon(self) -> None:
        layer: _Layer = self.layer
        if layer.established and (layer.incoming.pending or layer.object.pending() or layer.fin):
            self._loop.call_soon(self._deliver_later)

    def _deliver_later(self) -> None:
        if self.state in (State.OPEN, State.HALF_CLOSED):
            self._deliver()
            self._update_interest()

    # The end

    def _handshake_is_late(self) -> None:
        self._lose(TimeoutError("the TLS handshake did not come to its end in time"))

    def _fail(self, error: ssl.SSLError) -> None:
        """TLS gives up: send the alert that says why (RFC 8446 section 6.2), and leave."""
        layer: _Layer = self.layer
        layer.error = ConnectionError(f"TLS: {describe_failure(error)}")
        if layer.narration is not None:
            layer.narration.failed(str(layer.error))
        self._forget_queue()
        layer.established = False
        alert = layer.outgoing.read()
        # An alert is noise to who does not speak TLS at all.
        super().write((error.reason == "HTTP_REQUEST" and layer.handler.plain_refusal) or alert)
        self._drain(graceful=True)

    def _forget_queue(self) -> None:
        queue = self.layer.queue
        while queue:
            part = queue.popleft()
            if isinstance(part, FileRange):
                part.close()

    def _lose(self, error: OSError | None) -> None:
        layer: _Layer = self.layer
        if layer.timer is not None:
            layer.timer.cancel()
        self._forget_queue()
        super()._lose(error or layer.error)


_REASONS = {
    "HTTP_REQUEST": "plain HTTP, expected a TLS handshake (https)",
    "WRONG_VERSION_NUMBER": "no TLS record, expected a handshake",
    "UNSUPPORTED_PROTOCOL": "the client speaks nothing newer than TLS 1.1, expected 1.2 or 1.3",
    "NO_SHARED_CIPHER": "no cipher that both sides accept",
    "TLSV1_ALERT_UNKNOWN_CA": "the client does not trust our certificate",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": "the client does not trust our certificate",
    "SSLV3_ALERT_BAD_CERTIFICATE": "the client does not trust our certificate",
}


def describe_failure(error: ssl.SSLError) -> str:
    """Return what went wrong, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {error.verify_message}"
    reason = error.reason or str(error)
    return _REASONS.get(reason, reason.replace("_", " ").lower())


def secure_connections(tls: ServerTls, network: Network) -> Callable[..., Connection]:
    """Return what makes connections within TLS for a Server."""
    return partial(TlsConnection, tls, network)
