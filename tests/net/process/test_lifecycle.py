"""A server's life: whoever does not read what it tells costs events, and never service."""

import os

import pytest

if os.name != "posix":
    # Process groups, terminals, signals: what Windows has in their place is tested in tests/windows.
    pytest.skip("platform: needs a POSIX system", allow_module_level=True)


import fcntl
import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from faults import waits_in_a_pipe
from network import receive_all
from programs import PATIENCE, PYNETDB, assert_clean, environment, linux

pytestmark = linux

NTP_REQUEST = b"\x23" + bytes(47)


def _ask_echo(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as sock:
        sock.sendall(b"hello")
        assert sock.recv(5) == b"hello"


def _ask_http(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert receive_all(sock).startswith(b"HTTP/1.1 200 ")


def _ask_chat(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as sock:
        sock.sendall(b"ADD joe\nMESSAGE hello\nQUIT\n")
        assert receive_all(sock) == b"NEW joe\nMESSAGE joe\nhello\nGOODBYE\n"


def _ask_udp(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(30)
        sock.connect(("127.0.0.1", port))
        sock.send(NTP_REQUEST)
        assert sock.recv(100)


def _ask_daytime(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as sock:
        assert b"UTC(NIST)" in receive_all(sock)


Ask = Callable[[int], None]

SERVERS: dict[str, tuple[tuple[str, ...], Ask]] = {
    "echo": (("serve-echo",), _ask_echo),
    "echo-udp": (("serve-echo", "--udp"), _ask_udp),
    "http": (("serve-http",), _ask_http),
    "chat": (("chat-server", "--rate", "0"), _ask_chat),
    "ntp": (("serve-time",), _ask_udp),
    "daytime": (("serve-time", "--protocol", "daytime"), _ask_daytime),
    "udp": (("udp-recv", "--reply", "ok"), _ask_udp),
}
FORMS = {
    "jsonl": ("stdout", ("--format", "jsonl", "-q")),
    "verbose": ("stderr", ("-v",)),
    "explain": ("stderr", ("--explain",)),
}
# udp-recv tells of datagrams on standard output alone.
CASES = [pair for pair in product(SERVERS, FORMS) if pair != ("udp", "verbose")] + [
    ("udp", "table"),
    ("udp", "csv"),
    ("udp", "bytes"),
]
FORMS |= {
    "table": ("stdout", ("-v",)),
    "csv": ("stdout", ("-f", "csv")),
    "bytes": ("stdout", ("--bytes",)),
}


@contextmanager
def stalled(name: str, form: str, folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A server whose words go into a small pipe that nobody reads, and its port."""
    server, _ = SERVERS[name]
    stream, options = FORMS[form]
    ready = folder / "ready"
    reading, writing = os.pipe()
    fcntl.fcntl(writing, getattr(fcntl, "F_SETPIPE_SZ", 1031), 4096)
    elsewhere = folder / "elsewhere"
    with open(elsewhere, "wb") as other, open(reading, "rb"):
        streams = {"stdout": other, "stderr": other, stream: writing}
        command = [*PYNETDB, *server, "-p", "0", "--ready-file", str(ready), *options]
        with subprocess.Popen(command, env=environment(), cwd=folder, **streams) as process:  # type: ignore[call-overload]
            os.close(writing)
            try:
                while not ready.exists():
                    assert process.poll() is None
                    time.sleep(0.005)
                yield process, json.loads(ready.read_text())["port"]
            finally:
                process.kill()
    assert_clean(elsewhere.read_text())
    assert not ready.exists()


@pytest.mark.parametrize(("name", "form"), CASES)
def test_a_reader_that_stalls_stops_nothing(name: str, form: str, tmp_path: Path) -> None:
    ask = SERVERS[name][1]
    with stalled(name, form, tmp_path) as (process, port):
        for _ in range(200):
            ask(port)
        while not waits_in_a_pipe(process.pid):
            ask(port)
        began = time.monotonic()
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - began < 10  # Three seconds where the machine has nothing else to do.


@pytest.mark.parametrize("name", SERVERS)
def test_and_a_second_signal_ends_it_at_once(name: str, tmp_path: Path) -> None:
    ask = SERVERS[name][1]
    with stalled(name, "jsonl", tmp_path) as (process, port):
        while not waits_in_a_pipe(process.pid):
            ask(port)
        with socket.socket() as holding:
            if name in ("echo", "http", "chat"):
                holding.connect(("127.0.0.1", port))
            process.terminate()
            process.send_signal(signal.SIGINT)
            # The signals may come together, as one turn of the loop.
            assert process.wait(PATIENCE) in (0, 128 + signal.SIGINT, 128 + signal.SIGTERM)


def test_what_was_missed_is_counted_and_told() -> None:
    command = [*PYNETDB, "udp-recv", "-p", "0", "-q", "-f", "jsonl"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as server:
        assert server.stdout is not None and server.stderr is not None
        port = json.loads(server.stdout.readline())["port"]
        number = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", port))
            for number in range(200):  # 12 MB, of which 4 MiB may wait.
                sock.send(b"%d " % number + b"x" * 60_000)
                time.sleep(0.001)
            # From here on somebody reads again; a small one goes on until the gap is told.
            events = []
            while not any(event["event"] == "gap" for event in events):
                sock.send(b"small")
                number += 1
                events.append(json.loads(server.stdout.readline()))
            server.terminate()
            events += [json.loads(line) for line in server.stdout]
        assert server.wait(PATIENCE) == 0
        assert_clean(server.stderr.read().decode())
    shown = sum(event["event"] == "datagram" for event in events)
    missed = sum(event["events"] for event in events if event["event"] == "gap")
    summary = events[-1]
    assert summary["event"] == "summary"
    assert missed > 0 and shown + missed == summary["datagrams"]
