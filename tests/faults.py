"""Commands of ours run where something is wrong: streams, limits, signals, a full disk; and what they leave."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from processes import running
from programs import PATIENCE, PYNETDB, Served, assert_clean, environment


class Line(NamedTuple):
    """A command line that works, and ends by itself."""

    arguments: Sequence[str]
    """`{echo}` and its like are ports of servers that run beside it; the working folder is its own."""
    makes: Sequence[str] = ()
    """Files that it leaves when it is done."""
    calls: Sequence[str] = ("socket", "connect", "write")
    """System calls at which it gets a signal."""


_OF_A_SERVER = ("bind", "epoll_wait", "write")
_OF_A_DATABASE = ("pwrite64", "fdatasync", "write")

LINES: Mapping[str, Line] = {
    "serve-echo": Line(("-p", "0", "--for", "50ms", "--ready-file", "rf"), calls=(*_OF_A_SERVER, "rename")),
    "echo-client": Line(("-p", "{echo}", "hello", "there"), calls=("socket", "connect", "sendto", "write")),
    "serve-http": Line((".", "-p", "0", "--for", "50ms", "--ready-file", "rf"), calls=_OF_A_SERVER),
    "http-get": Line(("http://127.0.0.1:{http}/data.csv",)),
    "chat-server": Line(("-p", "0", "--web", "0", "--for", "50ms", "--ready-file", "rf"), calls=_OF_A_SERVER),
    "chat-client": Line(("-p", "{chat}", "--name", "joe", "--say", "hi")),
    "serve-time": Line(("-p", "0", "--for", "50ms", "--journal", "j.db"), ("j.db",), _OF_A_SERVER),
    "time-query": Line(("127.0.0.1:{ntp}",)),
    "udp-send": Line(("-p", "{udp}", "--reply", "hi"), calls=("socket", "sendto", "write")),
    "udp-recv": Line(("-p", "0", "--for", "50ms", "--ready-file", "rf"), calls=_OF_A_SERVER),
    "db-create": Line(("new.db", "t", "a:int"), ("new.db",), _OF_A_DATABASE),
    "db-insert": Line(("data.db", "t", "--from", "data.csv"), calls=_OF_A_DATABASE),
    "db-query": Line(("data.db", "select * from t"), calls=("pread64", "fcntl", "write")),
    "ports": Line((), calls=("write",)),
    "wait": Line(("tcp://127.0.0.1:{echo}",), calls=("socket", "connect", "write")),
    "draw": Line(("trace.jsonl", "-f", "text"), calls=("lseek", "write")),
    "tour": Line(("echo",), calls=("vfork", "wait4", "write")),
    "completion": Line(("bash",), calls=("write",)),
    "help": Line(("statuses",), calls=("write",)),
    "version": Line((), calls=("write",)),
}
"""Every command: one that is missing here fails a test."""


class Outcome(NamedTuple):
    """How a run ended; a signal's status is that of the shell."""

    status: int
    output: bytes
    complaint: str


@contextmanager
def neighbours(folder: Path) -> Iterator[dict[str, str]]:
    """Servers for the clients among the commands, on free ports, for the length of the block."""
    site = folder / "site"
    site.mkdir()
    fill_folder(site)
    lines = {
        "echo": ("serve-echo",),
        "http": ("serve-http", str(site)),
        "chat": ("chat-server", "--rate", "0"),
        "ntp": ("serve-time",),
        "udp": ("udp-recv", "--reply", "ok"),
    }
    started: dict[str, Served] = {}
    try:
        for name, line in lines.items():
            started[name] = Served([*line, "--port", "0"], folder, ())
        yield {name: str(server.port) for name, server in started.items()}
    finally:
        for server in started.values():
            server.stop()


def fill_folder(folder: Path) -> None:
    """Put into a working folder what the command lines need."""
    (folder / "data.csv").write_text("a\n" + "".join(f"{number}\n" for number in range(500)))
    (folder / "trace.jsonl").write_text(
        '{"time": "2026-01-01T00:00:00.000000Z", "who": "client", "call": "send", "arguments": ["b\'x\'"], '
        '"result": 1, "bytes": 1, "error": null, "note": "sent"}\n'
    )
    script = "import sqlite3; c = sqlite3.connect('data.db'); c.execute('create table t(a int)'); c.commit(); c.close()"
    subprocess.run(["python3", "-c", script], cwd=folder, check=True)


class Harness:
    """Runs one command's line again and again, each time in a fresh folder and a session of its own."""

    def __init__(self, command: str, ports: Mapping[str, str], folder: Path) -> None:
        self.line = LINES[command]
        self._command = command
        self._words = [command, *(word.format(**ports) for word in self.line.arguments)]
        self._folder = folder
        self._runs = 0

    def run(
        self,
        shell: str = 'exec "$@"',
        *,
        stdin: Any = subprocess.DEVNULL,
        stdout: Any = subprocess.PIPE,
        **env: str,
    ) -> Outcome:
        """Run it by way of a shell script, whose "$@" it is, and look at what it leaves.

        There must be no traceback, no process, and no file but those that it was asked for.
        """
        place = self._place()
        before = set(os.listdir(place))
        command = ["bash", "-c", shell, "bash", *PYNETDB, *self._words]
        with subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            env=environment(PYTHONDONTWRITEBYTECODE="1", **env),
            cwd=place,
            start_new_session=True,
        ) as process:
            output, complaint = process.communicate(timeout=PATIENCE)
        self.look(process.pid, place, before, complaint.decode())
        status = process.returncode
        return Outcome(status if status >= 0 else 128 - status, output or b"", complaint.decode())

    def start(self, **streams: Any) -> "tuple[subprocess.Popen[bytes], Path]":
        """Start it without waiting for it; its folder is returned too, for `look`."""
        place = self._place()
        process = subprocess.Popen(
            [*PYNETDB, *self._words], env=environment(), cwd=place, start_new_session=True, **streams
        )
        return process, place

    def look(self, session: int, place: Path, before: set[str], complaint: str) -> None:
        """Look at what a run has left."""
        assert_clean(complaint)
        # The tour shows what the commands say that it runs.
        assert complaint.count("Error: ") <= 1 or self._command == "tour", complaint
        left = set(os.listdir(place)) - before - set(self.line.makes)
        if "the disk failed" in complaint:
            # SQLite could not even close the journal: its log stays, for whoever opens it next.
            left -= {f"{name}-{part}" for name in self.line.makes for part in ("wal", "shm")}
        assert not left, (left, complaint)
        end = time.monotonic() + 10
        while orphans := _processes_of(session):
            assert time.monotonic() < end, orphans
            time.sleep(0.01)

    def _place(self) -> Path:
        self._runs += 1
        place = self._folder / f"run{self._runs}"
        place.mkdir()
        fill_folder(place)
        return place


def waits_in_a_pipe(pid: int) -> bool:
    """Whether a thread of the process is stuck in a write to a pipe."""
    for wchan in Path(f"/proc/{pid}/task").glob("*/wchan"):
        try:
            if "pipe_write" in wchan.read_text():
                return True
        except OSError:
            continue
    return False


def _processes_of(session: int) -> list[str]:
    """The processes of a session that are still running."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, fields = stat.read_text().rpartition(")")
        except OSError:
            continue
        if int(fields.split()[3]) == session and running(int(stat.parent.name)):
            found.append(name)
    return found
