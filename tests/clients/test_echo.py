"""The echo client: matching, quantiles, expectations cut anywhere, and what it tells of an exchange."""

import socket

import pytest
from fakes import Recorder, fake, fake_udp
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.clients.echo import (
    EchoOptions,
    Expectation,
    LossError,
    Reply,
    Tally,
    _Outstanding,
    run_exchange,
    run_listening,
)
from pynetdb.errors import ProtocolError
from pynetdb.events import Closed, Connected, DatagramReceived, DatagramSent, Events, ExchangeDone
from pynetdb.net.addresses import Target
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network

MESSAGES = st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=8)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces = []
    for size in sizes:
        piece, data = data[:size], data[size:]
        pieces.append(piece)
    return [piece for piece in [*pieces, data] if piece]


@given(MESSAGES, st.lists(st.integers(1, 30)))
def test_replies_do_not_depend_on_how_the_stream_is_cut(messages: list[bytes], sizes: list[int]) -> None:
    waiting = _Outstanding("peer")
    for message in messages:
        waiting.sent(message)
    replies = [reply for piece in cut(b"".join(messages), sizes) for reply in waiting.received(piece)]
    assert [reply.payload for reply in replies] == messages
    assert [reply.number for reply in replies] == list(range(1, len(messages) + 1))
    assert not waiting


@given(MESSAGES, st.integers(0), st.integers(1, 255))
def test_one_wrong_byte_is_found(messages: list[bytes], place: int, change: int) -> None:
    waiting = _Outstanding("peer")
    for message in messages:
        waiting.sent(message)
    echo = bytearray(b"".join(messages))
    echo[place % len(echo)] ^= change
    with pytest.raises(ProtocolError, match="the echo differs"):
        list(waiting.received(bytes(echo)))


@given(st.binary(max_size=6), st.lists(st.binary(max_size=5)))
def test_an_expectation_is_met_however_the_words_are_cut(text: bytes, pieces: list[bytes]) -> None:
    expectation = Expectation(text)
    for piece in pieces:
        expectation.feed(piece)
    assert expectation.met == (text in b"".join(pieces))


def test_quantiles_of_round_trips() -> None:
    tally = Tally()
    assert tally.round_trip_ms() == {"min": None, "median": None, "p99": None, "max": None}
    for number in range(1, 101):
        tally.add(Reply(number, b"xx", number / 1000))
    assert tally.round_trip_ms() == {"min": 1.0, "median": 50.5, "p99": 100.0, "max": 100.0}
    tally.sent = 103
    assert (tally.received, tally.bytes, tally.lost) == (100, 200, 3)


def echo(sock: socket.socket) -> None:
    while data := sock.recv(65536):
        sock.sendall(data)


def ignore(number: int, payload: bytes, round_trip: float) -> None:
    pass


def reach(port: str) -> tuple[Target, Deadline]:
    target = Target("127.0.0.1", int(port))
    return target, Deadline(30, str(target))


def test_an_exchange_is_told_to_whoever_wants_to_know() -> None:
    recorder = Recorder()
    replies: list[bytes] = []
    expectation = Expectation(b"abc")

    def replied(number: int, payload: bytes, round_trip: float) -> None:
        replies.append(payload)

    with fake(echo) as port:
        target, deadline = reach(port)
        network = Network(events=Events([recorder]))
        tally = run_exchange(
            target, deadline, network, [b"ab", b"c"], replied, EchoOptions(count=2), expectation
        )
    assert expectation.met
    assert replies == [b"ab", b"ab", b"c", b"c"]
    connected, closed, done = recorder.events
    assert isinstance(connected, Connected)
    assert (connected.connection, connected.peer) == (None, f"127.0.0.1:{port}")
    assert isinstance(closed, Closed)
    assert (closed.bytes_received, closed.bytes_sent, closed.error) == (6, 6, None)
    assert isinstance(done, ExchangeDone)
    assert (done.protocol, done.summary, done.error) == ("echo", tally.summary(), None)


def test_an_exchange_that_fails_is_told_with_its_error() -> None:
    recorder = Recorder()
    with fake(lambda sock: sock.sendall(b"x" + sock.recv(9))) as port:
        target, deadline = reach(port)
        with pytest.raises(ProtocolError, match="the echo differs"):
            network = Network(events=Events([recorder]))
            run_exchange(target, deadline, network, [b"ab"], ignore, EchoOptions(), Expectation(b""))
    done = recorder.events[-1]
    assert isinstance(done, ExchangeDone)
    assert "the echo differs" in (done.error or "")
    assert done.summary["sent"] == 1


def test_datagrams_are_told_one_by_one_and_losses_counted() -> None:
    recorder = Recorder()
    first: list[bytes] = []

    def answer_the_first(sock: socket.socket, data: bytes, sender: object) -> None:
        first.append(data)
        if len(first) == 1:
            sock.sendto(data, sender)  # type: ignore[arg-type]

    with fake_udp(answer_the_first) as port:
        target = Target("127.0.0.1", int(port))
        network = Network(events=Events([recorder]))
        with pytest.raises(LossError, match="1 of 2 datagrams did not come back") as caught:
            options = EchoOptions(datagrams=True, in_flight=2)
            run_exchange(target, Deadline(30, "x"), network, [b"a", b"bc"], ignore, options, Expectation(b""))
    assert caught.value.tally.lost == 1
    sent = [event for event in recorder.events if isinstance(event, DatagramSent)]
    assert [(event.bytes, event.payload) for event in sent] == [(1, b"a"), (2, b"bc")]
    assert [event.bytes for event in recorder.events if isinstance(event, DatagramReceived)] == [1]
    assert isinstance(recorder.events[-1], ExchangeDone)


def test_listening_counts_what_is_said() -> None:
    said: list[bytes] = []
    with fake(lambda sock: sock.sendall(b"hello")) as port:
        target, deadline = reach(port)
        tally = run_listening(target, deadline, Network(), said.append, Expectation(b""))
    assert (b"".join(said), tally.bytes) == (b"hello", 5)
