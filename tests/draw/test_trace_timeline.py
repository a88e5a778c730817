"""A timeline from traces."""

from traces import BEGIN, accept, connect, line, listening, recv, send, trace

from pynetdb.draw.trace_timeline import trace_timeline


def test_connections_bytes_and_calls() -> None:
    client = trace("c", 0, *connect(0), send(100, "client", b"x" * 10), line(200, "client", "close", "fd 3"))
    server = trace(
        "s", 1, *listening(), accept(1, "#1", 50), recv(101, "#1", b"x" * 10), line(102, "loop", "recv", 1, result="b''", size=9),
        line(250, "#1", "close", "fd 7"),
    )  # fmt: skip
    made = trace_timeline([client, server])
    assert (made.began, made.bucket, round(made.seconds, 3)) == (BEGIN.timestamp(), 0.001, 0.25)
    panels = {
        panel.title: {s.name: [(round(at, 3), v) for at, v in s.points if v] for s in panel.series}
        for panel in made.panels
    }
    assert panels["Bytes"] == {"received": [(0.101, 10_000)], "sent": [(0.1, 10_000)]}
    # Both ends are here: it is one connection.
    opened = panels["Open connections"]["connections"]
    assert (
        {value for _, value in opened} == {1}
        and opened[0][0] in (0.0, 0.001)
        and opened[-1][0] in (0.249, 0.25)
    )
    assert [fact[1] for fact in made.facts] == ["c", "s"]


def test_one_call_alone() -> None:
    made = trace_timeline([trace("c", 0, line(0, "client", "getaddrinfo", "'x'", 9, error="gaierror"))])
    assert [panel.title for panel in made.panels] == ["Calls"]
