"""help: a command's page, a topic, or what may have been meant."""

import os
import sys
from pathlib import Path

import pytest
from programs import PYNETDB, Run, environment, posix

from pynetdb.cli import COMMANDS
from pynetdb.topics import TOPICS, topic_text


@pytest.mark.parametrize("command", COMMANDS)
def test_without_a_terminal_it_is_the_help_of_the_command(run: Run, command: str) -> None:
    done = run("help", command)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run(command, "--help").stdout


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic(run: Run, topic: str) -> None:
    assert run("help", topic).stdout == topic_text(topic)
    assert topic in run("help", "--help").stdout


def test_alone_it_lists_commands_and_topics(run: Run) -> None:
    shown = run("help").stdout
    assert shown.startswith(run("--help").stdout)
    assert all(f" {topic}" in shown for topic in TOPICS)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("serve_eco", "serve-echo"),
        ("curl", "http-get"),
        ("statusses", "statuses"),
        ("xyzzy", "expected a command or a topic: "),
    ],
)
def test_a_wrong_word_is_answered_with_the_right_one(run: Run, word: str, meant: str) -> None:
    done = run("help", word)
    assert (done.returncode, done.stdout) == (2, "")
    assert meant in done.stderr


def test_a_word_that_a_topic_tells_of_shows_that_topic(run: Run) -> None:
    assert run("help", "half-close").stdout == topic_text("classes")


@posix
def test_a_topic_is_as_wide_as_the_terminal() -> None:
    """80 columns where the terminal does not say how many it has."""
    shown = on_a_terminal([*PYNETDB, "help", "classes"], environment(COLUMNS="60"))
    assert shown.replace("\r\n", "\n") == topic_text("classes", 60)


@posix
@pytest.mark.parametrize("terminal", ["xterm", "dumb"])
@pytest.mark.parametrize("status", [0, 1])
def test_on_a_terminal_man_shows_it_where_it_can(tmp_path: Path, terminal: str, status: int) -> None:
    """A `man` of our own says what it was given."""
    program = tmp_path / "man"
    program.write_text(f'#!/bin/sh\nhead -1 "$1"\nexit {status}\n')
    program.chmod(0o755)
    env = environment(PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}", TERM=terminal)
    shown = on_a_terminal([*PYNETDB, "help", "serve-echo"], env)
    assert (".TH PYNETDB" in shown) == (terminal != "dumb")
    assert ("Usage: pynetdb serve-echo" in shown) == (terminal == "dumb" or status == 1)


def on_a_terminal(command: list[str], env: dict[str, str]) -> str:
    import pty

    pid, descriptor = pty.fork()
    if pid == 0:
        os.execve(sys.executable, command, env)
    shown = b""
    while True:
        try:
            piece = os.read(descriptor, 4096)
        except OSError:  # Linux's way to say that the other side is closed.
            piece = b""
        if not piece:
            break
        shown += piece
    os.close(descriptor)
    assert os.waitpid(pid, 0)[1] == 0
    return shown.decode()
