"""Standard streams in whatever state: nothing is lost in silence, and no status is the interpreter's."""

import os
import subprocess
import threading
from pathlib import Path

import pytest
from programs import PATIENCE, PYNETDB, Run, assert_clean, environment, posix

pytestmark = posix


def shell(script: str, **more: object) -> "subprocess.CompletedProcess[str]":
    command = ["bash", "-c", script, "bash", *PYNETDB]
    done = subprocess.run(  # type: ignore[call-overload]
        command, capture_output=True, text=True, env=environment(), timeout=PATIENCE, **more
    )
    assert_clean(done.stderr)
    return done  # type: ignore[no-any-return]


@pytest.mark.parametrize("state", ["2>&-", "2>/dev/full", "2> >(exit)"])
@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("ports 25", 0),
        ("nonsense", 2),
        ("", 2),
        ("echo-client -p 1 x", 3),
        ("serve-echo -p 0 --for 10ms -v --explain", 0),
    ],
)
def test_standard_error_that_cannot_be_written_changes_no_status(
    command: str, status: int, state: str
) -> None:
    assert shell(f'"$@" {command} {state}').returncode == status


@pytest.mark.parametrize(
    "command",
    [
        "udp-send -p 9 -",
        "db-query none.db -",
        "db-create none.db --sql -",
        "db-insert none.db t --create --from -",
    ],
)
def test_closed_standard_input_is_one_line(command: str, tmp_path: Path) -> None:
    done = shell(f'"$@" {command} <&-', cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "Error: standard input: Bad file descriptor\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["ports 25", "serve-echo -p 0 --for 10ms", "echo-client -p 1 x"])
def test_who_reads_nothing_does_not_mind_a_closed_standard_input(command: str) -> None:
    assert "standard input" not in shell(f'"$@" {command} <&-').stderr


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "tsv", "markdown"])
def test_a_non_blocking_standard_output_gets_everything(form: str) -> None:
    """Node.js leaves a pipe that it shares non-blocking."""
    expected = shell(f'"$@" ports -f {form}').stdout
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    # A pipe of one page, all but full: the first write finds too little room.
    fill = b"." * (os.fpathconf(writing, "PC_PIPE_BUF") if hasattr(os, "fpathconf") else 4096)
    written = 0
    try:
        while True:
            written += os.write(writing, fill)
    except BlockingIOError:
        pass
    with subprocess.Popen(
        [*PYNETDB, "ports", "-f", form], stdout=writing, stderr=subprocess.PIPE, env=environment()
    ) as process:
        os.close(writing)
        seen = b""
        with open(reading, "rb") as source:
            seen = source.read()
        assert process.wait(PATIENCE) == 0
        assert process.stderr is not None and process.stderr.read() == b""
    assert seen[written:].decode() == expected


def test_help_to_a_non_blocking_pipe_that_is_full(run: Run) -> None:
    whole = run("http-get", "--help", text=False).stdout
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    written = 0
    try:
        while True:
            written += os.write(writing, b"." * 4096)
    except BlockingIOError:
        pass
    with subprocess.Popen([*PYNETDB, "http-get", "--help"], stdout=writing, env=environment()) as process:
        os.close(writing)
        with open(reading, "rb") as source:
            seen = source.read()[written:]
        assert process.wait(PATIENCE) == 0
    assert seen == whole


def test_a_standard_input_that_is_non_blocking_is_waited_for() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with subprocess.Popen(
        [*PYNETDB, "db-query", ":memory:", "-", "-f", "raw"],
        stdin=reading,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    ) as process:
        os.close(reading)
        os.write(writing, b"select ")
        threading.Timer(0.3, lambda: (os.write(writing, b"5"), os.close(writing))).start()
        out, complaint = process.communicate(timeout=PATIENCE)
    assert_clean(complaint.decode())
    assert (process.returncode, out) == (0, b"5"), complaint
