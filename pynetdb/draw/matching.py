"""Which send arrived as which recv: by addresses, by the bytes, and by what can have caused what."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pynetdb.draw.endpoints import Datagrams, Endpoint, agree
from pynetdb.draw.trace import Address, Call, payload

PREVIEW_SIZE = 32
"""So many bytes of a payload a trace shows."""

# So many calls of each direction are compared to tell two clients apart.
_COMPARED = 200
_NEVER = 1e9


@dataclass(frozen=True)
class Passage:
    """Bytes on their way from a send to a recv; without one of the two that end is not known.

    `size` of them went that way; `lost` ones were never received, though the receiver is traced.
    """

    sent: Call | None
    received: Call | None
    source: "Endpoint | Address | None"
    destination: "Endpoint | Address | None"
    size: int
    first: bytes
    """As many of the bytes as either call shows."""
    lost: bool = False


Pairs = list[tuple[Endpoint, Endpoint]]


def pair_streams(endpoints: Sequence[Endpoint]) -> Pairs:
    """Return the connections of which both ends are traced, as (client, server).

    A client's trace does not hold its own port, so among the connections that a server accepted on the
    address that fits, the one is chosen whose bytes are the same and whose time is nearest.
    """
    clients = [e for e in endpoints if e.stream and e.opened and not e.accepted and e.peer is not None]
    waiting = [e for e in endpoints if e.accepted]
    pairs: Pairs = []
    for client in sorted(clients, key=lambda e: e.opened.time if e.opened else 0.0):
        fitting = [e for e in waiting if _could_be(client, e)]
        if fitting:
            best = min(fitting, key=lambda e: _seconds_apart(client, e))
            waiting.remove(best)
            pairs.append((client, best))
    return pairs


def _seconds_apart(client: Endpoint, server: Endpoint) -> float:
    if client.opened is None or server.opened is None:
        return _NEVER
    # Accepted before the connection was even begun: another one.
    too_early = _NEVER if server.opened.time < client.opened.begun else 0.0
    return abs(server.opened.time - client.opened.time) + too_early


def _could_be(client: Endpoint, server: Endpoint) -> bool:
    if not agree(client.peer, server.local) or (client.local and server.peer and client.local != server.peer):
        return False
    return _same_bytes(client, server) and _same_bytes(server, client)


def _same_bytes(source: Endpoint, destination: Endpoint) -> bool:
    """Say whether what was received can be what was sent: no more, and the same where both are shown."""
    sends, receives = source.sends[:_COMPARED], destination.receives[:_COMPARED]
    for sent, received, start, end in _overlaps(sends, receives):
        if sent is None:
            if len(sends) == len(source.sends):
                return False  # More than was sent.
            break
        if received is None:
            continue
        first, second = payload(sent[0]).first, payload(received[0]).first
        length = min(end, sent[1] + len(first), received[1] + len(second)) - start
        if length > 0:
            mine = first[start - sent[1] :][:length]
            if mine != second[start - received[1] :][:length]:
                return False
        if received[0].time < sent[0].begun:
            return False
    return True


_Placed = tuple[Call, int]
"""A call and the offset in the stream at which its bytes begin."""


def _overlaps(
    sends: Sequence[Call], receives: Sequence[Call]
) -> Iterator[tuple[_Placed | None, _Placed | None, int, int]]:
    """Lay two cuts of one stream over each other: (send, recv, first byte, last byte + 1) of each piece."""
    ours, theirs = _placed(sends), _placed(receives)
    sent, received = next(ours, None), next(theirs, None)
    place = 0
    while sent is not None or received is not None:
        ends = [one[1] + (one[0].bytes or 0) for one in (sent, received) if one is not None]
        end = min(ends)
        if end > place:
            yield sent, received, place, end
        place = end
        if sent is not None and sent[1] + (sent[0].bytes or 0) <= end:
            sent = next(ours, None)
        if received is not None and received[1] + (received[0].bytes or 0) <= end:
            received = next(theirs, None)


def _placed(calls: Sequence[Call]) -> Iterator[_Placed]:
    offset = 0
    for call in calls:
        yield call, offset
        offset += call.bytes or 0


def stream_passages(source: Endpoint, destination: Endpoint) -> Iterator[Passage]:
    """Yield what went one way over a connection, split and joined as it was."""
    for sent, received, start, end in _overlaps(source.sends, destination.receives):
        shown = [payload(one[0]).first[start - one[1] : end - one[1]] for one in (sent, received) if one]
        yield Passage(
            sent[0] if sent else None,
            received[0] if received else None,
            source,
            destination,
            end - start,
            max(shown, key=len),
            lost=received is None,
        )


@dataclass(eq=False)
class _Datagram:
    """One datagram of a send that may have been cut into several."""

    call: Call
    size: int
    first: bytes
    source: Endpoint
    address: Address | None


def datagram_passages(endpoints: Sequence[Endpoint]) -> Iterator[Passage]:
    """Yield what was sent and received over UDP, with what was lost."""
    sockets = [e for e in endpoints if not e.stream]
    ports = _client_ports(sockets)
    sent = [one for e in sockets for group in e.sent for one in _single(e, group)]
    sent.sort(key=lambda one: one.call.time)
    found: dict[_Datagram, tuple[Call, Endpoint]] = {}
    unsent: list[tuple[Datagrams, Endpoint]] = []
    for receiver in sockets:
        mine = [one for one in sent if one not in found and _goes_to(one, receiver, ports)]
        matched = _match(mine, receiver, ports)
        found |= {one: (group.call, receiver) for one, group in matched.items()}
        taken = set(map(id, matched.values()))
        unsent += [(group, receiver) for group in receiver.received if id(group) not in taken]
    for one in sent:
        if one in found:
            call, receiver = found[one]
            yield Passage(one.call, call, one.source, receiver, one.size, one.first)
        else:
            goals = [e for e in sockets if _goes_to(one, e, ports)]
            goal = goals[0] if goals else one.address
            yield Passage(one.call, None, one.source, goal, one.size, one.first, lost=bool(goals))
    for group, receiver in unsent:
        yield Passage(None, group.call, group.address, receiver, group.sizes[0], payload(group.call).first)


def _single(source: Endpoint, group: Datagrams) -> Iterator[_Datagram]:
    first = payload(group.call).first
    start = 0
    for size in group.sizes:
        yield _Datagram(group.call, size, first[start : start + size], source, group.address)
        start += size


def _client_ports(sockets: Sequence[Endpoint]) -> dict[Address, Endpoint]:
    """Find out which client has which port: its own trace does not tell, the server's does."""
    ports = {e.local: e for e in sockets if e.local is not None and e.peer is not None}
    for server in sockets:
        if server.peer is not None:
            continue
        clients = [e for e in sockets if e.peer is not None and agree(e.peer, server.local)]
        strangers = {g.address: g.call for g in reversed(server.received) if g.address is not None}
        for address, call in sorted(strangers.items(), key=lambda pair: pair[1].time):
            free = [e for e in clients if e not in ports.values() and e.process != server.process]
            fitting = [e for e in free if _sent_first(e, call)]
            if fitting and address not in ports:
                ports[address] = min(fitting, key=lambda e: abs(e.sent[0].call.time - call.time))
    return ports


