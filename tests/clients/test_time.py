"""Several servers in turn, their shares of one deadline, and the samples told."""

import socket
import time

import pytest
from fakes import Recorder, fake, fake_udp

from pynetdb.clients.time import Questioner
from pynetdb.errors import DeadlineError, NegativeAnswerError
from pynetdb.events import Events, TimeSampled
from pynetdb.net.addresses import Target
from pynetdb.net.network import Network
from pynetdb.protocols.time import ntp


def tell_time(sock: socket.socket) -> None:
    sock.sendall((int(time.time()) + 2_208_988_800).to_bytes(4, "big"))


def silent(sock: socket.socket, data: bytes, sender: object) -> None:
    pass


def samples_of(recorder: Recorder) -> list[TimeSampled]:
    return [event for event in recorder.events if isinstance(event, TimeSampled)]


def test_each_server_has_its_outcome_and_its_sample() -> None:
    recorder = Recorder()
    questioner = Questioner("time", False, 1, None, Network(events=Events([recorder])))
    with fake(tell_time) as port, fake(lambda sock: None) as broken:
        targets = [Target("127.0.0.1", int(port)), Target("127.0.0.1", int(broken))]
        good, bad = questioner.ask_all(targets, 30)
    assert good.answer is not None and good.error is None
    assert bad.answer is None and bad.error is not None
    first, second = samples_of(recorder)
    assert (first.server, first.protocol, first.error) == (str(targets[0]), "time", None)
    assert first.offset == pytest.approx(0, abs=30)
    assert (second.server, second.offset, second.error) == (str(targets[1]), None, str(bad.error))


def test_a_silent_server_has_its_share_alone() -> None:
    questioner = Questioner("time", True, 1, None, Network())
    with fake_udp(silent) as port:
        target = Target("127.0.0.1", int(port))
        outcomes = list(questioner.ask_all([target, target], 0.2))
    messages = [str(outcome.error) for outcome in outcomes]
    assert all(isinstance(outcome.error, DeadlineError) for outcome in outcomes)
    assert float(messages[0].split()[-2]) == pytest.approx(0.1, abs=0.01)


def test_alone_a_server_has_all_the_time_as_it_was_given() -> None:
    questioner = Questioner("time", True, 1, None, Network())
    with fake_udp(silent) as port:
        (outcome,) = questioner.ask_all([Target("127.0.0.1", int(port))], 0.15)
    assert str(outcome.error).endswith("no complete answer within 0.15 s")
    assert outcome.error is not None and outcome.error.hint == "deadline"


def test_an_answer_that_is_not_to_be_relied_on_has_both() -> None:
    def an_hour_ahead(sock: socket.socket) -> None:
        sock.sendall((int(time.time()) + 3600 + 2_208_988_800).to_bytes(4, "big"))

    questioner = Questioner("time", False, 1, 60.0, Network())
    with fake(an_hour_ahead) as port:
        (outcome,) = questioner.ask_all([Target("127.0.0.1", int(port))], 30)
    assert outcome.answer is not None
    assert isinstance(outcome.error, NegativeAnswerError) and outcome.error.hint == "offset"


def test_every_ntp_sample_is_told() -> None:
    def answer(sock: socket.socket, data: bytes, sender: object) -> None:
        now = ntp.to_timestamp(time.time_ns())
        reply = ntp.encode_reply(data, receive=now, transmit=now, reference=now, stratum=2)
        sock.sendto(reply or b"", sender)  # type: ignore[arg-type]

    recorder = Recorder()
    questioner = Questioner("ntp", True, 3, None, Network(events=Events([recorder])))
    with fake_udp(answer) as port:
        (outcome,) = questioner.ask_all([Target("127.0.0.1", int(port))], 30)
    assert outcome.error is None
    assert [(sample.protocol, sample.stratum, sample.leap) for sample in samples_of(recorder)] == [
        ("ntp", 2, 0)
    ] * 3
