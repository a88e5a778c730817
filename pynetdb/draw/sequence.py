"""A sequence chart: lifelines, and what happened on and between them, in an order that time allows."""

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from pynetdb.draw.endpoints import RECEIVES, SENDS, Endpoint, agree, find_endpoints, listening_addresses
from pynetdb.draw.matching import Pairs, Passage, datagram_passages, pair_streams, stream_passages
from pynetdb.draw.trace import Address, Call, Trace, payload
from pynetdb.terminal import safe_line
from pynetdb.wording import format_count

# More strangers than that share one lifeline.
_MAX_STRANGERS = 6

# What belongs to every socket and says nothing about this conversation.
_SILENT = frozenset(
    {"getaddrinfo", "setsockopt", "getsockopt", "socket", "getsockname", "getpeername", "socketpair", "stat"}
)
# Heads of messages, told as they are read or written: some a line a call.
_MESSAGES = frozenset({"request", "response"})
_WAITING = frozenset({"BlockingIOError", "InterruptedError"})

ArrowKind = Literal["data", "connect", "end"]


@dataclass(eq=False)
class Lifeline:
    """Somebody who takes part: a process whose trace was read, or a stranger whose was not."""

    name: str
    detail: str
    """The file, or what else tells it from others."""
    traced: bool


@dataclass(eq=False)
class Step:
    """One moment of one lifeline: a call, or what an untraced peer must have done."""

    call: Call
    lifeline: Lifeline
    state: str | None = None
    """What its socket is from now on."""
    more: list[Call] = field(default_factory=list)
    """Further lines of the same message, each told as a call."""
    row: int = 0

    @property
    def title(self) -> str:
        """What happened, in one short line."""
        call = self.call
        if call.name in _MESSAGES:
            lines = str(call.arguments[0] if call.arguments else "").strip("\r\n").splitlines() or [""]
            more = len(lines) - 1 + len(self.more)
            return safe_line(lines[0]) + (f" (and {format_count(more, 'line')})" if more else "")
        arguments = ", ".join(map(str, call.arguments))
        return safe_line(f"{call.name}({arguments})" + (f": {call.error}" if call.error else ""))

    @property
    def calls(self) -> list[Call]:
        return [self.call, *self.more]


_NOWHERE = Step(Call(0, 0.0, 0.0, "", "", [], None, None, None, ""), Lifeline("", "", traced=False))


@dataclass(eq=False)
class Arrow:
    """What one sent and the other received; an arrow to nowhere was lost."""

    kind: ArrowKind
    source: Lifeline
    destination: Lifeline
    sent: Step | None
    received: Step | None
    size: int
    text: str
    lost: bool = False

    @property
    def sent_row(self) -> int:
        """Where it begins; an end that nobody saw is level with the other one."""
        return (self.sent or self.received or _NOWHERE).row

    @property
    def received_row(self) -> int:
        return (self.received or self.sent or _NOWHERE).row

    @property
    def first_row(self) -> int:
        return min(self.sent_row, self.received_row)

    @property
    def last_row(self) -> int:
        return max(self.sent_row, self.received_row)


@dataclass
class SequenceChart:
    """The whole chart."""

    lifelines: list[Lifeline]
    steps: list[Step]
    """By row; of several in one row the first is the cause."""
    arrows: list[Arrow]
    began: float
    rows: int = 0
    left_out: int = 0
    """Steps beyond the limit."""
    missing: int = 0
    """Calls that the traces themselves lack."""
    of_step: dict[Step, list[Arrow]] = field(default_factory=lambda: defaultdict(list))


def build_sequence(traces: Sequence[Trace], limit: int) -> SequenceChart:
    """Make a chart of at most `limit` steps from what several processes did."""
    return _Builder(traces).build(limit)