def _sent_first(client: Endpoint, received: Call) -> bool:
    """Say whether a datagram can be one of this client's."""
    got = payload(received)
    return any(
        one.size == got.size and one.first[: len(got.first)] == got.first[: len(one.first)]
        for group in client.sent[:_COMPARED]
        if group.call.begun <= received.time
        for one in _single(client, group)
    )


def _goes_to(one: _Datagram, receiver: Endpoint, ports: dict[Address, Endpoint]) -> bool:
    if one.source is receiver:
        return False
    if receiver.peer is None:
        return agree(one.address, receiver.local)
    return one.address is not None and ports.get(one.address) is receiver


def _match(
    sent: Sequence[_Datagram], receiver: Endpoint, ports: dict[Address, Endpoint]
) -> dict[_Datagram, Datagrams]:
    """Give each datagram that was received the one that was sent.

    Of several that look the same, the order is kept and the time on the way is the shortest possible: a
    recv is given the latest send that can have caused it.
    """
    waiting: dict[tuple[int, bytes | None], list[_Datagram]] = defaultdict(list)
    for one in sent:
        # Of a datagram that was cut from a larger send not all is shown: it is compared as far as it goes.
        whole = len(one.first) == min(one.size, PREVIEW_SIZE)
        waiting[one.size, one.first if whole else None].append(one)
    pairs: dict[_Datagram, Datagrams] = {}
    for group in reversed(receiver.received):
        got = payload(group.call)
        source = ports.get(group.address) if group.address is not None else None
        lists = [waiting.get((got.size, key), []) for key in (got.first, None)]
        found = [(candidates, _latest(candidates, group.call, got.first, source)) for candidates in lists]
        fitting = [(candidates, index) for candidates, index in found if index is not None]
        if fitting:
            candidates, index = max(fitting, key=lambda pair: pair[0][pair[1]].call.time)
            pairs[candidates.pop(index)] = group
    return pairs


def _latest(candidates: list[_Datagram], received: Call, first: bytes, source: Endpoint | None) -> int | None:
    while candidates and candidates[-1].call.begun > received.time:
        candidates.pop()  # Too late for this recv, and so for those before it.
    for index in range(len(candidates) - 1, -1, -1):
        one = candidates[index]
        length = min(len(one.first), len(first))
        if one.first[:length] == first[:length] and (source is None or one.source is source):
            return index
    return None
