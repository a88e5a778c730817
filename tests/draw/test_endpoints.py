"""The sockets of a trace, and what each of them did."""

import pytest
from traces import SERVER, accept, connect, line, listening, recv, send, trace

from pynetdb.draw.endpoints import agree, find_endpoints


def test_a_server_and_its_connections() -> None:
    made = find_endpoints(
        trace(
            "t", 0, *listening(), accept(1, "#1", 50), accept(2, "#2", 51, 8), recv(3, "#2", b"two"),
            recv(4, "#1", b"one"), recv(5, "#1", b""), line(6, "#1", "shutdown", "SHUT_WR"),
            line(7, "#1", "close", "fd 7"), line(8, "loop", "socketpair", result="fd 1, fd 2"),
        )
    )  # fmt: skip
    server, first, second = made
    assert (server.listens, server.local) == (True, SERVER)
    assert (first.local, first.peer, second.peer) == (SERVER, ("127.0.0.1", 50), ("127.0.0.1", 51))
    assert [call.bytes for call in first.receives] == [3]
    assert first.end_seen and first.ended and first.closed and first.ended is not first.closed
    assert second.closed is None and len(second.receives) == 1


def test_of_several_tries_one_goes_on() -> None:
    first, second = find_endpoints(
        trace(
            "t", 0, *connect(0), line(1, "client", "close", "fd 3"),
            line(2, "client", "socket", "AF_INET6", "SOCK_STREAM", result="fd 4"),
            line(2, "client", "connect", "('::1', 9, 0, 0)"), send(3, "client", b"x"),
        )
    )  # fmt: skip
    assert (first.sends, len(second.sends), second.peer) == ([], 1, ("::1", 9))


def test_what_failed_and_what_was_only_looked_at_moved_nothing() -> None:
    (end,) = find_endpoints(
        trace(
            "t", 0, line(0, "client", "socket", "AF_INET", "SOCK_STREAM", result="fd 3"),
            line(1, "client", "connect", repr(SERVER), error="ConnectionRefusedError"),
            line(2, "client", "recv", 9, error="BlockingIOError"),
            line(3, "client", "recv", 9, "MSG_PEEK", result="1 bytes b'x'", size=1),
            line(4, "client", "shutdown", "SHUT_RD"), line(5, "client", "bind", repr(SERVER), error="OSError"),
            send(6, "nobody", b"x"),
        )
    )  # fmt: skip
    assert (end.opened, end.receives, end.ended, end.local) == (None, [], None, None)


def test_segmentation_cuts_a_send_into_datagrams() -> None:
    (end,) = find_endpoints(
        trace(
            "t", 0, *connect(0, "SOCK_DGRAM"), line(1, "client", "setsockopt", "IPPROTO_UDP", "UDP_SEGMENT", "2"),
            send(2, "client", b"aabbc"), send(3, "client", b"dd"),
            line(4, "client", "setsockopt", "IPPROTO_UDP", "UDP_SEGMENT", "0"), send(5, "client", b"eeeee"),
        )
    )  # fmt: skip
    assert [group.sizes for group in end.sent] == [[2, 2, 1], [2], [5]]


@pytest.mark.parametrize(
    ("wanted", "bound", "reached"),
    [
        (("127.0.0.1", 9), ("127.0.0.1", 9), True),
        (("127.0.0.1", 9), ("0.0.0.0", 9), True),
        (("224.0.0.1", 9), ("10.0.0.1", 9), True),
        (("127.0.0.1", 9), ("127.0.0.1", 8), False),
        (("127.0.0.2", 9), ("127.0.0.1", 9), False),
        ("/s", "/s", True),
        ("/s", ("127.0.0.1", 9), False),
        (None, ("127.0.0.1", 9), False),
    ],
)
def test_who_is_reached_by_an_address(wanted: object, bound: object, reached: bool) -> None:
    assert agree(wanted, bound) is reached  # type: ignore[arg-type]
