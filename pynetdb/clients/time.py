"""Asks time servers: NTP (RFC 5905), daytime (RFC 867) and time (RFC 868). Never sets a clock."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from pynetdb.errors import DeadlineError, NegativeAnswerError, ProtocolError, PynetdbError
from pynetdb.net.addresses import Target, is_loopback
from pynetdb.net.client.stream import Stream
from pynetdb.net.client.udp_socket import UdpClientSocket
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network
from pynetdb.protocols.time import ntp
from pynetdb.protocols.time.field import Field

# Seconds between two questions to one server that is not on this machine: NTP clients "MUST NOT" be
# faster than what their servers ask for, ntpdig waits 2; NIST's daytime servers say 4.
NTP_PAUSE = 2.0
DAYTIME_PAUSE = 4.0

# A lost NTP question is asked again after so many seconds, which is not before the pause above.
_ASK_AGAIN = 3.0

_NANO = 1_000_000_000

# Finer than any clock here ticks: a delay below it was measured by luck (RFC 5905, section 8).
_PRECISION = 2.0**-20


class Answer(NamedTuple):
    """What a server said."""

    server: str
    protocol: str
    unix_ns: int | None
    """The server's time when its answer arrived, in nanoseconds since 1970; None if it cannot be read."""
    offset: float | None
    """Seconds by which the local clock is behind the server's."""
    delay: float
    """Seconds that the exchange took on the way."""
    fields: Sequence[Field]
    """The decoded packet or line."""
    details: dict[str, Any]
    """What only this protocol knows, by the names of the JSON output."""
    warnings: Sequence[str] = ()
    distrust: str | None = None
    """Why the server itself says not to believe it."""


class Outcome(NamedTuple):
    """What came of asking one server: an answer, an error, or an answer that is not to be relied on."""

    target: Target
    answer: Answer | None
    error: PynetdbError | None


class Questioner:
    """Asks servers by one protocol, politely, and says which answers can be relied on."""

    def __init__(
        self,
        protocol: str,
        udp: bool,
        samples: int,
        max_offset: float | None,
        network: Network,
    ) -> None:
        """`samples` are for ntp; `max_offset` is in seconds, None for any."""
        self._protocol = protocol
        self._udp = udp
        self._samples = samples
        self._max_offset = max_offset
        self._network = network

    def ask_all(self, targets: Sequence[Target], timeout: float) -> Iterator[Outcome]:
        """Ask each server in turn, and yield what came of it as soon as it is known.

        There is one deadline for all, `timeout` seconds: each server has a fair share of what is left.
        """
        everything = Deadline(timeout, "time-query")
        for number, target in enumerate(targets):
            share = Deadline(max(everything.left() / (len(targets) - number), 0.001), str(target))
            if len(targets) == 1:
                share.timeout = timeout  # Errors say it as it was given, not a moment less.
            answer = None
            try:
                answer = self.ask(target, targets[:number], share)
                self.judge(answer)
            except PynetdbError as error:
                yield Outcome(target, answer, error)
            else:
                yield Outcome(target, answer, None)

    def ask(self, target: Target, before: Sequence[Target], deadline: Deadline) -> Answer:
        """Ask one server, after those in `before`. Raises what the functions below raise.

        Emits TimeSampled for each sample and for what failed.
        """
        self._be_polite(target, before, deadline)
        try:
            if self._protocol == "ntp":
                answer = ask_ntp(target, deadline, self._network, self._samples)
            elif self._protocol == "daytime":
                answer = ask_daytime(target, deadline, self._network, self._udp)
            else:
                answer = ask_time868(target, deadline, self._network, self._udp)
        except PynetdbError as error:
            if self._network.events.wants_details:
                from pynetdb.events.sample import TimeSampled

                self._network.events.emit(TimeSampled(str(target), self._protocol, error=str(error)))
            raise
        if self._network.narrator:
            for field in answer.fields:
                self._network.narrator.tell(
                    "client", "field", (field.offset, field.name), field.value, note=field.meaning
                )
        return answer

    def judge(self, answer: Answer) -> None:
        """Raise NegativeAnswerError for an answer that is not to be relied on."""
        if answer.distrust is not None:
            raise NegativeAnswerError(f"{answer.server}: says not to trust it, {answer.distrust}")
        if self._max_offset is None:
            return
        if answer.offset is None:
            raise NegativeAnswerError(f"{answer.server}: its line cannot be compared", hint="offset")
        if abs(answer.offset) > self._max_offset:
            told = f"the local clock is {answer.offset:+.6f} s off, more than {self._max_offset:g} s"
            raise NegativeAnswerError(f"{answer.server}: {told}", hint="offset")

    def _be_polite(self, target: Target, before: Sequence[Target], deadline: Deadline) -> None:
        """Do not ask a stranger twice in a row: a server named twice waits for its pause."""
        named_before = any(other.host == target.host for other in before)
        if named_before and not is_loopback((target.host,)) and target.host != "localhost":
            pause = NTP_PAUSE if self._protocol == "ntp" else DAYTIME_PAUSE
            time.sleep(min(pause, deadline.left()))


