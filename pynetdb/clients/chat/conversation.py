"""The chat client: one conversation with a chat server, on a loop."""

from collections import deque
from collections.abc import Callable

from pynetdb.errors import DeadlineError, NegativeAnswerError, NetworkError, ProtocolError, PynetdbError
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
# back before we send the next; one that says nothing for so long has perhaps nothing to say.
_ECHO = 2.0

# What does not come back, a private line, is given so long to be read alone.
_ALONE = 0.02

# How long a server may take to say goodbye.
_FAREWELL = 2.0


class Conversation(ConnectionHandler):
    """Joins a room under `name`, tells `heard` of what happens there, says what it is given.

    `joined` is called once the server has let us in. At the end `over` is called, with None after a
    goodbye, else with the error: NegativeAnswerError for a name that was refused, NetworkError when the
    server goes, DeadlineError when joining takes too long, ProtocolError.
    """

    def __init__(
        self,
        name: str,
        loop: Loop,
        heard: Callable[[Event], None],
        joined: Callable[[], None],
        over: Callable[[PynetdbError | None], None],
    ) -> None:
        self.name = name
        self.inside = False
        self._loop = loop
        self._heard = heard
        self._joined = joined
        self._over = over
        self._reader = EventReader()
        self._unsaid: deque[Message | Private | Quit] = deque()
        self._awaited: Timer | None = None
        self._ended = False
        self._leaving = False
        self._peer = ""
        self.idle: Callable[[], None] = lambda: None
        """Called when all that was to be said is said."""
        self._connection: Connection | None = None
        self._door: Timer | None = None

    def start(self, target: Target, timeout: float, network: Network) -> None:
        """Connect and ask to be let in. Raises NetworkError and DeadlineError if nobody is there."""
        deadline = Deadline(timeout, str(target))
        stream = Stream.connect(target, deadline, network)
        self._peer = stream.peer
        passed = DeadlineError(f"{target}: not let in within {timeout:g} s", hint="deadline")
        self._door = self._loop.call_later(deadline.left(), lambda: self._end(passed))
        connection = Connection(stream.detach(), 1, None, self, self._loop, lambda connection, error: None)
        self._connection = connection
        connection.write(encode(Add(self.name)))

    def say(self, text: str, to: str | None = None) -> None:
        """Say a line to everybody, or to one alone, after all that is still to be said."""
        self._unsaid.append(Message(text) if to is None else Private(to, text))
        self._go_on()

    def leave(self) -> None:
        """Say goodbye, after all that is still to be said."""
        self._unsaid.append(Quit())
        self._go_on()

    def take_over(self, other: "Conversation") -> None:
        """Say what another one, now over, had still to say."""
        self._unsaid.extend(other._unsaid)

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
            if self.inside:
                self._hear(event)
            else:
                self._hear_at_the_door(event)

    def ended(self, connection: Connection) -> None:
        self._end(self._gone("closed the connection"))

    def lost(self, connection: Connection, error: OSError | None) -> None:
        if not self._ended:
            self._end(self._gone(message(error) if error else "closed the connection"))

    # What happens

    def _hear_at_the_door(self, event: Event) -> None:
        match event:
            case Joined(name) if fold_name(name) == fold_name(self.name):
                self.inside = True
                if self._door is not None:
                    self._door.cancel()
                self._heard(event)
                self._joined()
                self._go_on()
            case Whispered(sender, text) if sender == SERVER:
                self._end(NegativeAnswerError(f"{self._peer}: {text}"))

    def _hear(self, event: Event) -> None:
        self._heard(event)
        match event:
            case Goodbye():
                self._end(None)
            case Said(sender) if sender == self.name and not self._leaving:
                self._said()
            case Whispered(sender) if sender == SERVER and not self._leaving:
                self._said()  # Refused, which is an answer too.

    def _go_on(self) -> None:
        """Say the next line, if the last one has come back."""
        if not self.inside or self._awaited is not None or self._connection is None:
            return
        if not self._unsaid:
            self.idle()
            return
        command = self._unsaid.popleft()
        self._connection.write(encode(command))
        match command:
            case Message():
                self._awaited = self._loop.call_later(_ECHO, self._said)
            case Private():
                self._awaited = self._loop.call_later(_ALONE, self._said)
            case Quit():
                self._leaving = True
                self._awaited = self._loop.call_later(_FAREWELL, lambda: self._end(None))

    def _said(self) -> None:
        if self._awaited is not None:
            self._awaited.cancel()
            self._awaited = None
        self._go_on()

    def _gone(self, why: str) -> PynetdbError | None:
        if self._leaving:
            return None  # It closes in place of a goodbye: we wanted to go.
        return NetworkError(f"{self._peer}: the server is gone ({why}), expected GOODBYE first")

    def _end(self, error: PynetdbError | None) -> None:
        if not self._ended:
            self._ended = True
            self._hang_up()
            self._over(error)

    def _hang_up(self) -> None:
        for timer in (self._awaited, self._door):
            if timer is not None:
                timer.cancel()
        if self._connection is not None:
            self._connection.abort()
