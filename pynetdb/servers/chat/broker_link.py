"""What ties one server's part of a shared room to the broker: two conversations, and the way back to them."""

from collections import deque
from collections.abc import Callable
from functools import partial
from random import random
from typing import TYPE_CHECKING, Any, TypeVar

from pynetdb.errors import NetworkError, ProtocolError, PynetdbError
from pynetdb.net.loop import Timer
from pynetdb.net.server.server import Server
from pynetdb.protocols.chat.room_scripts import KEYS
from pynetdb.protocols.chat.shared_facts import AWAY, BACK, MISSED, Limits, Request
from pynetdb.protocols.chat.shared_log import read_entries
from pynetdb.protocols.chat.shared_room import SharedRoom
from pynetdb.protocols.valkey.greeting import Broker, BusyError, check_reply
from pynetdb.protocols.valkey.place import Place
from pynetdb.protocols.valkey.resp import BrokerError, Word
from pynetdb.servers.chat.audience import Audience
from pynetdb.servers.chat.broker_connection import BrokerConnection
from pynetdb.servers.chat.kept_history import KeptHistory
from pynetdb.servers.chat.preparation import Preparation

if TYPE_CHECKING:
    from pynetdb.net.client.tls_connection import ClientTls

Result = TypeVar("Result")

# And until the members are told that the broker is not there.
_NOTICE = 0.5

# Entries of the log in one reply: a few megabytes at the very most.
_MAX_ENTRIES = 512

# Of them so much is handed to the members at a time; the next portion comes when they can take it.
_PORTION = 64 * 1024

# Replies as short as this are no catching up, and nobody needs to be asked what it can take.
_FEW = 32

# How long a portion waits for members that take nothing, and how often they are looked at.
_PATIENCE = 1.0
_LOOK_AGAIN = 0.002

# Seconds until the first try to come back, and the longest between two.
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0

# At the start: how long a broker that is reading its data may go on with that.
_START_TIMEOUT = 10.0


