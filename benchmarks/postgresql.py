"""Rows into PostgreSQL and out, in turns with psql: `python benchmarks/postgresql.py [ROUNDS] [ROWS]`.

A server of its own on a Unix socket, with fsync on; a million rows of five columns by default.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import peers

sys.path.insert(0, str(peers.ROOT / "tests"))
from postgres import Server, find_binaries, run_server

TABLE = "create table t (id bigint, name text, amount numeric, day date, note text)"
# What it is measured against, and the least that it is to be.
FLOORS = {
    "CSV in": ("\\copy in", 0.7),
    "CSV in, table made": ("\\copy in", 0.5),
    "JSON lines in": ("\\copy in", 0.5),
    "CSV out": ("\\copy out", 0.75),
    "JSON lines out": ("\\copy out", 0.5),
    "table out": ("psql's table", 1.3),
}


def make_data(rows: int) -> tuple[Path, Path]:
    """The rows as CSV and as JSON lines."""
    peers.BUILD.mkdir(exist_ok=True)
    csv, lines = peers.BUILD / f"pg-{rows}.csv", peers.BUILD / f"pg-{rows}.jsonl"
    if csv.exists() and lines.exists():
        return csv, lines
    numbers = random.Random(1)
    with open(csv, "w") as first, open(lines, "w") as second:
        first.write("id,name,amount,day,note\n")
        for i in range(rows):
            amount = f"{numbers.randrange(10**6)}.{numbers.randrange(10, 100)}"
            row = [
                i,
                f"name {i}",
                amount,
                f"20{i % 90 + 10}-0{i % 9 + 1}-1{i % 10}",
                "x" * numbers.randrange(20),
            ]
            first.write(",".join(map(str, row)) + "\n")
            row[2] = float(amount)
            second.write(
                json.dumps(dict(zip(("id", "name", "amount", "day", "note"), row, strict=True))) + "\n"
            )
    return csv, lines


def cases(server: Server, csv: Path, lines: Path) -> dict[str, tuple[str, list[str]]]:
    """What each is called: the SQL before it, and the command."""
    url = server.url("bench")
    psql = [*server.program("psql"), "--no-psqlrc", "--quiet", "bench", "--command"]
    into = [*peers.PYNETDB, "db-insert", url, "t", "--quiet", "--from"]
    query = [*peers.PYNETDB, "db-query", url, "select * from full_table", "--format"]
    empty, none = f"drop table if exists t; {TABLE}", "drop table if exists t"
    return {
        "\\copy in": (empty, [*psql, f"\\copy t from '{csv}' csv header"]),
        "CSV in": (empty, [*into, str(csv)]),
        "CSV in, table made": (none, [*into, str(csv), "--create"]),
        "JSON lines in": (empty, [*into, str(lines)]),
        "\\copy out": ("select 1", [*psql, "\\copy full_table to stdout csv header"]),
        "CSV out": ("select 1", [*query, "csv"]),
        "JSON lines out": ("select 1", [*query, "jsonl"]),
        "psql's table": ("select 1", [*psql, "select * from full_table"]),
        "table out": ("select 1", [*query, "table"]),
    }


def measured(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Seconds, and MB of memory at most."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=env)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0, command
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main(rounds: int, rows: int) -> None:
    env = {**os.environ, "PYTHONPATH": str(peers.ROOT), "PYTHONPYCACHEPREFIX": str(peers.BUILD / "pycache")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    csv, lines = make_data(rows)
    settings = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "shared_buffers": "128MB",
    }
    with run_server(find_binaries()["system"], **settings) as server:
        server.empty("bench")
        server.execute(TABLE.replace("table t", "table full_table"), "bench")
        psql = [*server.program("psql"), "--quiet", "bench", "--command"]
        subprocess.run([*psql, f"\\copy full_table from '{csv}' csv header"], check=True)
        server.execute("vacuum analyze full_table", "bench")
        every = cases(server, csv, lines)
        seconds: dict[str, list[float]] = defaultdict(list)
        memory: dict[str, float] = defaultdict(float)
        for turn in range(rounds):
            for name in peers.rotated(list(every), turn):
                before, command = every[name]
                server.execute(before, "bench")
                taken, peak = measured(command, env)
                seconds[name].append(taken)
                memory[name] = max(memory[name], peak)
    print(peers.machine())
    for name, series in seconds.items():
        reference, floor = FLOORS.get(name, (name, 0.0))
        ratio = peers.ratios(seconds[reference], series)
        wanted = f" of {reference}, at least {floor}" if floor else ""
        print(
            f"  {name:<20} {statistics.median(series):6.2f} s  {memory[name]:5.0f} MB  x{ratio:.2f}{wanted}"
        )


if __name__ == "__main__":
    main(*(int(word) for word in [*sys.argv[1:], *["5", "1000000"][len(sys.argv) - 1 :]]))
