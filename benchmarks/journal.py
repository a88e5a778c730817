"""Journals at full size: do they agree with what was counted, and what do they cost?

`python benchmarks/journal.py [ROUNDS]` (default 5): 5,000 echoes, a chat of 100 members, 10,000 datagrams,
row for row; then the speed of serve-echo and serve-http with a journal as a part of that without one. Needs
a C compiler, ../shared/bench and wrk. `python benchmarks/journal.py writer [ROUNDS]`: rows a second that the
writer brings into a file and, where there is one, into a PostgreSQL with fsync on, and at which price for us.
"""

import json
import os
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import peers

LOADS = {
    "100 connections, 64 B, round trips/s": ["-m", "pp", "-c", "100", "-s", "64"],
    "churn, connections/s": ["-m", "churn", "-c", "20", "-s", "64"],
}


@contextmanager
def held(*words: str) -> Iterator[int]:
    """A server of ours on core 0, ended by SIGTERM as a user would; gives its port."""
    env = {**os.environ, "PYTHONPATH": str(peers.ROOT)}
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready"
        command = [*peers.PYNETDB, *words, "--quiet", "--port", "0", "--ready-file", str(ready)]
        with subprocess.Popen(
            command, preexec_fn=peers.on_core(0), env=env, stdout=subprocess.DEVNULL
        ) as process:
            try:
                while not ready.exists():
                    time.sleep(0.01)
                yield json.loads(ready.read_text())["port"]
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)


def count(path: Path, sql: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT sum(lost) FROM runs").fetchone() == (0,)
        return int(connection.execute(sql).fetchone()[0])


def agree(what: str, counted: int, recorded: int) -> None:
    print(f"{what}: {counted} counted, {recorded} recorded{'' if counted == recorded else ': THEY DIFFER'}")


def echoes(folder: Path, number: int = 5000) -> None:
    path = folder / "echo.db"
    with held("serve-echo", "--journal", str(path)) as port:
        for _ in range(number):
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(b"x")
                client.recv(1)
    agree("echo, a connection each", number, count(path, "SELECT sum(bytes_out) FROM connections"))


def chat(folder: Path, members: int = 100, lines: int = 20) -> None:
    path = folder / "chat.db"
    with held("chat-server", "--rate", "0", "--journal", str(path)) as port:
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(members)]
        said = b"".join(b"MESSAGE line %d\n" % line for line in range(lines))
        for number, client in enumerate(clients):
            client.sendall(b"ADD m%d\n" % number + said + b"QUIT\n")
        for client in clients:
            while client.recv(65536):
                pass
            client.close()
    agree("chat, lines said", members * lines, count(path, "SELECT count(*) FROM messages"))
    agree("chat, who was there", members, count(path, "SELECT count(*) FROM members WHERE reason = 'quit'"))


def datagrams(folder: Path, number: int = 10_000) -> None:
    path = folder / "udp.db"
    with held("udp-recv", "--journal", str(path)) as port:
        words = ["udp-send", "x" * 64, "--count", str(number), "--sequence", "--rate", "10000", "--quiet"]
        where = ["--port", str(port), "--journal", str(path)]
        subprocess.run([*peers.PYNETDB, *words, *where], preexec_fn=peers.on_core(1), check=True)
        time.sleep(0.5)
    for direction in ("sent", "received"):
        rows = count(path, f"SELECT count(*) FROM datagrams WHERE direction = '{direction}'")
        agree(f"datagrams {direction}", number, rows)


def echo_speed(port: int, options: list[str]) -> float:
    command = [peers.built("load/tcpload.c"), "-p", str(port), "-t", "1", "-w", "0.2", *options]
    done = subprocess.run(command, capture_output=True, preexec_fn=peers.on_core(1), check=True, timeout=60)
    return float(json.loads(done.stdout)["ops_s"])


