"""Ports, and servers that we did not write."""

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from programs import held


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port for a stranger that cannot choose one itself: free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def their_server(command: list[str], port: int, kind: int = socket.SOCK_STREAM) -> Iterator[None]:
    """Start it and wait until it listens."""
    with held(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        table = Path("/proc/net/tcp" if kind == socket.SOCK_STREAM else "/proc/net/udp")
        state = "0A" if kind == socket.SOCK_STREAM else "07"
        while not re.search(rf":{port:04X} [0-9A-F]+:0000 {state}", table.read_text()):
            assert process.poll() is None, f"{command[0]} ended with status {process.returncode}"
        yield
