"""The one place that creates sockets."""

import socket
from pathlib import Path

import pytest

from pynetdb.net import sockets as module
from pynetdb.net.narrated_socket import NarratedSocket
from pynetdb.net.sockets import Sockets, encode_host, send_file


def test_accepted_connections_are_numbered() -> None:
    sockets = Sockets()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        for number in (1, 2):
            with socket.create_connection(listening.getsockname()), sockets.acceptor(listening)()[0]:
                assert sockets.accepted == number


def test_a_pair_is_connected() -> None:
    first, second = Sockets().pair()
    with first, second:
        first.send(b"x")
        assert second.recv(10) == b"x"
        assert not isinstance(first, NarratedSocket)


def test_a_host_is_ascii_bytes() -> None:
    assert encode_host("localhost") == b"localhost"
    assert encode_host("grüezi.ch") == b"xn--grezi-lva.ch"


@pytest.mark.parametrize("sendfile", [True, False])
def test_a_part_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sendfile: bool) -> None:
    if not sendfile:
        monkeypatch.delattr(module.os, "sendfile", raising=False)
    (tmp_path / "file").write_bytes(b"0123456789")
    first, second = socket.socketpair()
    with first, second, open(tmp_path / "file", "rb") as file:
        assert send_file(first, file.fileno(), 3, 4) == 4
        assert second.recv(10) == b"3456"
        assert send_file(first, file.fileno(), 10, 4) == 0
