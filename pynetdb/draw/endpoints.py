"""The sockets of a trace: what each was bound and connected to, what it sent and received."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pynetdb.draw.trace import Address, Call, Trace, parse_address, sender

SENDS = frozenset({"send", "sendto", "sendfile"})
RECEIVES = frozenset({"recv", "recvfrom"})

_WILDCARDS = ("0.0.0.0", "::", "")  # noqa: S104 - read, never bound


@dataclass(eq=False)
class Datagrams:
    """One sendto or recvfrom: how many datagrams of which size, to or from whom."""

    call: Call
    sizes: list[int]
    address: Address | None


@dataclass(eq=False)
class Endpoint:
    """One socket."""

    process: int
    who: str
    stream: bool
    descriptor: str | None = None
    local: Address | None = None
    peer: Address | None = None
    opened: Call | None = None
    """The connect or accept that made the connection."""
    listens: bool = False
    closed: Call | None = None
    ended: Call | None = None
    """The call with which its outgoing stream ended: shutdown or close."""
    end_seen: Call | None = None
    """The recv that found the end of the incoming stream."""
    sends: list[Call] = field(default_factory=list)
    receives: list[Call] = field(default_factory=list)
    sent: list[Datagrams] = field(default_factory=list)
    received: list[Datagrams] = field(default_factory=list)
    segment: int = 0
    """UDP_SEGMENT: into datagrams of so many bytes a send is cut."""

    @property
    def accepted(self) -> bool:
        return self.opened is not None and self.opened.name == "accept"


def find_endpoints(trace: Trace) -> list[Endpoint]:
    """Return every socket of a trace but the loop's own pair, in the order in which they were made."""
    return _Finder(trace).endpoints


class _Finder:
    """Follows who has which sockets, call by call."""

    def __init__(self, trace: Trace) -> None:
        self.endpoints: list[Endpoint] = []
        self._open: dict[str, list[Endpoint]] = {}
        for call in trace.calls:
            if call.who != "loop":
                self._follow(call)

    def _follow(self, call: Call) -> None:
        if call.name == "socket" and not call.error:
            self._add(
                call.who, Endpoint(call.process, call.who, "SOCK_STREAM" in call.arguments, str(call.result))
            )
        elif call.name == "accept" and not call.error:
            self._accept(call)
        elif call.name in SENDS or call.name in RECEIVES:
            self._move(call)
        elif call.name == "close":
            self._close(call)
        elif (endpoint := self._current(call.who)) is not None:
            self._change(endpoint, call)

    def _add(self, who: str, endpoint: Endpoint) -> None:
        self.endpoints.append(endpoint)
        self._open.setdefault(who, []).append(endpoint)

    def _current(self, who: str, stream: bool | None = None) -> Endpoint | None:
        """The last socket that is open and fits: who tries several addresses goes on with one of them."""
        of_kind = [e for e in self._open.get(who, ()) if stream is None or e.stream is stream]
        return of_kind[-1] if of_kind else None

    def _accept(self, call: Call) -> None:
        match = re.search(r"#\d+", call.note)
        who = match[0] if match else call.who
        listening = [e for e in self._open.get(call.who, ()) if e.listens]
        descriptor, _, address = str(call.result).partition(", ")
        endpoint = Endpoint(call.process, who, True, descriptor, opened=call)
        endpoint.peer = parse_address(address)
        endpoint.local = listening[-1].local if listening else None
        self._add(who, endpoint)

    def _change(self, endpoint: Endpoint, call: Call) -> None:
        if call.name == "connect" and call.arguments and call.error in (None, "BlockingIOError"):
            endpoint.peer = parse_address(call.arguments[0])
            endpoint.opened = call
        elif call.error:
            return
        elif call.name == "bind" and call.arguments:
            endpoint.local = parse_address(call.arguments[0])
        elif call.name == "getsockname":
            endpoint.local = parse_address(call.result)
        elif call.name == "listen":
            endpoint.listens = True
        elif call.name == "shutdown" and "SHUT_RD" not in call.arguments:
            endpoint.ended = endpoint.ended or call
        elif call.name == "setsockopt" and call.arguments[1:2] == ["UDP_SEGMENT"]:
            endpoint.segment = int(call.arguments[2])

    def _move(self, call: Call) -> None:
        if call.error or call.bytes is None or "MSG_PEEK" in call.arguments:
            return
        datagram = False if call.name == "sendfile" else True if call.name in ("sendto", "recvfrom") else None
        endpoint = self._current(call.who, None if datagram is None else not datagram)
        if endpoint is None:
            return
        out = call.name in SENDS
        if not endpoint.stream:
            address = parse_address(call.arguments[-1]) if call.name == "sendto" else sender(call)
            sizes = list(_cut(call.bytes, endpoint.segment)) if out else [call.bytes]
            (endpoint.sent if out else endpoint.received).append(
                Datagrams(call, sizes, address or endpoint.peer)
            )
        elif out:
            endpoint.sends.append(call)
        elif call.bytes:
            endpoint.receives.append(call)
        elif endpoint.end_seen is None:
            endpoint.end_seen = call

    def _close(self, call: Call) -> None:
        open_ones = self._open.get(call.who, [])
        for endpoint in open_ones:
            if [endpoint.descriptor] == call.arguments:
                open_ones.remove(endpoint)
                endpoint.closed = call
                endpoint.ended = endpoint.ended or call
                return


def _cut(size: int, segment: int) -> Iterator[int]:
    if not segment or size <= segment:
        yield size
        return
    for start in range(0, size, segment):
        yield min(segment, size - start)


def agree(wanted: Address | None, bound: Address | None) -> bool:
    """Say whether a socket bound to `bound` is reached by `wanted`."""
    if wanted is None or bound is None:
        return False
    if isinstance(wanted, str) or isinstance(bound, str):
        return wanted == bound
    if wanted[1] != bound[1]:
        return False
    # All interfaces, a group's members, everybody on the network.
    shared = wanted[0].startswith(("224.", "225.", "239.", "255.")) or wanted[0] in _WILDCARDS
    return wanted[0] == bound[0] or bound[0] in _WILDCARDS or shared


def listening_addresses(endpoints: Sequence[Endpoint]) -> list[Address]:
    """Return where a process listens."""
    return [e.local for e in endpoints if e.local is not None and (e.listens or not (e.stream or e.opened))]
