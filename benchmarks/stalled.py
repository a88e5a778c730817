"""Requests beside a reader that stalls: `python benchmarks/stalled.py [ROUNDS]`.

serve-http tells of 100,000 requests as JSON lines: to a reader that reads, then to one that takes the ready
line and nothing more, in turns. The second must not be slower than 0.9 of the first, SIGTERM must end it
within three seconds, and a second signal at once.
"""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from typing import Any

import peers

REQUESTS = 100_000
IN_FLIGHT = 50
REQUEST = b"GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n"


@contextmanager
def told(folder: str, *, read: bool) -> Any:
    """A server and its port; somebody reads what it tells, or nobody after the first line."""
    command = [*peers.PYNETDB, "serve-http", folder, "--port", "0", "--format", "jsonl", "--quiet"]
    environment = {**os.environ, "PYTHONPATH": str(peers.ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, preexec_fn=peers.on_core(0), env=environment
    ) as process:
        port = json.loads(process.stdout.readline())["port"]
        if read:
            threading.Thread(target=process.stdout.read, daemon=True).start()
        try:
            yield process, port
        finally:
            process.kill()


def requests_a_second(process: Any, port: int) -> tuple[float, float]:
    """Return the rate, and the processor's seconds that they took: those do not mind a busy machine."""
    cpu = peers.cpu_seconds(process.pid)
    with socket.create_connection(("127.0.0.1", port), 30) as sock:
        sock.sendall(REQUEST)
        size = len(sock.recv(1 << 16))
        began = time.perf_counter()
        for _ in range(REQUESTS // IN_FLIGHT):
            sock.sendall(REQUEST * IN_FLIGHT)
            left = size * IN_FLIGHT
            while left:
                left -= len(sock.recv(1 << 16))
        seconds = time.perf_counter() - began
        return REQUESTS / seconds, peers.cpu_seconds(process.pid) - cpu


def seconds_to_end(process: Any, *signals: int) -> float:
    began = time.perf_counter()
    for number in signals:
        process.send_signal(number)
        time.sleep(0.05)
    process.wait(60)
    return time.perf_counter() - began


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {1})
    print(peers.machine())
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/small", "wb") as file:
            file.write(b"small\n")
        for _ in range(rounds):
            with told(folder, read=True) as (process, port):
                reading, cpu = requests_a_second(process, port)
            with told(folder, read=False) as (process, port):
                stalled, cpu_stalled = requests_a_second(process, port)
                once = seconds_to_end(process, signal.SIGTERM)
            with told(folder, read=False) as (process, port):
                requests_a_second(process, port)
                twice = seconds_to_end(process, signal.SIGTERM, signal.SIGTERM)
            ratios.append(stalled / reading)
            print(
                f"  {reading:8.0f} requests/s read, {stalled:8.0f} stalled; processor {cpu:.2f} and "
                f"{cpu_stalled:.2f} s; "
                f"ends in {once:.2f} s, told twice {twice:.2f} s"
            )
    print(f"  stalled of read: {statistics.median(ratios):.2f}")