class _Sent(NamedTuple):
    """The moment before a question: on the wall and on a clock that nobody sets."""

    wall: int
    ticks: int

    @classmethod
    def now(cls) -> "_Sent":
        return cls(time.time_ns(), time.perf_counter_ns())

    def elapsed(self) -> int:
        """Nanoseconds since, even if the wall clock was set in between."""
        return time.perf_counter_ns() - self.ticks


def ask_ntp(target: Target, deadline: Deadline, network: Network, samples: int = 1) -> Answer:
    """Ask an NTP server `samples` times and return the answer with the least delay.

    A reply that fails a test is ignored, counted and named, and the wait goes on. Raises
    NegativeAnswerError for a kiss and for a server that is not synchronised, DeadlineError when only
    bogus replies came or none, NetworkError.
    """
    ignored: Counter[str] = Counter()
    answers: list[Answer] = []
    previous = 0
    with UdpClientSocket(target, deadline, network) as datagrams:
        for number in range(samples):
            if number and not datagrams.is_local:
                time.sleep(min(NTP_PAUSE, deadline.left()))
            packet, answer = _one_ntp(datagrams, previous, ignored)
            previous = packet.transmit
            answers.append(answer)
            _emit_sample(network, answer)
    best = min(answers, key=lambda answer: answer.delay)
    best.details.update(samples=samples, ignored=dict(ignored))
    warnings = [f"ignored {_counted(ignored)}"] if ignored else []
    return best._replace(warnings=warnings)


def _one_ntp(datagrams: UdpClientSocket, previous: int, ignored: Counter[str]) -> tuple[ntp.Packet, Answer]:
    deadline = datagrams.deadline
    outstanding: dict[int, _Sent] = {}
    while deadline.left():
        # 64 random bits say nothing of our clock, and nobody off the path can guess them.
        nonce = int.from_bytes(os.urandom(8), "big") or 1
        outstanding[nonce] = _Sent.now()
        datagrams.send(ntp.encode_request(nonce))
        ask_again = time.monotonic() + _ASK_AGAIN
        while (patience := ask_again - time.monotonic()) > 0 and deadline.left():
            data = datagrams.receive(patience)
            if data is None:
                continue
            nonce_of_reply = ntp.decode(data).origin if len(data) >= ntp.SIZE else nonce
            sent = outstanding.get(nonce_of_reply, outstanding[nonce])
            elapsed = sent.elapsed()
            known = nonce_of_reply if nonce_of_reply in outstanding else nonce
            reply = ntp.validate_reply(data, known, previous)
            if isinstance(reply, ntp.Packet):
                return reply, _ntp_answer(datagrams, reply, sent, elapsed)
            if reply.kind != "bogus":
                raise NegativeAnswerError(f"{datagrams.peer}: {reply.reason}")
            ignored[reply.name] += 1
    if ignored:
        told = f"no valid reply within {deadline.timeout:g} s, ignored {_counted(ignored)}"
        raise DeadlineError(f"{datagrams.peer}: {told}")
    raise deadline.passed()


def _ntp_answer(datagrams: UdpClientSocket, packet: ntp.Packet, sent: _Sent, elapsed: int) -> Answer:
    arrived = sent.wall + elapsed
    measured = ntp.offset_and_delay(
        ntp.to_timestamp(sent.wall), packet.receive, packet.transmit, ntp.to_timestamp(arrived), _PRECISION
    )
    # The offset is computed modulo the era, so it is the nearest one; the server's time follows from it.
    now = arrived + round(measured.offset * _NANO)
    details = {
        "stratum": packet.stratum,
        "leap": packet.leap,
        "reference": ntp.format_reference(packet),
        "version": packet.version,
        "precision_s": 2.0 ** _signed(packet.precision),
        "root_delay_s": packet.root_delay / 65536,
        "root_dispersion_s": packet.root_dispersion / 65536,
        "error_bound_s": ntp.bound_error(packet, measured.delay),
    }
    fields = ntp.describe(packet, arrived / _NANO)
    return Answer(datagrams.peer, "ntp", now, measured.offset, measured.delay, fields, details)


def _emit_sample(network: Network, answer: Answer) -> Answer:
    """Tell whoever wants to know of an answer, and return it."""
    if network.events.wants_details:
        from pynetdb.events.sample import TimeSampled

        details = answer.details
        event = TimeSampled(
            answer.server,
            answer.protocol,
            answer.offset,
            answer.delay,
            details.get("stratum"),
            details.get("leap"),
            details.get("reference"),
            answer.distrust,
        )
        network.events.emit(event)
    return answer


