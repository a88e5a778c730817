"""The chart as SVG: valid, in slices, everything where it belongs."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from traces import accept, chart, connect, line, listening, recv, send, trace

from pynetdb.draw.sequence import SequenceChart
from pynetdb.draw.sequence_svg import SequenceDrawing, format_after, names

SVG = "{http://www.w3.org/2000/svg}"


def echo(data: bytes = b"hello", times: int = 1, note: str = "why") -> SequenceChart:
    client = [
        *connect(1),
        *(send(2 + n, "client", data) for n in range(times)),
        line(99, "client", "close", "fd 3", note=note),
    ]
    server = [
        *listening(),
        accept(1.5, "#1", 50),
        *(recv(2.5 + n, "#1", data) for n in range(times)),
        recv(99.5, "#1", b""),
    ]
    return chart(trace("c", 0, *client), trace("s", 1, *server))


@given(st.binary(max_size=40), st.text(max_size=200))
def test_whatever_was_said_it_is_valid(data: bytes, note: str) -> None:
    root = ElementTree.fromstring(SequenceDrawing(echo(data or b"x", note=note)).svg())
    assert root.tag == f"{SVG}svg"
    assert not root.findall(f".//{SVG}script")


def test_an_arrow_leads_from_one_lifeline_to_the_other() -> None:
    root = ElementTree.fromstring(SequenceDrawing(echo()).svg())
    left, right = (float(one.get("x1") or 0) for one in root.findall(f".//{SVG}line")[:2])
    (arrow,) = [g for g in root.findall(f".//{SVG}g") if g.get("class") == "arrow data"]
    start, end = (arrow.findall(f"{SVG}path")[1].get("d") or "")[1:].split("L")
    assert float(start.split()[0]) == left and right - 3 < float(end.split()[0]) < right
    hover = arrow.findtext(f"{SVG}title") or ""
    assert (
        "5 bytes" in hover and "send(5 bytes b'hello') = 5\n(why)" in hover and "0.50 ms on the way" in hover
    )


def test_what_was_lost_ends_in_a_cross() -> None:
    client = trace("c", 0, *connect(1, "SOCK_DGRAM"), send(2, "client", b"gone"))
    text = SequenceDrawing(chart(client, trace("s", 1, *listening(0, "SOCK_DGRAM")))).svg()
    assert (
        'class="cross"' in text
        and "it was never received" in text
        and "4 bytes &#x27;gone&#x27;, lost" in text
    )
    assert 'class="head"' not in text


def test_slices_follow_each_other_and_cut_no_arrow() -> None:
    made = echo(times=30)
    drawing = SequenceDrawing(made)
    slices = list(drawing.slices())
    assert len(slices) > 3
    assert [one.bottom for one in slices[:-1]] == [one.top for one in slices[1:]]
    spans = [(drawing._lines[arrow.first_row], drawing._lines[arrow.last_row]) for arrow in made.arrows]
    for edge in (one.bottom for one in slices):
        assert not [1 for first, last in spans if first < edge < last]


def test_a_process_that_talks_to_itself_and_one_alone() -> None:
    both = [*listening(), *connect(1), accept(1.5, "#1", 50), send(2, "client", b"x"), recv(3, "#1", b"x")]
    assert "1 byte" in SequenceDrawing(chart(trace("t", 0, *both))).svg()
    alone = chart(trace("t", 0, line(0, "sqlite", "sql", "SELECT 1", note="a question")))
    assert "sql(SELECT 1)" in SequenceDrawing(alone).svg()
    assert names(alone.lifelines) == "sqlite (t)"


def test_times() -> None:
    assert [format_after(seconds) for seconds in (0, 0.0123, 2.5)] == ["0.00 ms", "12.30 ms", "2.500 s"]
