"""What is told of a call, and to whom."""

import io
import json
from pathlib import Path

import pytest

from pynetdb.errors import CommandLineError, PynetdbError
from pynetdb.narration import Explainer, Narrator, Tracer, preview, timestamp


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


def test_explanations_are_dimmed_with_colour() -> None:
    stream = io.StringIO()
    Narrator([Explainer(stream.write, colour=True)]).tell("client", "close", note="gone")
    assert "\x1b[2m(gone)\x1b[0m" in stream.getvalue()


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
