"""Names and numbers of places."""

import socket
import sys
import threading
import time
from typing import Any

import pytest
from programs import posix

from pynetdb.errors import CommandLineError, DeadlineError, NetworkError
from pynetdb.net import addresses
from pynetdb.net.addresses import (
    Resolved,
    Target,
    addresses_to_bind,
    addresses_to_reach,
    check_unix_path,
    format_address,
    own_addresses,
    service_port,
)
from pynetdb.net.deadline import Deadline
from pynetdb.net.sockets import Sockets


def reach(host: str, kind: int = socket.SOCK_STREAM, timeout: float = 5.0) -> list[Resolved]:
    return addresses_to_reach(Target(host, 7), kind, Sockets(), Deadline(timeout, host))


def test_addresses_are_written_as_they_are_typed() -> None:
    assert format_address(("127.0.0.1", 80)) == "127.0.0.1:80"
    assert format_address(("::1", 80, 0, 0)) == "[::1]:80"
    assert format_address("/tmp/socket") == "/tmp/socket"
    assert format_address("") == "unix"
    assert format_address(b"\0abstract") == "@abstract"
    assert str(Target("::1", 80)) == "[::1]:80"
    assert str(Target("", 0, "/tmp/socket")) == "/tmp/socket"


def test_numbers_and_names_are_resolved() -> None:
    assert reach("127.0.0.1") == [Resolved(socket.AF_INET, ("127.0.0.1", 7))]
    assert reach("::1") == [Resolved(socket.AF_INET6, ("::1", 7, 0, 0))]
    assert Resolved(socket.AF_INET, ("127.0.0.1", 7)) in reach("localhost")
    assert reach("<broadcast>", socket.SOCK_DGRAM) == [Resolved(socket.AF_INET, ("255.255.255.255", 7))]


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 64 + ".example", "no host", "."])
def test_an_unknown_host(host: str) -> None:
    with pytest.raises(NetworkError, match="unknown host"):
        reach(host)


def test_a_resolver_that_does_not_answer_does_not_outlast_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released = threading.Event()

    def slow(host: str, *rest: Any, **more: Any) -> Any:
        if more["flags"]:
            raise socket.gaierror
        released.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    started = time.monotonic()
    with pytest.raises(DeadlineError, match="within 0.05 s"):
        reach("slow.example", timeout=0.05)
    released.set()
    assert time.monotonic() - started < 5


def test_services() -> None:
    assert service_port("echo", "tcp") == 7
    assert service_port("NTP", "udp") == 123
    assert service_port("no-such-service", "tcp") is None


def test_services_without_a_services_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any) -> int:
        raise OSError("service/proto not found")

    monkeypatch.setattr(socket, "getservbyname", missing)
    assert service_port("https", "tcp") == 443


def test_every_interface() -> None:
    sockets = Sockets()
    assert addresses_to_bind(Target("0.0.0.0", 5), socket.SOCK_STREAM, sockets) == [
        Resolved(socket.AF_INET, ("0.0.0.0", 5))
    ]
    assert addresses_to_bind(Target("", 5), socket.SOCK_STREAM, sockets)[0].address[:2] in [
        ("::", 5),
        ("0.0.0.0", 5),
    ]
    assert "127.0.0.1" in own_addresses(socket.AF_INET, sockets)
    assert {"127.0.0.1", "::1"} <= set(own_addresses(socket.AF_INET6, sockets))


def test_a_system_without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [Resolved(socket.AF_INET, ("0.0.0.0", 5))]
    monkeypatch.setattr(socket, "has_ipv6", False)
    assert addresses_to_bind(Target("", 5), socket.SOCK_STREAM, Sockets()) == expected
    monkeypatch.setattr(socket, "has_ipv6", True)

    class Off(Sockets):
        def create(self, family: int, kind: int, who: str) -> socket.socket:
            raise OSError("Address family not supported by protocol")

    assert addresses_to_bind(Target("", 5), socket.SOCK_STREAM, Off()) == expected
    assert own_addresses(socket.AF_INET, Off()) == ["127.0.0.1"]


def test_an_unknown_interface_name() -> None:
    with pytest.raises(NetworkError, match="no.such.host.invalid: unknown host"):
        addresses_to_bind(Target("no.such.host.invalid", 5), socket.SOCK_STREAM, Sockets())


@posix
@pytest.mark.parametrize(
    ("path", "words"), [("x" * 104, "104 bytes"), ("", "expected the path"), ("a\0b", "expected the path")]
)
def test_paths_that_no_socket_can_have(path: str, words: str) -> None:
    with pytest.raises(CommandLineError, match=words):
        check_unix_path(path)


def test_a_system_without_unix_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX", raising=sys.platform != "win32")
    with pytest.raises(CommandLineError, match="no Unix-domain sockets"):
        check_unix_path("/tmp/x")


@posix
def test_a_unix_target_needs_no_resolver() -> None:
    target = Target("", 0, "/tmp/x")
    assert addresses_to_reach(target, socket.SOCK_STREAM, Sockets(), Deadline(1, "x")) == [
        Resolved(socket.AF_UNIX, "/tmp/x")
    ]
    assert addresses_to_bind(target, socket.SOCK_STREAM, Sockets()) == [Resolved(socket.AF_UNIX, "/tmp/x")]
    assert addresses.MAX_UNIX_PATH < 104
