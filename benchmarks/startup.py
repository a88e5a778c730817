"""How long a command takes to start, in turns with Python itself: `python benchmarks/startup.py [ROUNDS]`."""

import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict

import peers

COMMANDS = {
    "import click": [sys.executable, "-c", "import click"],
    "pass": [sys.executable, "-c", "pass"],
    "pynetdb --version": [*peers.PYNETDB, "--version"],
    "pynetdb --help": [*peers.PYNETDB, "--help"],
    "pynetdb serve-echo --help": [*peers.PYNETDB, "serve-echo", "--help"],
    "import click, socket": [sys.executable, "-c", "import click, socket"],
    "serve-echo, start and end": [*peers.PYNETDB, "serve-echo", "--port", "0", "--quiet", "--for", "1ms"],
    "import sqlite3": [sys.executable, "-c", "import sqlite3"],
    "db-query of one row": [*peers.PYNETDB, "db-query", ":memory:", "select 1", "-f", "csv"],
    "serve-echo until ready": [*peers.PYNETDB, "serve-echo", "--port", "0", "--quiet", "--format", "jsonl"],
}
REFERENCE = "import click"


def seconds(command: list[str], env: dict[str, str]) -> float:
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout
        if "jsonl" in command:
            process.stdout.readline()
            taken = time.perf_counter() - start
            process.kill()
            return taken
        process.wait()
        return time.perf_counter() - start


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    # As installed: with its modules compiled once, whatever this shell is set to.
    env = {**os.environ, "PYTHONPATH": str(peers.ROOT), "PYTHONPYCACHEPREFIX": str(peers.BUILD / "pycache")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    for command in COMMANDS.values():
        seconds(command, env)
    values: dict[str, list[float]] = defaultdict(list)
    for turn in range(rounds):
        for name in peers.rotated(list(COMMANDS), turn):
            values[name].append(seconds(COMMANDS[name], env))
    print(peers.machine(), f"{rounds} rounds", sep="; ")
    for name, series in values.items():
        ratio = peers.ratios(series, values[REFERENCE])
        print(f"  {name:<28} {statistics.median(series) * 1000:6.1f} ms   x{ratio:.2f} of {REFERENCE}")
