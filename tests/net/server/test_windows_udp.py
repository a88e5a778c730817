"""A UDP server on Windows is not told whose port was closed."""

import socket
import sys

import pytest

if sys.platform != "win32":
    pytest.skip("platform: needs Windows", allow_module_level=True)

from pynetdb.net.server.windows_udp import ignore_closed_ports


def test_windows_agrees() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        assert ignore_closed_ports(sock)


def test_an_answer_to_a_closed_port_is_no_error_of_the_next_question() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
    ):
        ignore_closed_ports(server)
        server.bind(("127.0.0.1", 0))
        client.bind(("127.0.0.1", 0))
        gone = client.getsockname()
        client.close()
        server.sendto(b"answer", gone)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(b"question", server.getsockname())
        server.settimeout(30)
        assert server.recvfrom(100)[0] == b"question"
