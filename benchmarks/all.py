"""The figures that the README states, measured again: `python benchmarks/all.py [--quick] [FIGURE...]`.

Prints one Markdown table with the machine and this Python: for each figure the median of ours and of the
peer, the median of the paired ratios and their spread (the middle half), and the floor of floors.toml. Exits
with 1 if a floor does not hold. --quick takes seven rounds (about five minutes), without it there are 15.
Peers that are not installed are named, and their figures left out. Run it by another Python to measure that
one: it needs click and tabulate there.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import peers

Measure = Callable[[], float]


class Figure(NamedTuple):
    """One line of the table. `prepare` gives what measures us and what measures the peer, for its block."""

    what: str
    unit: str
    peer: str
    prepare: Callable[[], Any]
    needs: tuple[str, ...] = ()
    """Programs that must be there."""
    inverse: bool = False
    """Whether less is better and the ratio is one of speeds all the same: for times of the same work."""


@contextmanager
def both(ours: list[str], peer: list[str]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Our server and the peer's, each with its port and process id."""
    with ExitStack() as stack:
        found = []
        for command in (ours, peer):
            port = peers.free_port()
            found.append((port, stack.enter_context(peers.server(command, port)).pid))
        yield found[0], found[1]


@contextmanager
def echo(
    options: list[str], *, cpu: bool = False, peer: str = "C epoll"
) -> Iterator[tuple[Measure, Measure]]:
    import echo as bench

    commands = bench.commands()

    def measure(port: int, pid: int) -> float:
        before = peers.cpu_seconds(pid)
        result = bench.load(port, options)
        if not cpu:
            return result["ops_s"]
        return (peers.cpu_seconds(pid) - before) * 1e6 / (result["ops_s"] * (result["secs"] + 0.15))

    with both(commands[bench.OURS], commands[peer]) as (ours, theirs):
        yield lambda: measure(*ours), lambda: measure(*theirs)


@contextmanager
def chat(members: int, messages: int, *, same_words: bool = False) -> Iterator[tuple[Measure, Measure]]:
    import chat as bench

    commands = bench.commands()

    def measure(name: str) -> float:
        return float(bench.measured(name, commands[name], ["-c", str(members), "-n", str(messages)])["del_s"])

    peer = bench.SAME_WORDS if same_words else bench.REFERENCE
    yield lambda: measure(bench.OURS), lambda: measure(peer)


@contextmanager
def http(load: str, *, cpu: bool = False) -> Iterator[tuple[Measure, Measure]]:
    import http_files as bench

    bench.make_site()
    ports = {name: peers.free_port() for name in bench.NAMES}
    commands = bench.commands(ports)
    with (
        peers.server(commands["ours"], ports["ours"]) as ours,
        peers.server(commands["nginx"], ports["nginx"]) as theirs,
    ):

        def measure(name: str, pid: int) -> float:
            return bench.loaded(ports[name], pid, load)[2 * cpu]

        yield lambda: measure("ours", ours.pid), lambda: measure("nginx", theirs.pid)


@contextmanager
def rows(ours: str, peer: str) -> Iterator[tuple[Measure, Measure]]:
    import sqlite as bench

    bench.make_data()
    cases = {**bench.INTO, **bench.OUT}
    yield (
        lambda: bench.measured(cases[ours], environment())[0],
        lambda: bench.measured(cases[peer], environment())[0],
    )


@contextmanager
def start(ours: list[str], peer: str) -> Iterator[tuple[Measure, Measure]]:
    def measure(command: list[str]) -> float:
        # Several, since one takes less than a clock tick of whatever else the machine does.
        began = time.perf_counter()
        for _ in range(5):
            subprocess.run(command, check=True, env=environment(), stdout=subprocess.DEVNULL)
        return (time.perf_counter() - began) / 5

    with ExitStack() as stack:
        if ours[0] == "time-query":
            port = peers.free_port()
            stack.enter_context(_time_server(port))
            ours = [*ours, f"127.0.0.1:{port}"]
        command = [*peers.PYNETDB, *ours]
        measure(command)  # Compiles what is not compiled yet.
        yield lambda: measure(command), lambda: measure([sys.executable, "-c", peer])


