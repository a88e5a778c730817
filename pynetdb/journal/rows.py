"""Which rows an event becomes: `RowMaker`, which remembers what rows refer to."""

from collections import deque
from collections.abc import Callable
from typing import Any

from pynetdb.events.event import Event
from pynetdb.journal.redaction import redact
from pynetdb.wording import timestamp

Row = tuple[str, tuple[Any, ...]]
"""The name of a statement of the schema, and its values."""

MAX_BODY = 64 * 1024
"""Bytes of a body or payload that are kept with --journal-bodies: enough to see what it was."""


class RowMaker:
    """Makes rows of one run. With `bodies` private words, bodies and payloads are kept too."""

    def __init__(self, run_id: int, *, bodies: bool = False) -> None:
        self._run = run_id
        self._bodies = bodies
        self._reason: str | None = None
        self._second = -1
        self._moment = ""
        # When each connection began that has a row and is not over: what others may refer to.
        self._open: dict[int, str] = {}
        # A client's connections have no number; they are counted here, and known by their peer.
        self._numbered = 0
        self._by_peer: dict[str, deque[int]] = {}
        self._makers: dict[str, Callable[[Any, str], list[Row]]] = {
            "Ready": self._ready,
            "Connected": self._connected,
            "Refused": self._refused,
            "Closed": self._closed,
            "RequestServed": self._served,
            "ResponseReceived": self._response,
            "DatagramReceived": self._received,
            "DatagramIgnored": self._ignored,
            "DatagramSent": self._sent,
            "MemberJoined": self._joined,
            "MemberLeft": self._left,
            "MessageSaid": self._said,
            "PrivateMessageSaid": self._whispered,
            "CommandRefused": self._command_refused,
            "TimeAnswered": self._answered,
            "TimeSampled": self._sampled,
            "ExchangeDone": self._exchanged,
            "FaultInjected": self._fault,
            "Exhausted": self._notice,
            "BrokerReached": self._notice,
            "BrokerLost": self._notice,
            "Stopped": self._stopped,
        }

    def rows(self, event: Event) -> list[Row]:
        """Return the rows of an event; none for what is not recorded."""
        make = self._makers.get(type(event).__name__)
        return [] if make is None else make(event, self._timestamp(event.time))

    def _timestamp(self, seconds: float) -> str:
        """Return what `wording.timestamp` does, at a fraction of its price within the same second."""
        whole, micro = divmod(round(seconds * 1_000_000), 1_000_000)
        if whole != self._second:
            self._second = whole
            self._moment = timestamp(whole).removesuffix("000000Z")
        return f"{self._moment}{micro:06d}Z"

    def last_row(self, now: float, lost: int) -> Row:
        """Return the row that ends the run; `lost` events could not be recorded."""
        return "ended", (timestamp(now), self._reason, lost, self._run)

    # The life of a command

    def _ready(self, event: Any, time: str) -> list[Row]:
        return [("ready", (redact(event.url), self._run))]

    def _notice(self, event: Any, time: str) -> list[Row]:
        return [("notice", (self._run, time, event.line()))]

    def _stopped(self, event: Any, time: str) -> list[Row]:
        self._reason = event.reason
        return []

    # Connections

    def _connected(self, event: Any, time: str) -> list[Row]:
        number = event.connection
        if number is None:
            self._numbered += 1
            number = self._numbered
            self._by_peer.setdefault(event.peer, deque()).append(number)
        self._open[number] = time
        return [("opened", (self._run, number, event.peer, time))]

    def _refused(self, event: Any, time: str) -> list[Row]:
        values = (self._run, event.connection, event.peer, time, time, 0.0, None, None, "refused")
        return [("closed", values)]

    def _closed(self, event: Any, time: str) -> list[Row]:
        number = event.connection
        if number is None:
            numbers = self._by_peer.get(event.peer)
            if not numbers:  # Its beginning was not told.
                self._numbered += 1
                numbers = deque((self._numbered,))
            number = numbers.popleft()
            if not numbers:
                self._by_peer.pop(event.peer, None)
        opened = self._open.pop(number, None) or timestamp(event.time - event.seconds)
        ending = "closed" if event.error is None else event.error
        moved = (event.bytes_received, event.bytes_sent)
        return [
            ("closed", (self._run, number, event.peer, opened, time, _rounded(event.seconds), *moved, ending))
        ]

    def _reference(self, event: Any) -> tuple[int | None, list[Row]]:
        """Return the number of the event's connection, and the row that must be there before it."""
        number = event.connection
        if number is None:
            numbers = self._by_peer.get(event.peer)
            return (numbers[-1] if numbers else None), []
        if number in self._open:
            return number, []
        return number, [("seen", (self._run, number, event.peer))]

    # Requests and datagrams

    def _served(self, event: Any, time: str) -> list[Row]:
        number, rows = self._reference(event)
        target = None if event.target is None else redact(event.target)
        body = self._kept(event.body)
        asked = (self._run, number, time, event.method, target, event.status)
        rows.append(("served", (*asked, event.bytes, _rounded(event.seconds), body)))
        return rows

    def _response(self, event: Any, time: str) -> list[Row]:
        phases = map(_rounded, (event.dns, event.connect, event.tls, event.first_byte))
        asked = (event.method, redact(event.url), event.status, event.bytes, _rounded(event.seconds))
        body = self._kept(event.body)
        return [("response", (self._run, time, *asked, *phases, _redacted(event.error), body))]

    def _received(self, event: Any, time: str) -> list[Row]:
        values = (event.peer, event.bytes, event.sequence, 0, self._kept(event.payload))
        return [("datagram", (self._run, time, "received", *values))]

    def _ignored(self, event: Any, time: str) -> list[Row]:
        return [("notice", (self._run, time, f"{event.peer}: {event.line()}"))]

    def _sent(self, event: Any, time: str) -> list[Row]:
        values = (event.peer, event.bytes, None, 0, self._kept(event.payload))
        return [("datagram", (self._run, time, "sent", *values))]

    # Chat

    def _joined(self, event: Any, time: str) -> list[Row]:
        number, rows = self._reference(event)
        return [*rows, ("joined", (self._run, number, event.member, time))]

    def _left(self, event: Any, time: str) -> list[Row]:
        return [("left", (time, event.reason, self._run, event.member))]

    def _said(self, event: Any, time: str) -> list[Row]:
        return self._message(event, time, None, event.text)

    def _whispered(self, event: Any, time: str) -> list[Row]:
        return self._message(event, time, event.to, event.text if self._bodies else None)

    def _message(self, event: Any, time: str, to: str | None, text: str | None) -> list[Row]:
        number, rows = self._reference(event)
        values = (self._run, number, time, event.member, to, text, len(event.text))
        return [*rows, ("message", values)]

    def _command_refused(self, event: Any, time: str) -> list[Row]:
        return [("notice", (self._run, time, event.line() if self._bodies else event.discreet_line()))]

    # Time, and what clients sum up

    def _answered(self, event: Any, time: str) -> list[Row]:
        return [("answer", (self._run, time, event.protocol, event.peer))]

    def _sampled(self, event: Any, time: str) -> list[Row]:
        found = (event.offset, event.delay, event.stratum, event.leap, event.reference, event.error)
        return [("sample", (self._run, time, event.server, event.protocol, *found))]

    def _exchanged(self, event: Any, time: str) -> list[Row]:
        import json

        summary = json.dumps(event.summary)
        error = _redacted(event.error)
        return [("exchange", (self._run, time, event.protocol, event.peer, summary, error))]

    def _fault(self, event: Any, time: str) -> list[Row]:
        number: int | None = None
        rows: list[Row] = []
        if event.connection is not None:
            number, rows = self._reference(event)
        values = (event.fault, event.direction, event.peer, event.bytes, _rounded(event.seconds))
        return [*rows, ("fault", (self._run, number, time, *values))]

    def _kept(self, data: bytes | None) -> bytes | None:
        return data[:MAX_BODY] if self._bodies and data is not None else None


def _rounded(seconds: float | None) -> float | None:
    """A microsecond is as much as the times beside it tell."""
    return None if seconds is None else int(seconds * 1_000_000 + 0.5) / 1_000_000


def _redacted(text: str | None) -> str | None:
    return None if text is None else redact(text)
