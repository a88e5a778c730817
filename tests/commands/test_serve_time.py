"""serve-time: three protocols, a clock that may be wrong, and nothing for those who would abuse it."""

import time

import pytest
from network import connect, connect_udp
from programs import PYNETDB, Run, Serve, Served

from pynetdb.protocols.time import ntp


def ask(server: Served, question: bytes, timeout: float = 30) -> bytes | None:
    with connect_udp(server, timeout) as sock:
        sock.send(question)
        try:
            return sock.recv(1000)
        except TimeoutError:
            return None


def test_ready(serve: Serve) -> None:
    assert serve("serve-time").ready["url"].startswith("udp://127.0.0.1:")
    assert serve("serve-time", "--protocol", "time").ready["url"].startswith("tcp://127.0.0.1:")


def test_only_questions_are_answered_and_never_with_more_bytes(serve: Serve) -> None:
    server = serve("serve-time")
    for mode in (0, 1, 2, 4, 5, 6, 7):
        assert ask(server, ntp.encode(ntp.Packet(mode=mode, transmit=1)), 0.05) is None
    for size in (0, 1, 47, 49, 1000):
        assert ask(server, ntp.encode_request(1)[:1].ljust(size, b"\0"), 0.05) is None
    answer = ask(server, ntp.encode_request(1))
    assert answer is not None
    assert len(answer) == 48


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_the_reply(serve: Serve, version: int) -> None:
    server = serve("serve-time", "--stratum", "5", "--leap", "1")
    question = ntp.encode(ntp.Packet(version=version, poll=6, transmit=0x1234))
    answer = ask(server, question)
    assert answer is not None
    packet = ntp.decode(answer)
    assert (packet.version, packet.mode, packet.poll, packet.origin) == (version, 4, 6, 0x1234)
    assert (packet.stratum, packet.leap) == (5, 1)
    assert ntp.subtract(packet.transmit, packet.reference) > 0
    assert ntp.subtract(packet.transmit, packet.receive) >= 0


def test_tcp_and_udp_have_one_number(serve: Serve) -> None:
    server = serve("serve-time", "--protocol", "time", "--at", "1970-01-01")
    with connect(server) as sock:
        assert sock.recv(10) == (2_208_988_800).to_bytes(4, "big")
        assert sock.recv(10) == b""
    assert ask(server, b"") == (2_208_988_800).to_bytes(4, "big")


def test_one_transport_alone(serve: Serve) -> None:
    server = serve("serve-time", "--protocol", "daytime", "--udp")
    assert server.ready["url"].startswith("udp://")
    with pytest.raises(ConnectionRefusedError):
        connect(server)
    server = serve("serve-time", "--protocol", "daytime", "--tcp")
    with pytest.raises(ConnectionRefusedError):
        ask(server, b"")


def test_nists_line(serve: Serve) -> None:
    server = serve(
        "serve-time",
        "--protocol",
        "daytime",
        "--at",
        "2012-11-28T20:30:19+01:00",
        "--health",
        "1",
        "--leap",
        "1",
    )
    assert ask(server, b"anything") == b"\n56259 12-11-28 19:30:19 00 1 1   0.0 UTC(NIST) * \n"


def test_the_clock_runs_unless_it_is_frozen(serve: Serve) -> None:
    server = serve("serve-time")
    first, second = (ntp.decode(ask(server, ntp.encode_request(1)) or b"") for _ in range(2))
    assert second.transmit > first.transmit
    assert abs(ntp.to_unix_nanoseconds(second.transmit, time.time()) - time.time_ns()) < 5e9
    frozen = serve("serve-time", "--at", "2012-11-28T19:30:19Z", "--skew", "-19s")
    first, second = (ntp.decode(ask(frozen, ntp.encode_request(1)) or b"") for _ in range(2))
    assert first == second
    assert ntp.to_unix_nanoseconds(first.transmit, time.time()) == 1354131000 * 10**9


def test_count_is_that_of_answers(serve: Serve) -> None:
    server = serve("serve-time", "--count", "2")
    assert ask(server, b"no question", 0.05) is None
    assert ask(server, ntp.encode_request(1))
    assert ask(server, ntp.encode_request(2))
    assert server.wait() == 0
    assert server.event("ignored")["bytes"] == 11
    assert [server.event("answer")["protocol"] for _ in range(2)] == ["ntp", "ntp"]
    assert server.event("stopped")["reason"] == "count"


def test_count_of_connections_and_datagrams_together(serve: Serve) -> None:
    server = serve("serve-time", "--protocol", "time", "--count", "2")
    assert ask(server, b"")
    with connect(server) as sock:
        assert len(sock.recv(10)) == 4
    assert server.wait() == 0


def test_the_packet_is_explained_field_by_field(run: Run) -> None:
    done = run("serve-time", "--port", "0", "--explain", "--quiet", "--", *PYNETDB, "time-query")
    assert done.returncode == 0
    assert "server field(0, mode) = 3  (client)" in done.stderr
    assert "server field(0, mode) = 4  (server)" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("--tcp",),
        ("--health", "1"),
        ("--protocol", "time", "--leap", "1"),
        ("--protocol", "daytime", "--stratum", "1"),
        ("--protocol", "time", "--kiss", "RATE"),
        ("--kiss", "TOO LONG"),
        ("--at", "yesterday"),
        ("--at", "0001-01-01T00:00:00+23:59"),
        ("--protocol", "daytime", "--at", "1800-01-01"),
        ("--stratum", "256"),
        ("--skew", "a while"),
    ],
)
def test_a_wrong_command_line(run: Run, arguments: tuple[str, ...]) -> None:
    done = run("serve-time", "--port", "0", *arguments)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


def test_a_kiss_that_is_none_names_its_option(run: Run) -> None:
    done = run("serve-time", "--kiss", "TOOLONG")
    assert done.stderr == "Error: --kiss 'TOOLONG': expected one to four letters such as RATE or DENY\n"
