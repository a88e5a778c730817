"""Every command where something is wrong: one line and a status, no traceback, no orphan, no file left."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from faults import LINES, Harness, neighbours, waits_in_a_pipe
from programs import Stranger, linux

from pynetdb.cli import COMMANDS

pytestmark = linux

SERVERS = [name for name in LINES if "--for" in LINES[name].arguments]
# An error between the making of a socket and the block that owns it: the process ends, and the socket with it.
ABRUPT = {"PYTHONWARNINGS": "ignore::ResourceWarning"}

DOCUMENTED = {*range(8), 126, 127, 130}


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    with neighbours(tmp_path_factory.mktemp("neighbours")) as ports:
        yield ports


@pytest.fixture(params=LINES)
def harness(request: pytest.FixtureRequest, ports: Mapping[str, str], tmp_path: Path) -> Harness:
    return Harness(request.param, ports, tmp_path)


def test_every_command_is_here() -> None:
    assert tuple(LINES) == COMMANDS


def test_the_line_works(harness: Harness) -> None:
    outcome = harness.run()
    assert outcome.status == 0, outcome.complaint


def test_standard_output_that_takes_nothing(harness: Harness) -> None:
    silent = not harness.run().output
    for state, status in ((">&-", 1), (">/dev/full", 1), ("> >(exec >&-)", 0)):
        outcome = harness.run(f'"$@" {state}')
        assert outcome.status == (0 if silent else status), (state, outcome)
        if outcome.status:
            assert "Error: standard output: " in outcome.complaint


def test_standard_output_that_nobody_reads(harness: Harness) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"." * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    process, place = harness.start(stdout=writing, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    os.close(writing)
    with process, open(reading, "rb"):
        assert process.stderr is not None
        end = time.monotonic() + 30
        while process.poll() is None and not waits_in_a_pipe(process.pid):
            assert time.monotonic() < end
            time.sleep(0.005)
        began = time.monotonic()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        status = process.wait(20)
        assert time.monotonic() - began < 5
        assert status in (0, -signal.SIGTERM)
        harness.look(process.pid, place, set(os.listdir(place)), process.stderr.read().decode())


def test_closed_standard_input(harness: Harness) -> None:
    assert harness.run('exec "$@" <&-').status == 0


def test_standard_error_that_takes_nothing_changes_no_status(harness: Harness) -> None:
    for state in ("2>&-", "2>/dev/full", "2> >(exec 2>&-)"):
        assert harness.run(f'"$@" {state}').status == 0, state


def test_a_full_folder_for_temporary_files(harness: Harness, stranger: Stranger, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("platform: only root may mount everywhere")
    full = tmp_path / "full"
    full.mkdir()
    script = f'mount -t tmpfs -o size=4k none {full} && head -c 4096 /dev/zero > {full}/x; exec "$@"'
    outcome = harness.run(f"exec {stranger('unshare')} -m bash -c '{script}' bash \"$@\"", TMPDIR=str(full))
    assert outcome.status in (0, 1, 6), outcome


@pytest.mark.parametrize("limit", ["ulimit -n 20", "ulimit -n 6", "ulimit -v 40000"])
def test_a_low_limit(harness: Harness, limit: str) -> None:
    outcome = harness.run(f'{limit}; exec "$@"', **ABRUPT)
    assert outcome.status in DOCUMENTED, outcome
    if outcome.status:
        assert "Error: " in outcome.complaint or "FAILED" in outcome.output.decode(), outcome


@pytest.mark.parametrize("calls", ["clone3", "clone,fork,vfork"])
def test_no_thread_and_no_fork(harness: Harness, stranger: Stranger, calls: str) -> None:
    inject = f"{stranger('strace')} -qq -o /dev/null -einject={calls}:error=EAGAIN"
    outcome = harness.run(f'exec {inject} "$@"', **ABRUPT)
    assert outcome.status in DOCUMENTED, outcome
    if outcome.status:
        assert "Error: " in outcome.complaint, outcome


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_at_a_system_call(harness: Harness, stranger: Stranger, number: signal.Signals) -> None:
    for call in harness.line.calls:
        inject = f"{stranger('strace')} -qq -o /dev/null -einject={call}:signal={number.value}:when=1"
        outcome = harness.run(f'exec {inject} "$@"', **ABRUPT)
        assert outcome.status in (0, 130, 128 + number), (call, outcome)
        assert "Error" not in outcome.complaint, (call, outcome)
