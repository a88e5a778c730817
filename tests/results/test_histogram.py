"""Histograms are right, and only for those who look."""

import math
import os
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs import PYNETDB, Serve, environment, posix

from pynetdb.results.histogram import Gaps, histogram, wants_histogram
from pynetdb.results.output import Output


def test_a_line_of_blocks() -> None:
    assert histogram([0.0, 0.0, 0.0, 0.0, 1.0, 32.0], "ms") == "0 ms █▂                             ▂ 32 ms"
    assert histogram([-1.0, 0.0, 0.0, 0.0, 1.0], "s") == "-1 s ▃               █              ▃ 1 s"
    assert histogram([1.0, 10.0, 100.0, 1000.0, 10000.0], "ms") == (
        "1 ms █       █       █      █       █ 1e+04 ms, logarithmic"
    )


def test_too_few_or_all_the_same() -> None:
    assert histogram([1, 2, 3, 4], "ms") is None
    assert histogram([2.0] * 50, "ms") is None


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=5))
def test_every_value_is_in_a_column(values: list[float]) -> None:
    line = histogram(values, "s")
    if line is not None:
        blocks = line.split(" s ", 1)[1][:32]
        assert blocks[0] != " " and blocks[-1] != " " and "█" in blocks
        assert set(blocks) <= set(" ▁▂▃▄▅▆▇█")
    else:
        assert math.isclose(min(values), max(values), abs_tol=1e-300)


def test_gaps() -> None:
    gaps = Gaps()
    for moment in (1.0, 1.5, 1.25, 2.25):
        gaps.add(moment)
    assert list(gaps.values) == [500.0, 0.0, 1000.0]


def test_without_a_terminal_nobody_looks() -> None:
    assert not wants_histogram(Output())


def on_terminal(*arguments: str, **more: str) -> str:
    """What a command says with standard error on a terminal."""
    import pty
    import subprocess

    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [*PYNETDB, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=theirs,
            env=environment(**more),
        )
        assert done.returncode == 0
        os.set_blocking(ours, False)
        said = b""
        with suppress(BlockingIOError):
            while piece := os.read(ours, 4096):
                said += piece
        return said.decode()
    finally:
        os.close(ours)
        os.close(theirs)


LINE = re.compile(r"[\d.e+-]+ m?s [ ▁▂▃▄▅▆▇█]{32} [\d.e+-]+ m?s")


@posix
@pytest.mark.parametrize(
    ("server", "client", "what"),
    [
        (("serve-echo",), ("echo-client", "--count", "50", "x"), "round trips: "),
        (("serve-time",), ("time-query", "--samples", "12"), "offsets: "),
    ],
)
def test_clients_show_how_their_figures_are_spread(
    serve: Serve, server: tuple[str, ...], client: tuple[str, ...], what: str
) -> None:
    port = str(serve(*server).port)
    reach = ("--host", "127.0.0.1", "--port", port)
    said = on_terminal(*client, *reach, TERM="xterm")
    (line,) = [line for line in said.splitlines() if line.startswith(what)]
    assert LINE.search(line)
    for arguments, more in ((("--quiet",), {"TERM": "xterm"}), ((), {"TERM": "dumb"})):
        assert what not in on_terminal(*client, *reach, *arguments, **more)


@posix
def test_a_receiver_shows_how_datagrams_arrived() -> None:
    """udp-recv runs udp-send, and so needs no port of ours."""
    command = [*PYNETDB, "udp-send", "-q", "--count", "20", "--interval", "2ms", "x"]
    said = on_terminal("udp-recv", "--port", "0", "--count", "20", "--", *command, TERM="xterm")
    (line,) = [line for line in said.splitlines() if line.startswith("time between datagrams: ")]
    assert LINE.search(line)
