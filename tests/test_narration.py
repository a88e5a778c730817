"""What is told of a call, and to whom."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from pynetdb.errors import CommandLineError, PynetdbError
from pynetdb.narration import Call, Narrator, preview
from pynetdb.observers import Explainer, Tracer
from pynetdb.wording import timestamp


def test_a_narrator_without_observers_is_false() -> None:
    assert not Narrator()
    assert Narrator([Explainer(io.StringIO().write)])


def test_the_explainer_writes_the_call_its_result_and_the_explanation_in_brackets() -> None:
    stream = io.StringIO()
    with Narrator([Explainer(stream.write)]) as narrator:
        narrator.tell("#3", "recv", (65536,), "b''", bytes=0, note="the peer closed its side")
    assert stream.getvalue() == "#3     recv(65536) = b''  (the peer closed its side)\n"


def test_the_explainer_names_the_error() -> None:
    stream = io.StringIO()
    Narrator([Explainer(stream.write)]).tell(
        "client", "connect", ("x",), error=ConnectionRefusedError(), note="nobody"
    )
    assert stream.getvalue() == "client connect(x) -> ConnectionRefusedError  (nobody)\n"


def explained(calls: list[Call], **options: Any) -> list[str]:
    stream = io.StringIO()
    explainer = Explainer(stream.write, **options)
    for call in calls:
        explainer.on_call(call)
    explainer.close()
    return stream.getvalue().splitlines()


def piece(who: str, name: str, size: int, moment: float = 0.0) -> Call:
    """A call that moved the next `size` bytes of something long."""
    data = f"{size} bytes {preview(bytes(range(size % 200, size % 200 + 40)))}"
    if name == "recv":
        return Call(moment, who, name, (65536,), data, size, None, "some")
    return Call(moment, who, name, (data,), size, size, None, "all")


def small(name: str, data: bytes, moment: float = 0.0) -> Call:
    return Call(moment, "client", name, (), f"{len(data)} bytes {data!r}", len(data), None, "it")


def test_an_explanation_is_not_dim_because_it_is_the_lesson() -> None:
    line = explained([Call(0.0, "client", "close", (), None, None, None, "gone")], colour=True)[0]
    assert line == "\x1b[36mclient\x1b[0m close() = None  (gone)"


def test_the_loops_own_pair_is_left_out_unless_everything_is_told() -> None:
    calls = [Call(0.0, who, "close", (), None, None, None, "gone") for who in ("loop", "server")]
    assert explained(calls, everything=False) == ["server close() = None  (gone)"]
    assert len(explained(calls)) == 2


def test_pieces_of_something_long_are_counted_after_the_first() -> None:
    calls = [piece("#1", name, 65536 - n) for n in range(20) for name in ("recv", "send")]
    lines = explained([*calls, Call(0.0, "#1", "close", (), None, None, None, "gone")])
    assert len(lines) == 5
    assert lines[0].startswith("#1     recv(65536) = 65536 bytes b'")
    assert lines[1].startswith("#1     send(65536 bytes b'")
    assert lines[2:4] == [
        f"#1     recv(65536) ... 19 more  ({sum(65536 - n for n in range(1, 20))} bytes)",
        f"#1     send() ... 19 more  ({sum(65536 - n for n in range(1, 20))} bytes)",
    ]


def test_messages_that_can_be_read_are_all_told() -> None:
    calls = [small(name, data) for data in (b"hello", b"world", b"hello") for name in ("send", "recv")]
    assert len(explained(calls)) == 6


def test_the_very_same_again_is_counted() -> None:
    calls = [small("recv", b"x") for _ in range(5)]
    assert explained(calls) == ["client recv() = 1 bytes b'x'  (it)", "client recv() ... 4 more  (4 bytes)"]


def test_the_same_a_while_later_is_told() -> None:
    assert len(explained([small("recv", b"x", moment) for moment in (0.0, 2.0, 4.0)])) == 3
    lines = explained([piece("#1", "recv", 65536, n / 10) for n in range(25)])
    assert [" more" in line for line in lines] == [False, True, False, True, False, True]


def test_errors_of_pieces_are_a_kind_of_their_own() -> None:
    blocked = Call(
        0.0, "#1", "send", (f"99 bytes {preview(bytes(99))}",), None, None, "BlockingIOError", "full"
    )
    lines = explained([piece("#1", "send", 50), blocked] * 3)
    assert lines[2:] == [
        "#1     send() ... 2 more  (100 bytes)",
        "#1     send() -> BlockingIOError ... 2 more",
    ]


@pytest.mark.parametrize("width", [40, 80])
def test_a_line_that_is_too_long_is_broken_between_words(width: int) -> None:
    note = "the three-way handshake is done: somebody listens there"
    lines = explained([Call(0.0, "client", "connect", ("x",), None, None, None, note)], width=width)
    assert max(map(len, lines)) <= width
    assert all(line.startswith(" " * 7) for line in lines[1:])
    assert " ".join(" ".join(lines).split()) == f"client connect(x) = None ({note})"


def test_the_tracer_writes_a_json_object_a_call(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    with Narrator([Tracer(path)]) as narrator:
        narrator.tell("client", "send", ("5 bytes b'hello'",), 5, bytes=5, note="all of it")
        narrator.tell("client", "recv", (10,), error=TimeoutError(), note="\x9b too \x1b late")
    first, second = [json.loads(line) for line in path.read_text().splitlines()]
    assert list(first) == ["time", "who", "call", "arguments", "result", "bytes", "error", "note"]
    assert (first["call"], first["arguments"], first["result"], first["bytes"]) == (
        "send",
        ["5 bytes b'hello'"],
        5,
        5,
    )
    assert (second["result"], second["bytes"], second["error"]) == (None, None, "TimeoutError")
    assert "\x9b" not in path.read_text()


def test_a_trace_file_that_cannot_be_made_is_a_mistake_of_the_command_line(tmp_path: Path) -> None:
    with pytest.raises(CommandLineError, match="trace: No such file"):
        Tracer(tmp_path / "no" / "trace")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="platform: no /dev/full")
def test_a_trace_that_is_cut_short_is_an_error_at_the_end() -> None:
    narrator = Narrator([Tracer("/dev/full")])
    narrator.tell("client", "send", note="x")
    narrator.tell("client", "send", note="y")
    with pytest.raises(PynetdbError, match="/dev/full: No space left on device, the trace is incomplete"):
        narrator.__exit__()


def test_payloads_are_shortened() -> None:
    assert preview(b"a" * 32) == repr(b"a" * 32)
    assert preview(b"a" * 33) == repr(b"a" * 32) + "..."


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (1354131019.1184, "2012-11-28T19:30:19.118400Z"),
        (0.9999999, "1970-01-01T00:00:01.000000Z"),
    ],
)
def test_timestamps(seconds: float, text: str) -> None:
    assert timestamp(seconds) == text
