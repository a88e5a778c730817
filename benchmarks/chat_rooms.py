"""One room over two servers and a broker beside one server alone: `python benchmarks/chat_rooms.py [ROUNDS]`.

Prints for each lines a second to 100 members who are told 10,000 lines as fast as they go, and the delays at
198,000 deliveries a second (default: 5 rounds, in turns). Needs a C compiler and ../shared/bench, and
valkey-server or redis-server. The load has core 1, the servers and the broker both.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import peers
from chat import DIALECT

ALONE = "one server alone"
ROOM = "two servers, one room"
BLAST = ["-c", "100", "-n", "10000"]
PACED = ["-c", "100", "-n", "4000", "-r", "2000"]

# Every second member goes to the other server.
OTHER = (
    ("int port=9400,", 'int port=9400,other=atoi(getenv("OTHER")),'),
    ("if(!connect(fd,", "a.sin_port=htons(i%2?other:port);if(!connect(fd,"),
)


def load() -> str:
    """Compile the load with members at two servers, once, and return its path."""
    return peers.built_as("roomload", "load/chatload.c", (*DIALECT, *OTHER))


def find_broker() -> str:
    own = peers.ROOT / ".ci" / "valkey" / "valkey-server"
    found = str(own) if own.exists() else shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        sys.exit("needs valkey-server or redis-server")
    return found


@contextmanager
def broker() -> Iterator[int]:
    """A broker that keeps everything in memory, for the length of the block; gives its port."""
    port = peers.free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [find_broker(), "--port", str(port), "--dir", folder, "--save", "", "--bind", "127.0.0.1"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                yield port
            finally:
                process.terminate()


def measured(name: str, options: list[str]) -> dict[str, Any]:
    """One load at servers of its own: what the load saw."""
    ports = [peers.free_port()]
    with ExitStack() as stack:
        room: list[str] = []
        if name == ROOM:
            ports.append(peers.free_port())
            room = ["--room", f"valkey://127.0.0.1:{stack.enter_context(broker())}/bench"]
        for port in ports:
            words = [*peers.PYNETDB, "chat-server", "--quiet", "--rate", "0", "--port", "PORT", *room]
            server = stack.enter_context(peers.server(words, port))
            os.sched_setaffinity(server.pid, {0} if name == ALONE else {0, 1})
        done = subprocess.run(
            [load(), "-p", str(ports[0]), "-T", "30", "-P", "textbook", *options],
            capture_output=True,
            preexec_fn=peers.on_core(1),
            env={**os.environ, "OTHER": str(ports[-1])},
            check=True,
            timeout=90,
        )
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["deliveries"] == result["want"], f"{name}: {result}"
    return result


def compare(rounds: int) -> None:
    lines: dict[str, list[float]] = defaultdict(list)
    delays: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for turn in range(rounds):
        for name in peers.rotated([ALONE, ROOM], turn):
            lines[name].append(measured(name, BLAST)["del_s"] / 99)
            paced = measured(name, PACED)
            delays[name].append((paced["p50us"] / 1000, paced["p99us"] / 1000))
    print(peers.machine(), Path(find_broker()).name, f"{rounds} rounds", sep="; ")
    print(f"\n{'':<24} lines/s   of one   p50 ms   p99 ms")
    for name in (ALONE, ROOM):
        middle, high = (statistics.median(values) for values in zip(*delays[name], strict=True))
        ratio = peers.ratios(lines[name], lines[ALONE])
        many = f"{statistics.median(lines[name]):>7,.0f}"
        print(f"{name:<24} {many}   x{ratio:.2f}   {middle:>6.1f}   {high:>6.1f}")


if __name__ == "__main__":
    compare(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
