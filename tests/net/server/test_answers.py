"""Whom a UDP server answers: no service, not itself, nobody too often; and every UDP server keeps to it."""

import socket
from contextlib import suppress

import click
import pytest
from network import connect_udp
from programs import Serve, linux, unlike_wine

from pynetdb.cli import COMMANDS, pynetdb
from pynetdb.net.server.answers import _MAX_PEERS, OUR_PORTS, WELL_KNOWN_PORTS, AnswerGuard, is_destination
from pynetdb.net.sockets import Sockets

NTP_REQUEST = b"\x23" + bytes(47)

SERVERS = {
    "echo": ("serve-echo", "--udp"),
    "ntp": ("serve-time",),
    "daytime": ("serve-time", "--protocol", "daytime", "--udp"),
    "time": ("serve-time", "--protocol", "time", "--udp"),
    "udp-recv": ("udp-recv", "--reply", "ok"),
}
"""Every UDP server of ours that answers."""

each_server = pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)


def test_the_ports_are_those_that_our_udp_services_have_by_default() -> None:
    from pynetdb.protocols.time.ports import SERVE_TIME_PORTS

    context = click.Context(pynetdb)
    ports = set(SERVE_TIME_PORTS.values())
    for name in ("serve-echo", "udp-recv"):
        command = pynetdb.get_command(context, name)
        assert command is not None
        ports |= {parameter.default for parameter in command.params if parameter.name == "port"}
    assert ports == OUR_PORTS


def test_every_command_that_answers_datagrams_has_the_bound() -> None:
    context = click.Context(pynetdb)
    bounded = set()
    for name in COMMANDS:
        command = pynetdb.get_command(context, name)
        assert command is not None
        if any("--answer-rate" in parameter.opts for parameter in command.params):
            bounded.add(name)
    assert bounded == {arguments[0] for arguments in SERVERS.values()}


def test_no_service_is_answered() -> None:
    guard = AnswerGuard(0, Sockets())
    for port in WELL_KNOWN_PORTS | OUR_PORTS:
        assert not guard.permits(("192.0.2.9", port), 5000)
    assert guard.permits(("192.0.2.9", 123), 5000, OUR_PORTS)
    assert guard.permits(("192.0.2.9", 40_000), 5000)


@unlike_wine("binds sockets to addresses that are of other machines")
@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::ffff:127.0.0.1"])
def test_we_do_not_answer_ourselves_by_any_of_our_addresses(host: str) -> None:
    guard = AnswerGuard(0, Sockets())
    assert not guard.permits((host, 5000), 5000)
    assert guard.permits((host, 5001), 5000)
    assert guard.permits(("192.0.2.200", 5000), 5000)


def test_a_peer_gets_so_many_answers_a_second_and_others_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    guard = AnswerGuard(3, Sockets())
    one, other = ("192.0.2.1", 40_000), ("192.0.2.1", 40_001)
    assert [guard.permits(one, 1) for _ in range(5)] == [True] * 3 + [False] * 2
    assert guard.permits(other, 1)
    now += 0.99
    assert not guard.permits(one, 1)
    now += 0.01
    assert guard.permits(one, 1)


def test_forged_addresses_do_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    guard = AnswerGuard(1, Sockets())
    answered = sum(
        guard.permits((f"192.0.{n >> 8 & 255}.{n & 255}", 2000 + (n >> 16)), 1) for n in range(70_000)
    )
    assert answered == _MAX_PEERS + 1  # The one account of all the others.
    assert len(guard._accounts) == _MAX_PEERS + 1
    now += 1
    assert guard.permits(("198.51.100.1", 40_000), 1)
    assert len(guard._accounts) == 1


@pytest.mark.parametrize(
    ("host", "single"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("255.255.255.255", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
        ("ff02::1%lo", False),
        ("::ffff:224.0.0.1", False),
    ],
)
def test_who_is_one_machine(host: str, single: bool) -> None:
    assert is_destination(host) is single


@each_server
def test_every_server_keeps_to_the_bound(serve: Serve, server: tuple[str, ...]) -> None:
    held = serve(*server, "--answer-rate", "5")
    with connect_udp(held, 0.5) as flood, connect_udp(held) as other:
        for _ in range(20):
            flood.send(NTP_REQUEST)
        answers = 0
        with suppress(TimeoutError):
            while flood.recv(100):
                answers += 1
        assert answers == 5
        other.send(NTP_REQUEST)
        assert other.recv(100)


@linux
@each_server
def test_every_server_spares_services_and_itself(serve: Serve, server: tuple[str, ...]) -> None:
    held = serve(*server, "--host", "0.0.0.0")
    with connect_udp(held) as sock:
        for port in sorted(OUR_PORTS):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as service:
                service.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with suppress(OSError):  # Somebody runs it here: then others stand for it.
                    service.bind(("127.0.0.1", port))
                    service.settimeout(0.1)
                    service.sendto(NTP_REQUEST, ("127.0.0.1", held.port))
                    with pytest.raises(TimeoutError):
                        service.recv(100)
        # As a forged packet would say it: from another address of this machine, and the server's own port.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as itself:
            itself.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                itself.bind(("127.0.0.7", held.port))
            except OSError:
                itself.close()  # The server has it on every interface, and shares it with nobody.
            else:
                itself.settimeout(0.1)
                itself.sendto(NTP_REQUEST, ("127.0.0.1", held.port))
                with pytest.raises(TimeoutError):
                    itself.recv(100)
        sock.send(NTP_REQUEST)
        assert sock.recv(100)


@linux
@pytest.mark.parametrize("host", ["0.0.0.0", "::", ""])
@each_server
def test_every_server_answers_from_the_address_that_was_asked(
    serve: Serve, server: tuple[str, ...], host: str
) -> None:
    held = serve(*server, "--host", host)
    for asked in ["127.0.0.2", "127.0.0.1"] + (["::1"] if host != "0.0.0.0" else []):
        family = socket.AF_INET6 if ":" in asked else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.settimeout(30)
            sock.connect((asked, held.port))  # It hears nobody else.
            sock.send(NTP_REQUEST)
            assert sock.recv(100), asked


def test_the_narration_shows_the_calls_that_carry_addresses(serve: Serve) -> None:
    held = serve("serve-echo", "--udp", "--host", "0.0.0.0", "--explain", "--count", "1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(30)
        sock.connect(("127.0.0.1", held.port))
        sock.send(b"hi")
        assert sock.recv(10) == b"hi"
    assert held.wait() == 0
    if hasattr(socket.socket, "recvmsg"):
        assert "recvmsg(65536) = 2 bytes b'hi' from ('127.0.0.1'" in held.stderr
        assert "IP_PKTINFO" in held.stderr and "sendmsg(2 bytes b'hi'" in held.stderr
