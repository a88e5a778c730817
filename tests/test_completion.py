"""Completion by the tab key, in the shells themselves: each on a terminal of its own."""

import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from programs import PATIENCE, ROOT, Run, Stranger, environment, posix

from pynetdb.completion import VARIABLE, script

CASES = [
    ("serve-e", "serve-echo"),
    ("echo-client --in-fl", "echo-client --in-flight"),
    ("serve-time --protocol day", "serve-time --protocol daytime"),
    ("serve-time --protocol=day", "serve-time --protocol=daytime"),
    ("tour ud", "tour udp"),
    ("ports dayt", "ports daytime"),
    ("echo-client -p dayt", "echo-client -p daytime"),
    ("time-query --zone Europe/Vie", "time-query --zone Europe/Vienna"),
    ("db-query scho", "db-query school.db"),
    ("db-query -o scho", "db-query -o school.db"),
    ("serve-http publ", "serve-http public"),
    ("db-insert school.db stu", "db-insert school.db students"),
    ("db-insert school.db students na", "db-insert school.db students name="),
    ("db-query school.db 'select * from stu", "db-query school.db 'select * from students"),
    ("serve-echo -- pynetdb echo-cl", "serve-echo -- pynetdb echo-client"),
    ("help statu", "help statuses"),
    ("completion zs", "completion zsh"),
]


@pytest.fixture
def folder(run: Run, tmp_path: Path) -> Path:
    """A folder with a `pynetdb` in bin, a database and a folder in it."""
    program = tmp_path / "bin" / "pynetdb"
    program.parent.mkdir()
    # Asked by a shell it is ours; run by a user it says with what.
    program.write_text(
        f'#!/bin/sh\n[ -n "${VARIABLE}" ] && exec {sys.executable} -m pynetdb "$@"\nprintf "{{%s}}\\n" "$*"\n'
    )
    program.chmod(0o755)
    (tmp_path / "public").mkdir()
    assert run("db-create", str(tmp_path / "school.db"), "students", "id:int:pk", "name").returncode == 0
    return tmp_path


def shell_environment(folder: Path) -> dict[str, str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return environment(PATH=path, HOME=str(folder), TERM="dumb", ZDOTDIR=str(folder), HISTFILE="")


class Terminal:
    """A shell on a pseudo-terminal."""

    def __init__(self, command: list[str], folder: Path) -> None:
        import pty

        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, shell_environment(folder))

    def type(self, text: str) -> None:
        os.write(self.descriptor, text.encode())

    def read_until(self, pattern: str) -> "re.Match[str]":
        seen = b""
        deadline = time.monotonic() + PATIENCE
        # A piece may end in the middle of a character.
        while (match := re.search(pattern, seen.decode("utf-8", "replace"), re.DOTALL)) is None:
            assert select.select([self.descriptor], [], [], max(0.0, deadline - time.monotonic()))[0], seen
            seen += os.read(self.descriptor, 4096)
        return match

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.descriptor)


def complete_on_a_terminal(terminal: Terminal, lines: list[str]) -> list[str]:
    """What `pynetdb` is called with after the tab key; both shells close the quote that was open."""
    found = []
    for line in lines:
        terminal.type(f"pynetdb {line}\t\r")
        found.append(terminal.read_until(r"\{(.*?)\}")[1].rstrip("/"))
    return found


EXPECTED = [whole.replace("'", "") for _, whole in CASES]


@posix
@pytest.mark.parametrize(
    ("shell", "command", "prepare"),
    [
        ("bash", ["bash", "--norc", "--noprofile", "-i"], "bind 'set enable-bracketed-paste off'; "),
        (
            "zsh",
            ["zsh", "-f", "-i"],
            "unsetopt zle_bracketed_paste; bindkey -e; autoload -U compinit; compinit -u; ",
        ),
    ],
)
def test_in_a_real_shell(
    shell: str, command: list[str], prepare: str, folder: Path, stranger: Stranger
) -> None:
    command = [stranger(command[0]), *command[1:]]
    (folder / "script").write_text(script(shell))
    terminal = Terminal(command, folder)
    try:
        terminal.type(f"PS1=; {prepare}. ./script; printf '<%s>' loaded\r")
        terminal.read_until("<loaded>")
        assert complete_on_a_terminal(terminal, [line for line, _ in CASES]) == EXPECTED
    finally:
        terminal.close()


@posix
def test_in_fish(folder: Path, stranger: Stranger) -> None:
    (folder / "script").write_text(script("fish"))
    for line, whole in CASES:
        asked = "pynetdb " + line
        done = subprocess.run(
            [stranger("fish"), "-c", "source script; complete -C $argv[1]", asked],
            capture_output=True,
            text=True,
            cwd=folder,
            env=shell_environment(folder),
        )
        last = whole.rsplit("'", 1)[-1] if "'" in whole else whole.rsplit(" ", 1)[-1]
        offered = [item.split("\t")[0].rstrip("/") for item in done.stdout.splitlines()]
        assert last in offered, (line, done.stdout, done.stderr)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_command_prints_the_script(run: Run, shell: str) -> None:
    assert run("completion", shell).stdout == script(shell)


def ask(run: Run, line: str, **more: str) -> list[str]:
    words = line.split(" ")
    done = run(
        env={VARIABLE: "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), **more},
        cwd=ROOT,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.parametrize(
    "line",
    [
        "pynetdb no-such-command --",
        "pynetdb db-insert README.md ",
        "pynetdb db-insert /nowhere.db ",
        "pynetdb db-insert postgresql://user:secret@127.0.0.1/x ",
        "pynetdb db-query README.md select%20",
        "pynetdb serve-echo surplus words ",
        "pynetdb --nonsense x",
    ],
)
def test_a_line_that_is_wrong_completes_to_nothing_in_silence(run: Run, line: str) -> None:
    assert ask(run, line) == []


def test_what_follows_two_dashes_is_another_command(run: Run) -> None:
    assert ask(run, "pynetdb serve-echo -- py") == ["plain,pynetdb"]
    assert ask(run, "pynetdb serve-echo -- ./ru") == ["file,./ru"]
    assert ask(run, "pynetdb serve-echo -- sh -") == ["file,-"]
    assert ask(run, "pynetdb serve-echo -- /usr/bin/pynetdb serve-h") == ["plain,serve-http"]


def test_a_question_that_is_none_is_status_1(run: Run) -> None:
    assert run(env={VARIABLE: "tcsh_complete"}).returncode == 1
