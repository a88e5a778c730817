"""The test as a peer: clients of our servers, ports that nobody has, strangers that listen."""

import re
import select
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fakes import RESET
from programs import Served, held


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port that was free a moment ago: for a stranger that cannot choose one, or for nobody to be there."""
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def connect(server: Served, timeout: float = 30) -> socket.socket:
    """A TCP client of a server of ours."""
    return socket.create_connection(server.address, timeout=timeout)


def connect_udp(server: Served, timeout: float = 30) -> socket.socket:
    """A UDP client of a server of ours."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.settimeout(timeout)
    sock.connect(server.address)
    return sock


def receive(sock: socket.socket, size: int) -> bytes:
    """So many bytes, or fewer if the peer closes first."""
    got = b""
    while len(got) < size and (data := sock.recv(size - len(got))):
        got += data
    return got


def receive_all(sock: socket.socket) -> bytes:
    """What comes until the peer closes; a reset is seen as `(reset)`."""
    pieces = []
    try:
        while piece := sock.recv(1 << 20):
            pieces.append(piece)
    except ConnectionResetError:
        pieces.append(b"(reset)")
    return b"".join(pieces)


def reset(sock: socket.socket) -> None:
    """Close with a reset instead of a FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    sock.close()


def fill(sock: socket.socket) -> int:
    """Send without reading until the server reads no more; return how much it took."""
    sock.setblocking(False)
    sent = 0
    while select.select([], [sock], [], 0.3)[1]:
        try:
            sent += sock.send(bytes(1 << 16))
        except BlockingIOError:
            continue
    sock.settimeout(30)
    return sent


def fill_with_lines(sock: socket.socket, line: bytes, most: int) -> int:
    """Send numbered lines until the server reads no more; return how many whole ones it has or will have."""
    sent = 0
    data = b""
    sock.setblocking(False)
    while sent < most:
        if not data:
            data = line % sent
            sent += 1
        if not select.select([], [sock], [], 1.0)[1]:
            break
        data = data[sock.send(data) :]
    # The last line has its end, however long that takes.
    threading.Thread(target=_send_rest, args=(sock, data), daemon=True).start()
    return sent


def _send_rest(sock: socket.socket, data: bytes) -> None:
    while data:
        select.select([], [sock], [])
        data = data[sock.send(data) :]


@contextmanager
def their_server(command: Sequence[str], port: int, kind: int = socket.SOCK_STREAM) -> Iterator[None]:
    """A stranger's server that listens at that port, for the length of the block."""
    with held(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        table = Path("/proc/net/tcp" if kind == socket.SOCK_STREAM else "/proc/net/udp")
        state = "0A" if kind == socket.SOCK_STREAM else "07"
        while not re.search(rf":{port:04X} [0-9A-F]+:0000 {state}", table.read_text()):
            assert process.poll() is None, f"{command[0]} ended with status {process.returncode}"
        yield