def http_speed(port: int) -> tuple[float, int]:
    """Requests a second, and how many in all."""
    command = ["wrk", "-t", "1", "-c", "32", "-d", "2s", f"http://127.0.0.1:{port}/a.txt"]
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=peers.on_core(1), check=True)
    speed = re.search(r"Requests/sec: +([0-9.]+)", done.stdout)
    total = re.search(r"([0-9]+) requests in", done.stdout)
    assert speed is not None
    assert total is not None
    return float(speed[1]), int(total[1])


def costs(folder: Path, rounds: int) -> None:
    site = folder / "site"
    site.mkdir()
    (site / "a.txt").write_text("hello\n")
    ratios: dict[str, list[float]] = {}
    for turn in range(rounds):
        for what, options in LOADS.items():
            speeds = []
            for more in ([], ["--journal", str(folder / f"e{turn}{len(ratios)}.db")]):
                with held("serve-echo", *more) as port:
                    speeds.append(echo_speed(port, options))
            ratios.setdefault(f"serve-echo, {what}", []).append(speeds[1] / speeds[0])
        path = folder / f"h{turn}.db"
        speeds = []
        for more in ([], ["--journal", str(path)]):
            with held("serve-http", str(site), *more) as port:
                speed, total = http_speed(port)
                speeds.append(speed)
        recorded = count(path, "SELECT count(*) FROM requests WHERE status = 200")
        # wrk leaves while the last requests of its 32 connections are answered.
        print(f"http: {speeds[0]:.0f}/s, journaled {speeds[1]:.0f}/s; {total} counted, {recorded} recorded")
        ratios.setdefault("serve-http", []).append(speeds[1] / speeds[0])
    for what, values in ratios.items():
        print(f"with a journal, of the speed without: {what}: {statistics.median(values):.2f}")


_TIME = "2026-01-01T00:00:00.000000Z"
ROWS = {
    "datagrams": ("datagram", lambda run, n: (run, _TIME, "received", "a:1", 64, n, 0, None)),
    "messages": ("message", lambda run, n: (run, None, _TIME, "Ann", None, f"line {n}", 9)),
    "requests": ("served", lambda run, n: (run, None, _TIME, "GET", "/", 200, 5, 0.1, None)),
    "connections opened": ("opened", lambda run, n: (run, n, "a:1", _TIME)),
}  # fmt: skip


def writer_speed(place: str, rounds: int, total: int = 20_000) -> None:
    """Rows a second by the clock, and by our own processor time alone."""
    from pynetdb.journal.sink import DatabaseSink

    for what, (name, make) in ROWS.items():
        for size in (100, 1000, 5000):
            clock, own = [], []
            for _ in range(rounds):
                sink = DatabaseSink(place)
                run = sink.begin_run("benchmark", "1", 0.0, None)
                batches = [
                    [(name, make(run, number)) for number in range(first, first + size)]
                    for first in range(0, total, size)
                ]
                began = time.perf_counter(), time.process_time()
                for batch in batches:
                    assert sink.write(batch) == 0
                clock.append(total / (time.perf_counter() - began[0]))
                own.append(total / (time.process_time() - began[1]))
                sink.close()
            speeds = f"{statistics.median(clock):9.0f}/s, {statistics.median(own):9.0f} a second of ours"
            print(f"  {what}, {size} a commit: {speeds}")


def writer(rounds: int) -> None:
    sys.path.insert(0, str(peers.ROOT / "tests"))
    from postgres import find_binaries, run_server

    with tempfile.TemporaryDirectory() as name:
        print("SQLite")
        writer_speed(str(Path(name) / "writer.db"), rounds)
    for which, binaries in find_binaries().items():
        settings = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
        with run_server(binaries, **settings, shared_buffers="128MB") as postgres:
            print(f"PostgreSQL, {which}")
            writer_speed(postgres.empty("writer"), rounds)


def main() -> None:
    if sys.argv[1:2] == ["writer"]:
        print(peers.machine())
        writer(int(sys.argv[2]) if len(sys.argv) > 2 else 5)
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(peers.machine(), f"{rounds} rounds", sep="; ")
    with tempfile.TemporaryDirectory() as name:
        for check in (echoes, chat, datagrams):
            check(Path(name))
        costs(Path(name), rounds)


if __name__ == "__main__":
    main()
