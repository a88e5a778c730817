"""Datagrams sent as they are, numbered, with and without an answer."""

import socket

import pytest
from fakes import Recorder, fake_udp

from pynetdb.clients.payloads import PayloadError, PayloadSource
from pynetdb.clients.udp import SendOptions, Tally, missed, number_payloads, run_sending
from pynetdb.events import DatagramSent, Events, ExchangeDone
from pynetdb.net.addresses import Target
from pynetdb.net.deadline import Deadline
from pynetdb.net.faults.faults import Faults
from pynetdb.net.faults.specs import parse_specs
from pynetdb.net.network import Network
from pynetdb.protocols import sequence


def echo(sock: socket.socket, data: bytes, sender: object) -> None:
    sock.sendto(data, sender)  # type: ignore[arg-type]


def send(
    port: str, source: PayloadSource, options: SendOptions, timeout: float = 30, *faults: str
) -> tuple[Tally, list[bytes], Recorder]:
    target = Target("127.0.0.1", int(port))
    recorder = Recorder()
    replies: list[bytes] = []

    def replied(number: int, sender: str, payload: bytes, round_trip: float) -> None:
        replies.append(payload)

    injected = Faults(parse_specs(faults), 1) if faults else None
    network = Network(events=Events([recorder]), faults=injected)
    tally = run_sending(target, Deadline(timeout, str(target)), network, source.open(), replied, options)
    return tally, replies, recorder


@pytest.mark.parametrize(
    "options", [SendOptions(count=3), SendOptions(count=3, rate=1000), SendOptions(count=3, interval=0.001)]
)
def test_every_datagram_is_counted_and_told(options: SendOptions) -> None:
    with fake_udp(lambda sock, data, sender: None) as port:
        tally, _, recorder = send(port, PayloadSource(["ab"]), options)
    assert (tally.sent, tally.bytes) == (3, 6)
    sent = [event.payload for event in recorder.events if isinstance(event, DatagramSent)]
    assert sent == [b"ab"] * 3
    done = recorder.events[-1]
    assert isinstance(done, ExchangeDone)
    assert (done.protocol, done.summary, done.error) == ("udp", tally.summary(), None)


def test_answers_come_back() -> None:
    with fake_udp(echo) as port:
        tally, replies, _ = send(port, PayloadSource(["a", "b"]), SendOptions(reply=True))
    assert (replies, tally.replies, tally.unanswered) == ([b"a", b"b"], 2, 0)


def test_numbered_payloads_have_a_header_each() -> None:
    headers = [sequence.decode(payload) for payload in number_payloads([b"a", b"a"])]
    assert [header.number for header in headers if header is not None] == [0, 1]
    with fake_udp(echo) as port:
        _, replies, _ = send(port, PayloadSource(["a"]), SendOptions(count=2, numbered=True, reply=True))
    assert [payload[sequence.SIZE :] for payload in replies] == [b"a", b"a"]


def test_what_is_not_answered_is_tried_again_and_told() -> None:
    with fake_udp(lambda sock, data, sender: None) as port:
        options = SendOptions(reply=True, retries=2)
        tally, _, recorder = send(port, PayloadSource(["a"]), options, timeout=0.2)
    assert (tally.sent, tally.unanswered) == (3, 1)
    done = recorder.events[-1]
    assert isinstance(done, ExchangeDone)
    assert done.error == f"127.0.0.1:{port}: 1 of 1 got no answer within 0.2 s"
    assert str(missed(Target("127.0.0.1", int(port)), tally, 0.2)) == done.error


def test_a_line_that_no_datagram_can_be_ends_the_sending() -> None:
    with fake_udp(echo) as port, pytest.raises(PayloadError):
        send(port, PayloadSource(lines=[b"zz\n"], hexadecimal=True), SendOptions())


@pytest.mark.parametrize(
    "options",
    [SendOptions(count=3), SendOptions(count=3, numbered=True), SendOptions(count=3, rate=1000)],
)
def test_what_has_not_left_by_the_deadline_is_neither_counted_nor_told(options: SendOptions) -> None:
    with fake_udp(lambda sock, data, sender: None) as port:
        tally, _, recorder = send(port, PayloadSource(["ab"]), options, 0.05, "delay=60s")
    assert (tally.sent, tally.bytes) == (0, 0)
    assert not [event for event in recorder.events if isinstance(event, DatagramSent)]
    done = recorder.events[-1]
    assert isinstance(done, ExchangeDone)
    error = missed(Target("127.0.0.1", int(port)), tally, 0.05)
    assert error is not None and str(error) == done.error
    assert done.error == f"127.0.0.1:{port}: 0 datagrams sent within 0.05 s, and not all"


def test_what_is_late_or_lost_on_its_way_has_been_sent() -> None:
    with fake_udp(lambda sock, data, sender: None) as port:
        faults = ("delay=0s..20ms", "drop=50%", "duplicate=50%", "reorder=50%")
        tally, _, recorder = send(port, PayloadSource(["ab"]), SendOptions(count=20), 30, *faults)
    assert (tally.sent, tally.complete) == (20, True)
    assert len([event for event in recorder.events if isinstance(event, DatagramSent)]) == 20
    assert missed(Target("127.0.0.1", int(port)), tally, 30) is None