class _Builder:
    """Finds the arrows, then the order of the rows."""

    def __init__(self, traces: Sequence[Trace]) -> None:
        self._traces = traces
        self._found = {trace.process: find_endpoints(trace) for trace in traces}
        self._endpoints = [e for endpoints in self._found.values() for e in endpoints]
        self._lines = {trace.process: self._lifeline(trace) for trace in traces}
        self._strangers: dict[Address | None, Lifeline] = {}
        self._steps: dict[Call, Step] = {}
        self._arrows: list[Arrow] = []
        self._pairs: Pairs = pair_streams(self._endpoints)

    def build(self, limit: int) -> SequenceChart:
        self._connect()
        self._pass()
        self._note()
        lifelines = self._ordered_lifelines()
        steps = self._in_order()
        kept = set(steps[:limit])
        began = min((step.call.time for step in steps), default=self._traces[0].calls[0].time)
        chart = SequenceChart(lifelines, steps[:limit], [], began)
        chart.left_out = len(steps) - len(kept)
        chart.missing = sum(trace.missing for trace in self._traces)
        for arrow in self._arrows:
            if arrow.sent in kept or arrow.received in kept:
                arrow.sent = arrow.sent if arrow.sent in kept else None
                arrow.received = arrow.received if arrow.received in kept else None
                chart.arrows.append(arrow)
        for arrow in chart.arrows:
            for step in (arrow.sent, arrow.received):
                if step is not None:
                    chart.of_step[step].append(arrow)
        chart.rows = _assign_rows(chart)
        chart.arrows.sort(key=lambda arrow: arrow.first_row)
        return chart

    # Lifelines

    def _lifeline(self, trace: Trace) -> Lifeline:
        endpoints = self._found[trace.process]
        listening = listening_addresses(endpoints)
        role = "server" if listening else trace.calls[-1].who.lstrip("#0123456789") or "server"
        if any(call.who == "client" for call in trace.calls):
            role = "client"
        detail = trace.name.replace("\\", "/").rpartition("/")[2]
        return Lifeline(f"{role} {format_place(listening[0])}" if listening else role, detail, traced=True)

    def _stranger(self, address: Address | None) -> Lifeline:
        if address not in self._strangers and len(self._strangers) >= _MAX_STRANGERS:
            address = None
        if address not in self._strangers:
            name = "others" if address is None or not address else format_place(address)
            self._strangers[address] = Lifeline(name, "not traced", traced=False)
        return self._strangers[address]

    def _line_of(self, end: Endpoint | Address | None) -> Lifeline:
        if isinstance(end, Endpoint):
            return self._lines[end.process]
        # A server that was traced, and never accepted this.
        places = ((e.process, e.local) for e in self._endpoints if e.listens or not (e.stream or e.opened))
        return next((self._lines[who] for who, place in places if agree(end, place)), None) or self._stranger(
            end
        )

    def _ordered_lifelines(self) -> list[Lifeline]:
        """One client, the servers, then everybody else: most arrows are between neighbours."""
        servers = [t.process for t in self._traces if listening_addresses(self._found[t.process])]
        clients = [line for process, line in self._lines.items() if process not in servers]
        clients += self._strangers.values()
        return clients[:1] + [self._lines[process] for process in servers] + clients[1:]

    # Arrows

    def _step(self, call: Call) -> Step:
        if call not in self._steps:
            self._steps[call] = Step(call, self._lines[call.process])
        return self._steps[call]

    def _arrow(
        self, kind: ArrowKind, ends: "tuple[Endpoint | Address | None, Endpoint | Address | None]",
        calls: tuple[Call | None, Call | None], text: str, size: int = 0, *, lost: bool = False,
    ) -> None:  # fmt: skip
        sent, received = (self._step(call) if call else None for call in calls)
        source, destination = map(self._line_of, ends)
        self._arrows.append(Arrow(kind, source, destination, sent, received, size, text, lost))

    def _connect(self) -> None:
        """Connections made and ended, and what went over them."""
        partner: dict[Endpoint, Endpoint] = {}
        for client, server in self._pairs:
            partner |= {client: server, server: client}
            self._arrow("connect", (client, server), (client.opened, server.opened), f"connect, {server.who}")
        for end in self._endpoints:
            if not end.stream or end.opened is None:
                continue
            other = partner.get(end)
            goal = other if other is not None else end.peer
            if other is None:
                self._connect_stranger(end)
            for passage in stream_passages(end, other) if other else _one_sided(end):
                self._arrow("data", (end, goal), (passage.sent, passage.received), _payload_text(passage),
                            passage.size, lost=passage.lost)  # fmt: skip
            if end.ended is not None:
                seen = other.end_seen if other else None
                if seen is not None or other is None:
                    self._arrow("end", (end, goal), (end.ended, seen), _end_text(end))

    def _connect_stranger(self, end: Endpoint) -> None:
        if end.accepted:
            self._arrow("connect", (end.peer, end), (None, end.opened), f"connect, {end.who}")
        elif end.opened is not None and end.opened.error is None:
            self._arrow("connect", (end, end.peer), (end.opened, None), "connect")
        for call in end.receives:
            passage = Passage(None, call, end.peer, end, call.bytes or 0, payload(call).first)
            self._arrow("data", (end.peer, end), (None, call), _payload_text(passage), passage.size)
        if end.end_seen is not None:
            self._arrow("end", (end.peer, end), (None, end.end_seen), "end of stream")

    def _pass(self) -> None:
        """What went as datagrams."""
        for one in datagram_passages(self._endpoints):
            self._arrow("data", (one.source, one.destination), (one.sent, one.received), _payload_text(one),
                        one.size, lost=one.lost)  # fmt: skip

    # Everything else that is worth a line

    def _note(self) -> None:
        states = {call: text for end in self._endpoints for call, text in _states(end)}
        for trace in self._traces:
            message: Step | None = None
            for call in trace.calls:
                if message is not None and (call.who, call.name) == (message.call.who, message.call.name):
                    message.more.append(call)
                    continue
                if call in states:
                    self._step(call).state = states[call]
                elif call not in self._steps and _is_worth_a_line(call):
                    self._step(call)
                message = self._steps[call] if call.name in _MESSAGES else None

    def _in_order(self) -> list[Step]:
        """Sort by time, but no effect before its cause: two processes write the time a little late."""
        after: dict[Step, list[Step]] = defaultdict(list)
        causes: dict[Step, int] = defaultdict(int)

        def order(first: Step, second: Step) -> None:
            after[first].append(second)
            causes[second] += 1

        for trace in self._traces:
            mine = [self._steps[call] for call in trace.calls if call in self._steps]
            for first, second in pairwise(mine):
                order(first, second)
        for arrow in self._arrows:
            if arrow.sent and arrow.received and arrow.sent is not arrow.received:
                order(arrow.sent, arrow.received)
        number = {step: index for index, step in enumerate(self._steps.values())}
        ready = [(step.call.time, number[step], step) for step in number if not causes[step]]
        heapq.heapify(ready)
        done: list[Step] = []
        while ready:
            _, _, step = heapq.heappop(ready)
            done.append(step)
            for later in after[step]:
                causes[later] -= 1
                if not causes[later]:
                    heapq.heappush(ready, (later.call.time, number[later], later))
        # Traces that contradict each other (clocks of two machines) still make a picture.
        rest = sorted(set(number) - set(done), key=lambda step: step.call.time)
        return done + rest