def _signed(exponent: int) -> int:
    return exponent - 256 if exponent > 127 else exponent


def ask_daytime(target: Target, deadline: Deadline, network: Network, udp: bool = False) -> Answer:
    """Ask a daytime server for its line.

    Raises ProtocolError for a connection that brings none, or half of one, or one that contradicts
    itself; over UDP such a reply is ignored and the wait goes on. DeadlineError, NetworkError.
    """
    from pynetdb.protocols.time import daytime  # Who asks by NTP does not pay for its patterns.

    sent = _Sent.now()
    if udp:
        (event,), elapsed = _ask_by_datagram(
            target, deadline, network, sent, lambda data: [daytime.decode(data)]
        )
    else:
        reader = daytime.Reader()
        (event,), elapsed = _ask_by_stream(
            target, deadline, network, sent, reader.receive_data, reader.receive_eof
        )
    arrived = sent.wall + elapsed
    delay = elapsed / _NANO
    if isinstance(event, daytime.OtherLine):
        # "There is no specific syntax for the daytime": it is shown as it is.
        fields = [Field(0, "line", event.text, "legal, and in words of the server's own")]
        return _emit_sample(
            network, Answer(str(target), "daytime", None, None, delay, fields, {"line": event.text})
        )
    now = event.unix * _NANO
    details = {"leap": event.leap, "health": event.health, "mjd": event.mjd, "advance_ms": event.advance}
    details["line"] = daytime.encode(event).decode("ascii").strip()
    bad = None
    if event.health:
        meaning = daytime.HEALTHS[min(event.health, len(daytime.HEALTHS) - 1)]
        bad = f"health {event.health}: {meaning}"
    offset = (now - arrived) / _NANO
    fields = daytime.describe(event)
    answer = Answer(str(target), "daytime", now, offset, delay, fields, details, distrust=bad)
    return _emit_sample(network, answer)


def ask_time868(target: Target, deadline: Deadline, network: Network, udp: bool = False) -> Answer:
    """Ask a time server for its four bytes. Errors are those of `ask_daytime`."""
    from pynetdb.protocols.time import rfc868

    sent = _Sent.now()
    local = sent.wall / _NANO
    if udp:
        events, elapsed = _ask_by_datagram(
            target, deadline, network, sent, lambda data: rfc868.decode(data, local)
        )
    else:
        reader = rfc868.Reader(local)
        events, elapsed = _ask_by_stream(
            target, deadline, network, sent, reader.receive_data, reader.receive_eof
        )
        events = [*events, *reader.receive_eof()]
    told = next(event for event in events if isinstance(event, rfc868.TimeReceived))
    warnings = [event.warning for event in events if event.warning]
    delay = elapsed / _NANO
    # Sent when the server had it, so it is half the way old.
    now = told.unix * _NANO + elapsed // 2
    offset = (now - sent.wall - elapsed) / _NANO
    details = {"seconds": told.seconds}
    answer = Answer(str(target), "time", now, offset, delay, rfc868.describe(told), details, warnings)
    return _emit_sample(network, answer)


def _ask_by_stream(
    target: Target,
    deadline: Deadline,
    network: Network,
    sent: _Sent,
    receive_data: Callable[[bytes], list[Any]],
    receive_eof: Callable[[], list[Any]],
) -> tuple[list[Any], int]:
    """Connect and read until the answer is complete; return its events and the nanoseconds it took."""
    with Stream.connect(target, deadline, network) as stream:
        while True:
            data = stream.receive(4096)
            elapsed = sent.elapsed()
            try:
                events = receive_data(data) if data else receive_eof()
            except ProtocolError as error:
                raise ProtocolError(f"{target}: {error}") from error
            if events or not data:
                return events, elapsed


def _ask_by_datagram(
    target: Target,
    deadline: Deadline,
    network: Network,
    sent: _Sent,
    decode: Callable[[bytes], list[Any]],
) -> tuple[list[Any], int]:
    """Send an empty datagram and wait for one that can be read."""
    ignored: Counter[str] = Counter()
    with UdpClientSocket(target, deadline, network) as datagrams:
        datagrams.send(b"")
        while deadline.left():
            data = datagrams.receive(deadline.left())
            if data is None:
                break
            elapsed = sent.elapsed()
            try:
                return decode(data), elapsed
            except ProtocolError as error:
                ignored[str(error)] += 1
    if ignored:
        told = f"no valid reply within {deadline.timeout:g} s, ignored {_counted(ignored)}"
        raise DeadlineError(f"{target}: {told}")
    raise deadline.passed()


def _counted(ignored: Counter[str]) -> str:
    return ", ".join(f"{number} ({name})" for name, number in ignored.items())
