"""The chat client: one conversation with a chat server, on a loop."""

from collections import deque
from collections.abc import Callable

from pynetdb.clients.chat.emission import emit_heard, emit_private
from pynetdb.errors import DeadlineError, NegativeAnswerError, NetworkError, ProtocolError, PynetdbError
from pynetdb.events.stream import Events
from pynetdb.net.addresses import Target
from pynetdb.net.client.stream import Stream
from pynetdb.net.deadline import Deadline
from pynetdb.net.loop import Loop, Timer
from pynetdb.net.network import Network
from pynetdb.net.os_errors import message
from pynetdb.net.server.connection import Connection, ConnectionHandler
from pynetdb.protocols.chat.commands import Add, Message, Private, Quit, encode
from pynetdb.protocols.chat.events import Event, EventReader, Goodbye, Joined, Said, Whispered
from pynetdb.protocols.chat.names import SERVER, fold_name

# The textbook's server takes what one recv returns for one command, so we wait for each line to come
# back before we send the next; a server that says nothing for so many seconds has perhaps nothing to say.
_ECHO_TIMEOUT = 2.0

# A private line does not come back: it is given so many seconds to be read alone.
_PRIVATE_PAUSE = 0.02

# Seconds that a server may take to say goodbye: the user wants to go.
_GOODBYE_TIMEOUT = 2.0


# After so long a silence the kernel asks whether the server's machine is still there, as the server does.
_PROBE = 60.0


class Conversation(ConnectionHandler):
    """Joins a room under `name`, calls `on_event` with what happens there, says what it is given.

    `on_joined` is called once the server has let us in. At the end `on_over` is called, with None after a
    goodbye, else with the error: NegativeAnswerError for a name that was refused, NetworkError when the
    server goes, DeadlineError when joining takes too long, ProtocolError.
    """

    def __init__(
        self,
        name: str,
        loop: Loop,
        on_event: Callable[[Event], None],
        on_joined: Callable[[], None],
        on_over: Callable[[PynetdbError | None], None],
    ) -> None:
        self.name = name
        self.joined = False
        self._loop = loop
        self._on_event = on_event
        self._on_joined = on_joined
        self._on_over = on_over
        self._reader = EventReader()
        self._outbox: deque[Message | Private | Quit] = deque()
        self._echo_timer: Timer | None = None
        self._ended = False
        self._leaving = False
        self._peer = ""
        self._events = Events()
        self._stream: Stream | None = None
        self.on_idle: Callable[[], None] = lambda: None
        """Called when all that was to be said is said."""
        self._connection: Connection | None = None
        self._join_timer: Timer | None = None

    def start(self, target: Target, timeout: float, network: Network) -> None:
        """Connect and ask to be let in. Raises NetworkError and DeadlineError if nobody is there."""
        deadline = Deadline(timeout, str(target))
        self._events = network.events
        self._stream = stream = Stream.connect(target, deadline, network)
        self._peer = stream.peer
        passed = DeadlineError(f"{target}: not let in within {timeout:g} s", hint="deadline")
        self._join_timer = self._loop.call_later(deadline.left(), lambda: self._end(passed))
        connection = Connection(stream.detach(), 1, None, self, self._loop, lambda connection, error: None)
        self._connection = connection
        connection.keep_alive(_PROBE)
        connection.write(encode(Add(self.name)))

    def say(self, text: str, to: str | None = None) -> None:
        """Say a line to everybody, or to one alone, after all that is still to be said."""
        self._outbox.append(Message(text) if to is None else Private(to, text))
        self._send_next()

    def leave(self) -> None:
        """Say goodbye, after all that is still to be said."""
        self._outbox.append(Quit())
        self._send_next()

    def take_outbox(self, other: "Conversation") -> None:
        """Say what another conversation, now over, had still to say."""
        self._outbox.extend(other._outbox)

    def close(self) -> None:
        """Drop the connection, without a word."""
        self._ended = True
        self._hang_up()

    # The handler's side

    def received(self, connection: Connection, data: memoryview) -> None:
        try:
            events = self._reader.receive_data(bytes(data))
        except ProtocolError as error:
            self._end(error)
            return
        for event in events:
            if self._ended:
                return
            if self.joined:
                self._receive(event)
            else:
                self._receive_before_joining(event)

    def ended(self, connection: Connection) -> None:
        self._end(self._server_gone("closed the connection"))

    def lost(self, connection: Connection, error: OSError | None) -> None:
        if not self._ended:
            self._end(self._server_gone(message(error) if error else "closed the connection"))

    # What happens

    def _receive_before_joining(self, event: Event) -> None:
        """Look for our own name among those who join; a notice before it is a refusal.

        What others say meanwhile is heard: some servers greet before they confirm.
        """
        match event:
            case Joined(name) if fold_name(name) == fold_name(self.name):
                self.joined = True
                if self._join_timer is not None:
                    self._join_timer.cancel()
                emit_heard(self._events, event, self.name, self._peer)
                self._on_event(event)
                self._on_joined()
                self._send_next()
            case Whispered(sender, text) if sender == SERVER:
                self._end(NegativeAnswerError(f"{self._peer}: {text}"))
            case Goodbye():
                self._end(NetworkError(f"{self._peer}: the server said goodbye before it let us in"))
            case _:
                emit_heard(self._events, event, self.name, self._peer)
                self._on_event(event)

    def _receive(self, event: Event) -> None:
        emit_heard(self._events, event, self.name, self._peer)
        self._on_event(event)
        match event:
            case Goodbye():
                self._end(None)
            case Said(sender) if sender == self.name and not self._leaving:
                self._acknowledged()
            case Whispered(sender) if sender == SERVER and not self._leaving:
                self._acknowledged()  # Refused, which is an answer too.

    def _send_next(self) -> None:
        """Say the next line, if the last one has come back."""
        if not self.joined or self._echo_timer is not None or self._connection is None:
            return
        if not self._outbox:
            self.on_idle()
            return
        command = self._outbox.popleft()
        self._connection.write(encode(command))
        match command:
            case Message():
                self._echo_timer = self._loop.call_later(_ECHO_TIMEOUT, self._acknowledged)
            case Private(to, text):
                emit_private(self._events, self.name, self._peer, to, text)
                self._echo_timer = self._loop.call_later(_PRIVATE_PAUSE, self._acknowledged)
            case Quit():
                self._leaving = True
                self._echo_timer = self._loop.call_later(_GOODBYE_TIMEOUT, lambda: self._end(None))

    def _acknowledged(self) -> None:
        if self._echo_timer is not None:
            self._echo_timer.cancel()
            self._echo_timer = None
        self._send_next()

    def _server_gone(self, why: str) -> PynetdbError | None:
        if self._leaving:
            return None  # It closes in place of a goodbye: we wanted to go.
        return NetworkError(f"{self._peer}: the server is gone ({why}), expected GOODBYE first")

    def _end(self, error: PynetdbError | None) -> None:
        if not self._ended:
            self._ended = True
            self._hang_up(None if error is None else str(error))
            self._on_over(error)

    def _hang_up(self, error: str | None = None) -> None:
        for timer in (self._echo_timer, self._join_timer):
            if timer is not None:
                timer.cancel()
        if self._connection is not None:
            self._connection.abort()
            if self._stream is not None:
                self._stream.emit_closed(self._connection.bytes_received, self._connection.bytes_sent, error)
