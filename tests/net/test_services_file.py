"""The system's services file, asked; one that is missing is not an error."""

import socket

import pytest

from pynetdb.net.services_file import system_name, system_port


def test_it_says_what_the_system_says() -> None:
    try:
        http = socket.getservbyname("http", "tcp")
    except OSError:
        pytest.skip("platform: this system has no services file")
    assert system_port("http", "tcp") == http
    assert system_port(system_name(http, "tcp") or "", "tcp") == http


@pytest.mark.parametrize("name", ["nosuchservice", "", "ünknown", "\ud800", "a\0b"])
def test_unknown_names(name: str) -> None:
    assert system_port(name, "tcp") is None


def test_unknown_numbers() -> None:
    assert system_name(64999, "udp") is None
