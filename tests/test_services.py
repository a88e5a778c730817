"""The table of services: complete in itself, found by name, number or part of a name."""

import pkgutil
import re
import sys

import pytest

from pynetdb.services import SERVICES, find_by_name, find_by_part, lookup

GONE = {"telnetlib", "nntplib"}


def names(wanted: str) -> list[str]:
    return [service.name for service in find_by_name(wanted) or find_by_part(wanted)]


def test_the_table_is_sorted_and_says_everything_once() -> None:
    assert [service.port for service in SERVICES] == sorted(service.port for service in SERVICES)
    every = [
        (name, protocol) for service in SERVICES for name in service.names for protocol in service.protocols
    ]
    assert len(every) == len(set(every))
    for service in SERVICES:
        assert 0 < service.port < 65536
        assert service.protocol in ("tcp", "udp", "tcp/udp")
        assert service.purpose
        assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in service.names), service.name


def test_the_modules_exist() -> None:
    for service in SERVICES:
        for module in (service.module or "").split(", "):
            word = module.split(" ")[0]
            if word.split(".")[0] in GONE:
                assert module.endswith("(until 3.12)")
            elif word:
                assert word.split(".")[0] in sys.stdlib_module_names
                assert pkgutil.resolve_name(word)


@pytest.mark.parametrize(
    ("name", "protocol", "port"),
    [
        ("echo", "tcp", 7),
        ("echo", "udp", 7),
        ("HTTP", "tcp", 80),
        ("www", "tcp", 80),
        ("http", "udp", None),
        ("ntp", "udp", 123),
        ("ntp", "tcp", None),
        ("shell", "tcp", 514),
        ("htt", "tcp", None),
        ("", "tcp", None),
    ],
)
def test_lookup(name: str, protocol: str, port: int | None) -> None:
    assert lookup(name, protocol) == port


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("80", ["http"]),
        ("0080", ["http"]),
        ("514", ["syslog", "shell"]),
        ("0", []),
        ("70000", []),
        ("9" * 5000, []),
        ("http", ["http"]),
        ("HtTp", ["http"]),
        ("htt", ["http", "https", "http-alt", "https-alt"]),
        ("dns", ["domain"]),
        ("nosuch", []),
        ("٨٠", []),
    ],
)
def test_found(wanted: str, expected: list[str]) -> None:
    assert names(wanted) == expected


@pytest.mark.parametrize(
    ("name", "port"),
    [
        ("http", 80),
        ("nntp", 119),
        ("ftp-data", 20),
        ("ftp", 21),
        ("smtp", 25),
        ("pop3", 110),
        ("imap4", 143),
        ("telnet", 23),
        ("gopher", 70),
        ("ssh", 22),
        ("dns", 53),
        ("https", 443),
    ],
)
def test_what_the_courses_tables_have(name: str, port: int) -> None:
    assert [service.port for service in find_by_name(name)] == [port]
