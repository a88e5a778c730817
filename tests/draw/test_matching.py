"""Which send arrived as which recv: streams cut in two ways, datagrams lost, clients that look the same."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from traces import accept, arrows, chart, connect, line, listening, recv, send, trace


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place for place in at if place < len(data))})
    return [data[start:end] for start, end in pairwise(edges)]


@given(st.binary(min_size=1, max_size=200), st.lists(st.integers(0, 199)), st.lists(st.integers(0, 199)))
def test_a_stream_is_split_and_joined_as_it_was(
    data: bytes, sent_at: list[int], received_at: list[int]
) -> None:
    sent, received = cut(data, sent_at), cut(data, received_at)
    client = trace("c", 0, *connect(1), *(send(2, "client", piece) for piece in sent))
    server = trace("s", 1, *listening(), accept(1.5, "#1", 50), *(recv(3, "#1", piece) for piece in received))
    made = chart(client, server)
    pieces = cut(data, sent_at + received_at)
    assert arrows(made) == [("c", "s", len(piece), False) for piece in pieces]
    for step in made.steps:
        if step.call.bytes:
            assert sum(arrow.size for arrow in made.of_step[step]) == step.call.bytes


def test_three_sends_in_one_recv_are_three_arrows_into_one() -> None:
    client = trace("c", 0, *connect(1), *(send(2, "client", word) for word in (b"one", b"two", b"three")))
    server = trace("s", 1, *listening(), accept(1.5, "#1", 50), recv(3, "#1", b"onetwothree"))
    made = chart(client, server)
    assert [(arrow.text, arrow.last_row) for arrow in made.arrows if arrow.kind == "data"] == [
        ("3 bytes 'one'", made.rows - 1),
        ("3 bytes 'two'", made.rows - 1),
        ("5 bytes 'three'", made.rows - 1),
    ]


def test_each_piece_shows_the_bytes_that_it_begins_with() -> None:
    data = b"".join(b"%09d " % number for number in range(10))
    client = trace("c", 0, *connect(1), send(2, "client", data))
    server = trace(
        "s", 1, *listening(), accept(1.5, "#1", 50), recv(3, "#1", data[:60]), recv(4, "#1", data[60:])
    )
    assert [arrow.text for arrow in chart(client, server).arrows if arrow.kind == "data"] == [
        "60 of 100 bytes '000000000 000000001 '...", "40 of 100 bytes '000000006 000000007 '..."
    ]  # fmt: skip


def test_a_client_that_was_never_accepted_leads_to_the_server_all_the_same() -> None:
    made = chart(trace("c", 0, *connect(1), send(2, "client", b"x")), trace("s", 1, *listening()))
    assert [who.detail for who in made.lifelines] == ["c", "s"]


def test_what_was_never_read_is_lost() -> None:
    client = trace("c", 0, *connect(1), send(2, "client", b"0123456789"))
    server = trace("s", 1, *listening(), accept(1.5, "#1", 50), recv(3, "#1", b"0123"))
    assert arrows(chart(client, server)) == [("c", "s", 4, False), ("c", "s", 6, True)]


def test_clients_are_told_apart_by_their_bytes_not_by_the_order_of_their_connections() -> None:
    first = trace("a", 0, *connect(1), send(5, "client", b"I am a"))
    second = trace("b", 1, *connect(2), send(5, "client", b"I am b"))
    server = trace(
        "s", 2, *listening(), accept(3, "#1", 51), accept(3.1, "#2", 50, 8), recv(6, "#1", b"I am b"), recv(6, "#2", b"I am a")
    )  # fmt: skip
    made = chart(first, second, server)
    assert sorted(arrows(made)) == [("a", "s", 6, False), ("b", "s", 6, False)]
    names = {arrow.source.detail: arrow.text for arrow in made.arrows if arrow.kind == "connect"}
    assert names == {"a": "connect, #2", "b": "connect, #1"}


def test_another_server_and_an_earlier_connection_are_not_meant() -> None:
    client = trace("c", 0, *connect(5), send(6, "client", b"x"))
    other = trace(
        "o",
        1,
        *(one.replace(b", 9)", b", 8)") for one in listening()),
        accept(5, "#1", 50),
        recv(7, "#1", b"x"),
    )
    server = trace("s", 2, *listening(), accept(1, "#1", 50), accept(5.1, "#2", 52, 8), recv(7, "#2", b"x"))
    made = chart(client, other, server)
    assert ("c", "s", 1, False) in arrows(made) and ("c", "o", 1, False) not in arrows(made)
    assert {a.text for a in made.arrows if a.kind == "connect" and a.source.detail == "c"} == {"connect, #2"}


def udp(*sent: bytes, received: list[bytes], gap: float = 1.0) -> list[tuple[str, str, int, bool]]:
    client = trace(
        "c", 0, *connect(0, "SOCK_DGRAM"), *(send(1 + n * gap, "client", one) for n, one in enumerate(sent))
    )
    server = trace(
        "s", 1, *listening(0, "SOCK_DGRAM"), *(recv(1.2 + n, "server", one, ("127.0.0.1", 50)) for n, one in enumerate(received))
    )  # fmt: skip
    return arrows(chart(client, server))


def test_a_datagram_that_did_not_arrive_is_lost() -> None:
    assert udp(b"a", b"bb", b"ccc", received=[b"a", b"ccc"]) == [
        ("c", "s", 1, False), ("c", "s", 2, True), ("c", "s", 3, False)]  # fmt: skip


def test_all_were_lost() -> None:
    assert udp(b"a", b"b", received=[]) == [("c", "s", 1, True)] * 2


def test_datagrams_out_of_order() -> None:
    assert udp(b"a", b"bb", received=[b"bb", b"a"], gap=0.01) == [("c", "s", 1, False), ("c", "s", 2, False)]


def test_of_datagrams_that_look_the_same_the_one_that_can_have_arrived_did() -> None:
    """Sent at 1, 2 and 3, received at 2.2 and 3.2: it was the first that was lost."""
    client = trace("c", 0, *connect(0, "SOCK_DGRAM"), *(send(at, "client", b"x") for at in (1, 2, 3)))
    server = trace(
        "s",
        1,
        *listening(0, "SOCK_DGRAM"),
        *(recv(at, "server", b"x", ("127.0.0.1", 50)) for at in (2.2, 3.2)),
    )
    assert [lost for *_, lost in arrows(chart(client, server))] == [True, False, False]


def test_one_more_arrived_than_was_sent() -> None:
    assert udp(b"a", received=[b"a", b"a"]) == [("c", "s", 1, False), ("not traced", "s", 1, False)]


def test_answers_find_their_clients() -> None:
    first = trace(
        "a", 0, *connect(0, "SOCK_DGRAM"), send(1, "client", b"I am a"), recv(6, "client", b"hello")
    )
    second = trace(
        "b", 1, *connect(0, "SOCK_DGRAM"), send(2, "client", b"I am b"), recv(7, "client", b"hello")
    )
    server = trace(
        "s", 2, *listening(0, "SOCK_DGRAM"), recv(3, "server", b"I am a", ("127.0.0.1", 50)),
        recv(3, "server", b"I am b", ("127.0.0.1", 51)),
        send(4, "server", b"hello", "sendto", repr(("127.0.0.1", 51))),
        send(5, "server", b"hello", "sendto", repr(("127.0.0.1", 50))),
        send(5, "server", b"lost", "sendto", repr(("127.0.0.1", 51))),
        send(5, "server", b"who?", "sendto", repr(("127.0.0.1", 99))),
    )  # fmt: skip
    assert arrows(chart(first, second, server)) == [
        ("a", "s", 6, False), ("b", "s", 6, False), ("s", "b", 5, False), ("s", "a", 5, False), ("s", "b", 4, True),
        ("s", "not traced", 4, False),
    ]  # fmt: skip


def test_a_server_that_only_counts_does_not_say_from_whom() -> None:
    client = trace("c", 0, *connect(0, "SOCK_DGRAM"), send(1, "client", b"a"), send(1, "client", b"bb"))
    server = trace("s", 1, *listening(0, "SOCK_DGRAM"), recv(2, "server", b"bb"))
    assert arrows(chart(client, server)) == [("c", "s", 1, True), ("c", "s", 2, False)]


def test_each_datagram_of_a_send_that_was_cut() -> None:
    client = trace(
        "c", 0, *connect(0, "SOCK_DGRAM"), line(1, "client", "setsockopt", "IPPROTO_UDP", "UDP_SEGMENT", "2"),
        send(2, "client", b"aabbcc"),
    )  # fmt: skip
    server = trace(
        "s",
        1,
        *listening(0, "SOCK_DGRAM"),
        *(recv(3, "server", one, ("127.0.0.1", 5)) for one in (b"aa", b"cc")),
    )
    assert [lost for *_, lost in arrows(chart(client, server))] == [False, True, False]


def test_a_recv_that_is_told_before_its_send_is_still_its_effect() -> None:
    """A process that sends is often told of it later than the receiver: what counts is when it began."""
    client = trace("c", 0, *connect(1), send(5, "client", b"x"))
    server = trace("s", 1, *listening(), accept(1, "#1", 50), recv(4, "#1", b"x"))
    made = chart(client, server)
    (arrow,) = [arrow for arrow in made.arrows if arrow.kind == "data"]
    assert arrow.sent_row <= arrow.received_row and made.steps.index(arrow.sent) < made.steps.index(
        arrow.received
    )  # type: ignore[arg-type]
