"""The chart: who takes part, what is worth a line, in which order."""

from traces import accept, arrows, chart, connect, line, listening, recv, send, trace

from pynetdb.draw.sequence import format_place, preview


def test_the_client_comes_first_and_servers_stand_between_clients() -> None:
    clients = [trace(name, n, *connect(1)) for n, name in enumerate(("a.jsonl", "/x/b.jsonl", "c\\d.jsonl"))]
    made = chart(trace("s", 9, *listening()), *clients)
    assert [who.detail for who in made.lifelines] == ["a.jsonl", "s", "b.jsonl", "d.jsonl"]
    assert [who.name for who in made.lifelines] == ["client", "server 127.0.0.1:9", "client", "client"]


def test_peers_that_were_not_traced_have_lifelines_too_but_not_too_many() -> None:
    made = chart(trace("s", 0, *listening(), *(accept(n, f"#{n}", 50 + n, n) for n in range(1, 40))))
    assert len(made.lifelines) == 8
    assert [who.name for who in made.lifelines][-1] == "others"
    assert len(arrows(made, "connect")) == 39


def test_a_client_alone() -> None:
    made = chart(
        trace("c", 0, *connect(1), send(2, "client", b"hi"), recv(3, "client", b"ho"), recv(4, "client", b""))
    )
    assert arrows(made) == [("c", "not traced", 2, False), ("not traced", "c", 2, False)]
    assert arrows(made, "end") == [("not traced", "c", 0, False)]


def test_states_stand_beside_the_lifelines() -> None:
    client = trace(
        "c", 0, *connect(1), line(2, "client", "shutdown", "SHUT_WR"), line(5, "client", "close", "fd 3")
    )  # fmt: skip
    server = trace(
        "s", 1, *listening(), accept(1.5, "#1", 50), recv(3, "#1", b""), line(4, "#1", "close", "fd 7")
    )
    made = chart(client, server)
    assert [step.state for step in made.steps if step.state] == [
        "connected", "#1 connected", "half-closed", "#1 closed", "closed"
    ]  # fmt: skip
    assert arrows(made, "end") == [("c", "s", 0, False)]


def test_what_says_nothing_about_the_conversation_is_left_out() -> None:
    made = chart(
        trace(
            "c", 0, line(0, "loop", "recv", 9, result="1 bytes b'x'", size=1), line(0, "client", "getaddrinfo", "'a'", 9),
            line(0, "client", "setsockopt", "SOL_SOCKET", "SO_REUSEADDR", "1"), *connect(1),
            line(2, "client", "recv", 9, error="BlockingIOError"), line(3, "client", "recv", 9, error="ConnectionResetError"),
            line(4, "client", "sql", "SELECT 1"),
        )
    )  # fmt: skip
    assert [step.title for step in made.steps] == [
        "connect(('127.0.0.1', 9))", "recv(9): ConnectionResetError", "sql(SELECT 1)"
    ]  # fmt: skip


def test_a_head_is_one_step_however_it_is_told() -> None:
    lines = [
        line(n, "client", "request", text, result="sent")
        for n, text in enumerate(("GET / HTTP/1.1", "Host: x", "A: b"))
    ]
    made = chart(
        trace(
            "c", 0, *connect(0), *lines, line(5, "client", "response", "HTTP/1.1 200 OK\r\nDate: x\r\n\r\n")
        )
    )
    assert [step.title for step in made.steps][1:] == [
        "GET / HTTP/1.1 (and 2 lines)",
        "HTTP/1.1 200 OK (and 1 line)",
    ]


def test_no_more_steps_than_the_limit() -> None:
    client = trace("c", 0, *connect(1), *(send(2 + n, "client", b"x") for n in range(50)))
    server = trace(
        "s", 1, *listening(), accept(1.5, "#1", 50), *(recv(2.5 + n, "#1", b"x") for n in range(50))
    )
    made = chart(client, server, limit=11)
    assert (len(made.steps), made.left_out) == (11, 93)
    assert all(arrow.sent or arrow.received for arrow in made.arrows)


def test_clocks_that_contradict_each_other_still_make_a_picture() -> None:
    client = trace("c", 0, *connect(100), send(200, "client", b"a"), recv(201, "client", b"b"))
    server = trace("s", 1, *listening(), accept(1, "#1", 50), recv(2, "#1", b"a"), send(3, "#1", b"b"))
    assert len(chart(client, server).steps) == 8


def test_previews_and_places() -> None:
    assert preview(b"it\x1b[31m\n", 7) == "'it\\e[31m\\n'"
    assert preview(b"x" * 32, 99) == "'" + "x" * 20 + "'..."
    assert preview(b"\xff", 1) == "'\\xff'"
    assert [format_place(place) for place in (("::1", 9), ("a", 1), "/s", "")] == [
        "[::1]:9",
        "a:1",
        "/s",
        "unix",
    ]
