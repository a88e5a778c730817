"""Stopping on Windows: by the event, Ctrl-C and Ctrl-Break; nothing is left behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from programs import PATIENCE, PYNETDB, Serve, environment, unlike_wine, windows

from pynetdb.net.process.stop import ask_to_stop

pytestmark = windows
CONSOLE = Path(__file__).with_name("console.py")


@contextmanager
def in_a_console(*command: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A command of ours with a console of its own, whose keyboard is the process's standard input."""
    with subprocess.Popen(
        [sys.executable, str(CONSOLE), *PYNETDB, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    ) as process:
        yield process


def test_the_event_stops_a_server(serve: Serve, tmp_path: Path) -> None:
    server = serve("serve-echo", "--ready-file", str(tmp_path / "ready"))
    assert (tmp_path / "ready").exists()
    ask_to_stop(server.pid)
    assert server.wait() == 0
    assert server.event("stopped")["reason"] == "signal"
    assert not (tmp_path / "ready").exists()


def test_what_cannot_be_asked_is_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        ask_to_stop(process.pid)
        assert process.wait(PATIENCE) == signal.SIGTERM


def test_control_c_stops_a_server(tmp_path: Path) -> None:
    file = tmp_path / "ready"
    with in_a_console("serve-echo", "--port", "0", "--ready-file", str(file), "--format", "jsonl") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["event"] == "ready" and file.exists()
        out, complaint = process.communicate(b"c\n", timeout=PATIENCE)
        assert process.returncode == 0, complaint
        assert json.loads(out.splitlines()[-1])["event"] == "stopped"
    assert not file.exists()


@unlike_wine("refuses to make a Ctrl-Break event (invalid handle)")
def test_control_break_stops_a_server_in_a_group_of_its_own(serve: Serve) -> None:
    server = serve("serve-echo", creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0))
    os.kill(server.pid, getattr(signal, "CTRL_BREAK_EVENT", 0))
    assert server.wait() == 0


@pytest.mark.parametrize("client", ["echo-client", "chat-client"])
def test_control_c_ends_a_client_that_waits(serve: Serve, client: str) -> None:
    server = serve("chat-server" if client == "chat-client" else "serve-echo")
    more = ["--name", "Ann", "--listen"] if client == "chat-client" else ["--timeout", "50s"]
    with in_a_console(client, "--port", str(server.port), "--explain", *more) as process:
        assert process.stderr is not None
        # Both wait then for what never comes: a word in the room, and of a server without a greeting.
        while (line := process.stderr.readline()) and b"connect(" not in line:
            pass
        process.communicate(b"c\n", timeout=30)
        assert process.returncode == 130