class BrokerLink:
    """Has a shared room hear its log, and the broker hear what its members want.

    One conversation asks, one request at a time; what comes meanwhile waits, and goes as one. The other reads
    the log. When either is over both begin anew, for as long as it takes. `open` is the first time: then an
    error is raised.
    """

    def __init__(self, room: SharedRoom, place: Place, limits: Limits, tls: "ClientTls | None", history: int):
        self.room = room
        self._place, self._tls = place, tls
        self._lease = limits.lease / 1000
        self._history = history
        self._keys = [f"{{pynetdb:{place.room}}}:{key}" for key in KEYS]
        self._preparation = Preparation(self._keys, self._understand, self._prepared)
        self._commands: BrokerConnection | None = None
        self._log: BrokerConnection | None = None
        self._is_ready = False
        # What it did not do when it was last asked, `request` or `log`: until it does, it is not back.
        self._refused: set[str] = set()
        self._entered = False
        self._log_is_ready = False
        self._reading = False
        self._asking = False
        self._opened = False
        self._failure: PynetdbError | None = None
        self._last_error = ""
        self._closed = False
        self._pause = _FIRST_PAUSE
        self._beat: Timer | None = None
        self._retry: Timer | None = None
        self._notice: Timer | None = None
        self._entries: deque[Any] = deque()

    @property
    def is_busy(self) -> bool:
        """Whether the broker is still to be told that this server ends."""
        return self._opened and not (self._closed or self.room.is_closed)

    def attach(self, audience: Audience, server: Server) -> None:
        """Get to know whom to tell, and the loop."""
        self._audience, self._loop, self._network = audience, server.loop, server.network
        self._watches = server.events.wants_words

    def open(self, is_stopping: Callable[[], bool]) -> None:
        """Run the loop until the room is there. Raises NetworkError or ProtocolError if that fails."""
        deadline = self._loop.call_later(_START_TIMEOUT, self._start_is_late)
        self._connect()
        self._loop.run_until(lambda: self._opened or self._failure is not None or is_stopping())
        deadline.cancel()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Tell the broker that everybody leaves, once they have."""
        self._loop.call_soon(self._say_goodbye)

    def close(self) -> None:
        """Let go of the sockets."""
        self._closed = True
        self._drop()

    def pump(self) -> None:
        """Ask the broker for what the room wants next, if it is not being asked already."""
        commands = self._commands
        if commands is None or self._asking or not self._is_ready:
            return
        request = self.room.next_request()
        if request is not None:
            self._ask(commands, request)
        else:
            self._be_back("request")

    # Both conversations

    def _connect(self) -> None:
        self._retry = None
        if self._closed:
            return
        patience = self._lease / 3
        common = (patience, self._loop, self._network, self._tls)
        self._commands = BrokerConnection(self._place, "broker", *common, self._load_scripts, self._lost)
        self._log = BrokerConnection(self._place, "log", *common, self._log_ready, self._lost)
        for connection in (self._commands, self._log):
            connection.start(patience if self._opened else _START_TIMEOUT)

    def _lost(self, error: PynetdbError) -> None:
        """One of them is over, so both are."""
        self._drop()
        if self._closed:
            return
        if not self._opened and not isinstance(error, BusyError):
            self._failure = error
            return
        self._last_error = str(error)
        self.room.restart()
        self._retry = self._loop.call_later(self._pause * (0.5 + random() / 2), self._connect)  # noqa: S311
        if self._opened and not self.room.away:
            if self._pause > _FIRST_PAUSE:
                self._be_away(error)
            elif self._notice is None:
                # Who is back at once has not been away.
                self._notice = self._loop.call_later(_NOTICE, partial(self._be_away, error))
        self._pause = min(self._pause * 2, _LONGEST_PAUSE, self._lease / 8)

    def _be_away(self, error: PynetdbError) -> None:
        """Tell everybody that the broker is not there."""
        self._forget_notice()
        if self.room.away or self._closed:
            return
        facts = self.room.lose_broker()
        self.room.notify(AWAY)
        self._audience.take_facts(facts)
        self._audience.tell_broker("BrokerLost", str(error))

    def _forget_notice(self) -> None:
        if self._notice is not None:
            self._notice.cancel()
            self._notice = None

    def _drop(self) -> None:
        for timer in (self._beat, self._retry):
            if timer is not None:
                timer.cancel()
        self._beat = self._retry = None
        self._is_ready = self._entered = self._log_is_ready = self._reading = self._asking = False
        for connection in (self._commands, self._log):
            if connection is not None:
                connection.close()
        self._commands = self._log = None
        # What was not handed out is read once more.
        self._entries.clear()

    def _start_is_late(self) -> None:
        self._drop()
        reason = f": {self._last_error}" if self._last_error else ""
        whom = f"{self._place.host}:{self._place.port}"
        self._failure = self._failure or NetworkError(
            f"{whom}: the broker is not ready within {_START_TIMEOUT:g} s{reason}"
        )

    def _check(self, reply: Any) -> bool:
        """Say whether a reply is none of an error; of one that is, the conversation ends."""
        try:
            check_reply(f"{self._place.host}:{self._place.port}", reply)
        except NetworkError as error:
            if self._commands is not None:
                self._commands.fail(error)
            return False
        return True

    # What is asked

    def _load_scripts(self, broker: Broker) -> None:
        self._broker = broker
        self._load()

    def _load(self) -> None:
        """Before anything else: a broker that was started again has forgotten them."""
        if self._commands is not None:
            self._preparation.begin(self._commands)

    def _prepared(self) -> None:
        self._is_ready = True
        self._asking = False
        self.pump()

    def _ask(self, commands: BrokerConnection, request: Request) -> None:
        self._asking = True
        self._evaluate(commands, request, self._replied)

    def _evaluate(
        self, commands: BrokerConnection, request: Request, received: Callable[[Request, Any], None]
    ) -> None:
        """Have the broker run a script."""
        script = self._preparation.digests[request.script]
        words: list[Word] = ["EVALSHA", script, len(KEYS), *self._keys, *request.arguments]
        commands.ask(words, partial(received, request))

    def _has_forgotten(self, reply: Any) -> bool:
        """Say whether the broker does not know our scripts any more; then it is told them again, once."""
        if not (isinstance(reply, BrokerError) and reply.code == "NOSCRIPT"):
            return False
        if self._is_ready:
            self._is_ready = False
            self._load()
        return True

    def _understand(self, reply: Any, read: Callable[[Any], Result]) -> Result | None:
        """Read a reply; None for an error, and for what is no reply to this: they end the conversation."""
        if not self._check(reply):
            return None
        try:
            return read(reply)
        except (ValueError, TypeError, AttributeError, IndexError):
            if self._commands is not None:
                whom = f"{self._place.host}:{self._place.port}"
                self._commands.fail(ProtocolError(f"{whom}: the broker replied with what was not asked for"))
            return None

    def _replied(self, request: Request, reply: Any) -> None:
        if self._has_forgotten(reply):
            self.room.restart()
            return
        facts = self._understand(reply, partial(self.room.receive_reply, request))
        if facts is None:
            self._refused.add("request")
            return
        self._asking = False
        if request.script != "enter":
            self._be_back("request")
        elif not self.room.must_enter:
            self._has_entered()
        self._audience.take_facts(facts)
        self.pump()

    def _has_entered(self) -> None:
        self._entered = True
        commands = self._commands
        if commands is None:
            return
        if self._beat is None:
            self._schedule_beat()
        if not self._opened:
            if not self._history or self.room.position == "0-0":
                self._open()
            else:
                KeptHistory(self._keys[0], self._history, self._understand).read(commands, self._recall)
            return
        position = self.room.position
        commands.ask(["XRANGE", self._keys[0], position, position], self._found_position)
        self._read_log()

    def _schedule_beat(self) -> None:
        self._beat = self._loop.call_later(self._lease / 3, self._send_beat)

    def _send_beat(self) -> None:
        self._schedule_beat()
        # Beside a request that is under way, whose reply comes first: both keep the lease.
        if self._commands is not None and self._entered:
            self._evaluate(self._commands, self.room.beat(), self._beaten)

    def _beaten(self, request: Request, reply: Any) -> None:
        if self._has_forgotten(reply):
            return
        facts = self._understand(reply, partial(self.room.receive_reply, request))
        if facts is not None:
            self._audience.take_facts(facts)
            self.pump()

    def _recall(self, found: list[tuple[str, str]]) -> None:
        self.room.recall(reversed(found))
        self._open()

    def _open(self) -> None:
        self._opened = True
        self._audience.tell_broker("BrokerReached", f"{self._place} ({self._broker})")
        self._pause = _FIRST_PAUSE
        self._read_log()

    # The log

    def _log_ready(self, broker: Broker) -> None:
        self._log_is_ready = True
        self._read_log()

    def _found_position(self, reply: Any) -> None:
        """Tell members if lines were let go before this server could hear them."""
        if self._check(reply):
            if not reply and self.room.position != "0-0":
                self.room.notify(MISSED)
            self._audience.take_facts([])

    def _read_log(self) -> None:
        if self._log is None or self._reading or not (self._entered and self._log_is_ready and self._opened):
            return
        self._reading = True
        self._be_back()
        self._ask_for_entries()

    def _be_back(self, done: str = "") -> None:
        """Tell everybody that the broker is there, if now it has `done` all that it refused before."""
        if not self._reading or (done and not self._refused):
            return
        self._refused.discard(done)
        if self._refused:
            return
        self._forget_notice()
        if self.room.away:
            self.room.away = False
            self.room.notify(BACK)
            self._audience.take_facts([])
            self._audience.tell_broker("BrokerReached", f"{self._place} ({self._broker})")
        self._pause = _FIRST_PAUSE

    def _ask_for_entries(self) -> None:
        if self._log is not None:
            wait = max(int(self._lease * 1000 / 3), 1)
            words: list[Word] = ["XREAD", "COUNT", _MAX_ENTRIES, "BLOCK", wait, "STREAMS", self._keys[0]]
            self._log.ask([*words, self.room.position], self._take_entries, 2 * self._lease / 3 + 0.1)

    def _take_entries(self, reply: Any) -> None:
        entries = self._understand(reply, partial(read_entries, of_stream=True))
        if entries is None:
            self._refused.add("log")
            return
        self._be_back("log")
        self._entries.extend(entries)
        if len(entries) > _FEW:
            self._hand_out_when_taken(self._log, _PATIENCE)
        else:
            self._hand_out()

    def _hand_out_when_taken(self, log: BrokerConnection | None, left: float) -> None:
        """Hand out a portion once nobody is owed so much that it would be too much."""
        if log is not self._log:
            return  # That conversation is over.
        if left > 0 and self._audience.owes(_PORTION):
            again = partial(self._hand_out_when_taken, log, left - _LOOK_AGAIN)
            self._loop.call_later(_LOOK_AGAIN, again)
        else:
            self._hand_out()

    def _hand_out(self) -> None:
        size = 0
        portion: list[Any] = []
        while self._entries and size < _PORTION:
            entry = self._entries.popleft()
            size += len(entry[1][1]) if entry[1] else 0
            portion.append(entry)
        self._audience.take_facts(self.room.receive_entries(portion, self._watches))
        if self._entries:
            # What was handed out is written at the end of this turn.
            self._loop.call_later(0, partial(self._hand_out_when_taken, self._log, _PATIENCE))
        else:
            self._ask_for_entries()

    # The end

    def _say_goodbye(self) -> None:
        self.room.close()
        self.pump()
