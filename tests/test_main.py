"""The boundary stands before the imports: an interrupt at any moment, limits that let nothing be read."""

import signal
import subprocess
import sys
import time

import pytest
from programs import PATIENCE, PYNETDB, ROOT, Serve, assert_clean, environment, linux, posix

HEEDED = """
import signal, sys
from pynetdb.__main__ import main
def heed(number, handler, really=signal.signal):
    signal.signal = really
    really(number, handler)
    sys.stdout.write(".")
    sys.stdout.flush()
signal.signal = heed
main()
"""
"""What a console script does, which says when ^C is heeded; before it Python itself is being read."""


def alone(**more: str) -> dict[str, str]:
    """The environment of a command that is cut short.

    Whoever measures coverage would be interrupted, or out of memory, in our place; and what is left open then
    is no bug.
    """
    env = environment(PYTHONWARNINGS="", **more)
    return {name: value for name, value in env.items() if not name.startswith("COV")}


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_at_any_moment_is_quiet(serve: Serve, number: int) -> None:
    server = serve("serve-echo")
    arguments = ["echo-client", "--port", str(server.port), "--count", "99", "--interval", "60s", "x"]
    env = alone()
    for step in range(1, 31):
        command = [sys.executable, "-c", HEEDED, *arguments]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, bufsize=0
        ) as process:
            assert process.stdout is not None and process.stderr is not None
            assert process.stdout.read(1) == b"."
            time.sleep(step * 0.005)  # Another moment each time; which one is no matter.
            process.send_signal(number)
            status = process.wait(PATIENCE)
            assert status in (-number, 128 + number)
            assert process.stderr.read() == b""


def limited(limit: str, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", "-c", f'ulimit {limit}; exec "$@"', "bash", *command],
        capture_output=True,
        text=True,
        env=alone(PYTHONDONTWRITEBYTECODE="1"),
        timeout=PATIENCE,
    )


@linux
@pytest.mark.parametrize("limit", ["-n 5", "-n 6", "-v 16000", "-v 18000", "-v 22000", "-v 26000"])
@pytest.mark.parametrize("arguments", ["serve-echo -p 0 --for 10ms", "ports 25", "echo-client -p 1 x"])
def test_a_limit_is_one_line_and_a_status(limit: str, arguments: str) -> None:
    if limited(limit, sys.executable, "-c", "import click, threading").stderr:
        pytest.skip("platform: the interpreter itself cannot start under it")
    done = limited(limit, *PYNETDB, *arguments.split())
    if done.stderr.startswith("Traceback") and f'File "{ROOT}' not in done.stderr:
        # Once more, at a place of its own: no line of ours was reached.
        pytest.skip("platform: the interpreter itself cannot start under it")
    assert_clean(done.stderr)
    assert done.returncode == 0 or done.stderr.count("\n") == 1, done.stderr