@contextmanager
def _time_server(port: int) -> Iterator[None]:
    command = [*peers.PYNETDB, "serve-time", "--port", str(port), "--answer-rate", "0", "-qf", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            yield
        finally:
            process.kill()


def environment() -> dict[str, str]:
    """As installed: with its modules compiled once, whatever this shell is set to."""
    env = {**os.environ, "PYTHONPATH": str(peers.ROOT), "PYTHONPYCACHEPREFIX": str(peers.BUILD / "pycache")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env


PING = ["-m", "pp", "-c", "100", "-s", "64"]
CHURN = ["-m", "churn", "-c", "20", "-s", "64"]
QUERY = ["db-query", ":memory:", "select 1"]

FIGURES = {
    "echo-100": Figure("echo, 100 connections", "/s", "C epoll", lambda: echo(PING), ("cc",)),
    "echo-uvloop": Figure(
        "the same", "/s", "uvloop", lambda: echo(PING, peer="uvloop Protocol"), ("cc", "uvloop")
    ),
    "echo-plain": Figure(
        "the same", "/s", "a plain loop in Python", lambda: echo(PING, peer="plain epoll loop"), ("cc",)
    ),
    "echo-churn": Figure(
        "a new connection, processor", "us", "C epoll", lambda: echo(CHURN, cpu=True), ("cc",)
    ),
    "echo-churn-plain": Figure(
        "the same",
        "us",
        "a plain loop in Python",
        lambda: echo(CHURN, cpu=True, peer="plain epoll loop"),
        ("cc",),
    ),
    "chat-100": Figure("chat, 100 members", "deliveries/s", "C epoll", lambda: chat(100, 1000), ("cc",)),
    "chat-100-words": Figure(
        "the same", "deliveries/s", "C, same words", lambda: chat(100, 1000, same_words=True), ("cc",)
    ),
    "chat-500": Figure("chat, 500 members", "deliveries/s", "C epoll", lambda: chat(500, 300), ("cc",)),
    "chat-500-words": Figure(
        "the same", "deliveries/s", "C, same words", lambda: chat(500, 300, same_words=True), ("cc",)
    ),
    "http-1k": Figure("HTTP, 1 KiB", "/s", "nginx", lambda: http("1 KiB"), ("wrk", "nginx")),
    "http-100k": Figure("HTTP, 100 KiB", "/s", "nginx", lambda: http("100 KiB"), ("wrk", "nginx")),
    "http-10m-cpu": Figure(
        "HTTP, 10 MiB, processor", "us", "nginx", lambda: http("10 MiB", cpu=True), ("wrk", "nginx")
    ),
    "csv-in": Figure(
        "CSV in", "s", ".import", lambda: rows("ours, file", "sqlite3 .import"), ("sqlite3", "cc"), True
    ),
    "csv-out": Figure(
        "CSV out", "s", "sqlite3 -csv", lambda: rows("ours, csv", "sqlite3 -csv"), ("sqlite3", "cc"), True
    ),
    "json-out": Figure(
        "JSON out", "s", "sqlite3 -json", lambda: rows("ours, json", "sqlite3 -json"), ("sqlite3", "cc"), True
    ),
    "version": Figure("--version", "s", "import click", lambda: start(["--version"], "import click")),
    "time-query": Figure(
        "time-query", "s", "import click, socket", lambda: start(["time-query"], "import click, socket")
    ),
    "db-query": Figure("db-query of a row", "s", "import sqlite3", lambda: start(QUERY, "import sqlite3")),
}  # fmt: skip


def has(program: str) -> bool:
    """Whether a program, or a module for this Python, is installed."""
    if program == "uvloop":
        import importlib.util

        return importlib.util.find_spec("uvloop") is not None
    return shutil.which(program) is not None


def measure(figure: Figure, rounds: int) -> tuple[float, float, list[float]]:
    """The medians of ours and of the peer, and the paired ratios in order."""
    ours: list[float] = []
    theirs: list[float] = []
    with figure.prepare() as (our_measure, their_measure):
        for turn in range(rounds):
            # Nobody is always first.
            for mine in (True, False) if turn % 2 else (False, True):
                (ours if mine else theirs).append((our_measure if mine else their_measure)())
    pairs = zip(theirs, ours, strict=True) if figure.inverse else zip(ours, theirs, strict=True)
    return statistics.median(ours), statistics.median(theirs), sorted(a / b for a, b in pairs)


def holds(ratio: float, floor: dict[str, float]) -> bool:
    return floor.get("least", 0.0) <= ratio <= floor.get("most", float("inf"))


def shown(value: float, unit: str) -> str:
    return f"{value * 1000:.0f} ms" if unit == "s" else f"{value:,.0f} {unit}".replace(" /", "/")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="seven rounds, about five minutes")
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(FIGURES))
    words = parser.parse_args()
    if unknown := set(words.figures) - FIGURES.keys():
        parser.error(f"no such figure: {', '.join(sorted(unknown))}")
    rounds = 7 if words.quick else 15
    floors = tomllib.loads(Path(__file__).with_name("floors.toml").read_text())
    if unknown := floors.keys() - FIGURES.keys():
        parser.error(f"floors.toml: no such figure: {', '.join(sorted(unknown))}")
    print(f"{peers.machine()}; {rounds} rounds\n")
    print("| | ours | peer | ratio | middle half | floor |\n|---|---|---|---|---|---|")
    broken = []
    for name in words.figures or FIGURES:
        figure = FIGURES[name]
        if missing := [program for program in figure.needs if not has(program)]:
            print(f"not installed, left out: {name} ({', '.join(missing)})", file=sys.stderr)
            continue
        ours, theirs, ratios = measure(figure, rounds)
        low, ratio, high = (ratios[int(len(ratios) * part)] for part in (0.25, 0.5, 0.75))
        floor = floors.get(name, {})
        limit = ", ".join(f"{word} {number}" for word, number in floor.items())
        print(
            f"| {figure.what} | {shown(ours, figure.unit)} | {figure.peer}: {shown(theirs, figure.unit)} "
            f"| {ratio:.2f} | {low:.2f} to {high:.2f} | {limit} |",
            flush=True,
        )
        if not holds(ratio, floor):
            broken.append(f"{name}: {ratio:.2f}, expected {limit}")
    for line in broken:
        print(f"floor broken: {line}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
