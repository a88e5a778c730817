"""Real brokers for rooms that several servers share: a Valkey or a Redis of the test's own."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from network import free_port
from programs import PATIENCE, ROOT

from pynetdb.protocols.valkey.resp import encode_command

PRODUCTS = ("redis", "valkey")


def find_broker(product: str) -> str:
    """The program of a broker; .ci/run installs both, a laptop may have neither."""
    own = ROOT / ".ci" / product / f"{product}-server"
    path = (
        str(own) if own.exists() else shutil.which(f"{product}-server", path="/usr/bin:/usr/local/bin:/bin")
    )
    if path is None:
        pytest.skip(f"stranger: {product}-server is not installed")
    return path


class Broker:
    """A broker on a free port, which keeps what it was told in a folder; ended by its own id."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        product: str = "redis",
        host: str = "127.0.0.1",
        prefix: Sequence[str] = (),
        keeps: bool = True,
    ) -> None:
        self.folder = folder
        self.host = host
        self.port = free_port()
        self.product = product
        folder.mkdir(exist_ok=True)
        # With `everysec` what was acknowledged while a sync was under way would be lost by a kill.
        keep = (
            ["--appendonly", "yes", "--appendfsync", "always"]
            if keeps
            else ["--save", "", "--appendonly", "no"]
        )
        self._command = [
            *prefix, find_broker(product), "--port", str(self.port), "--bind", host, "--dir", str(folder),
            "--protected-mode", "no", "--unixsocket", str(folder / "s"), *keep, *options,
        ]  # fmt: skip
        self.start()

    def url(self, room: str = "ROOM", userinfo: str = "") -> str:
        return f"{self.product}://{userinfo}{self.host}:{self.port}/{room}"

    def start(self) -> None:
        """Start it, again perhaps, and wait until it serves."""
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while not self._answers():
            assert self.process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < end
            time.sleep(0.01)

    def _answers(self) -> bool:
        """Whether it has read its data; one that wants a password has too."""
        try:
            return self.ask("PING")[:5] in (b"+PONG", b"-NOAU", b"-DENI")
        except OSError:
            return False

    def ask(self, *words: str) -> bytes:
        """The first bytes of the reply to one command, wherever its network is."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(str(self.folder / "s"))
            sock.sendall(encode_command(words))
            return sock.recv(1 << 16)

    def kill(self) -> None:
        """End it as a power cut does, but for what the kernel has been handed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> None:
        """End it as its user would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
        self.process.wait(PATIENCE)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)
