"""The chart as Mermaid; that Mermaid draws it is tested beside the strangers."""

from traces import accept, chart, connect, listening, recv, send, trace

from pynetdb.draw.sequence_mermaid import sequence_mermaid


def test_a_diagram() -> None:
    client = trace("c", 0, *connect(1), send(2, "client", b"a;"), send(2, "client", b"b%"))
    server = trace("s", 1, *listening(), accept(1.5, "#1", 50), recv(3, "#1", b"a;b%"))
    lines = [text.strip() for text in sequence_mermaid(chart(client, server)).splitlines()]
    assert lines[:3] == [
        "sequenceDiagram",
        "participant p0 as client, c",
        "participant p1 as server 127.0.0.1#58;9, s",
    ]
    assert [text for text in lines if ">>" in text] == [
        "p0-->>p1: connect, #35;1", "p0->>p1: 2 bytes 'a#59;'", "p0->>p1: 2 bytes 'b#37;'"
    ]  # fmt: skip
    assert "Note over p1: one recv of 4 bytes" in lines
    assert "Note over p0: connected" in lines


def test_what_was_lost() -> None:
    client = trace("c", 0, *connect(1, "SOCK_DGRAM"), send(2, "client", b"gone"))
    text = sequence_mermaid(chart(client, trace("s", 1, *listening(0, "SOCK_DGRAM"))))
    assert "p0-xp1: 4 bytes 'gone', lost" in text