def _assign_rows(chart: SequenceChart) -> int:
    """Give each step its row; a recv right after the one send that it got shares its row."""
    row = -1
    before: Step | None = None
    for step in chart.steps:
        arrows = chart.of_step[step]
        shares = (
            before is not None
            and len(arrows) == 1
            and arrows[0].sent is before
            and arrows[0].received is step
            and len(chart.of_step[before]) == 1
        )
        row += not shares
        step.row = row
        before = None if shares else step
    return row + 1


def _one_sided(end: Endpoint) -> Iterator[Passage]:
    for call in end.sends:
        yield Passage(call, None, end, end.peer, call.bytes or 0, payload(call).first)


def _states(end: Endpoint) -> Iterator[tuple[Call, str]]:
    """What a socket is after some of its calls."""
    who = f"{end.who} " if end.accepted else ""
    if end.stream:
        if end.opened is not None and end.opened.error is None:
            yield end.opened, f"{who}connected"
        if end.ended is not None and end.ended is not end.closed:
            yield end.ended, f"{who}half-closed"
        if end.closed is not None and (end.opened or end.listens):
            yield end.closed, f"{who}closed"
    elif end.closed is not None and (end.sent or end.received or end.local):
        yield end.closed, "closed"


def _is_worth_a_line(call: Call) -> bool:
    if call.who == "loop" or call.error in _WAITING or call.name == "close":
        return False
    if call.error:
        return call.name not in ("getsockname", "getpeername", "setsockopt")
    if call.name in SENDS or call.name in RECEIVES:
        return False
    return call.name not in _SILENT


def _end_text(end: Endpoint) -> str:
    return "end of stream" if end.ended is not end.closed else "close"


def _payload_text(passage: Passage) -> str:
    """Say how many bytes of how many, and which they begin with."""
    whole = passage.sent.bytes or 0 if passage.sent else 0
    told = format_count(passage.size, "byte")
    if whole > passage.size:
        told = f"{passage.size} of {format_count(whole, 'byte')}"
    return f"{told} {preview(passage.first, passage.size)}" if passage.first else told


def preview(first: bytes, size: int) -> str:
    """Return bytes as text for people, quoted, with `...` where more follow."""
    text = safe_line(first.decode("utf-8", "backslashreplace"))
    short = text if len(text) <= 22 else text[:20]
    return f"'{short}'" + ("..." if len(first) < size or short is not text else "")


def format_place(address: Address) -> str:
    """Return an address as people write it."""
    if isinstance(address, str):
        return address or "unix"
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
