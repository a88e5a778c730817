"""Names by which a server may be asked: addresses and localhost are nobody's."""

import pytest

from pynetdb.servers.http.hosts import HostGuard

NOBODYS = [
    "127.0.0.1",
    "127.0.0.1:8080",
    "127.1",
    "0x7f.1",
    "2130706433",
    "192.0.2.2:80",
    "[::1]",
    "[::1]:8080",
    "[2001:DB8::1]:1",
    "localhost",
    "LocalHost:8080",
    "localhost.",
    "app.localhost:1",
]
SOMEBODYS = [
    "evil.example",
    "evil.example:8080",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evillocalhost",
    "x",
    "",
    "[::1].evil.example",
    "127.0.0.1.nip.io:8080",
    "%6cocalhost",
]


@pytest.mark.parametrize("host", NOBODYS)
def test_nobody_owns_addresses_and_localhost(host: str) -> None:
    assert HostGuard().permits(host)


@pytest.mark.parametrize("host", SOMEBODYS)
def test_names_are_somebodys(host: str) -> None:
    assert not HostGuard().permits(host)
    assert HostGuard(["*"]).permits(host)


def test_what_has_no_host_is_no_browser() -> None:
    assert HostGuard().permits(None)


def test_names_that_are_allowed() -> None:
    guard = HostGuard(["My.Test.", "*.dev.example"])
    for host in ("my.test", "MY.TEST:80", "my.test.", "a.dev.example", "a.b.dev.example:1"):
        assert guard.permits(host)
        assert guard.permits(host)
    for host in ("other.test", "a.my.test", "dev.example", "adev.example", "dev.example.evil"):
        assert not guard.permits(host)


def test_many_names_do_not_fill_memory() -> None:
    guard = HostGuard(["*"])
    assert all(guard.permits(f"h{number}") for number in range(1000))
    assert len(guard._permitted) == 100
