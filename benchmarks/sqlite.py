"""A million rows in and out, in turns with others: `python benchmarks/sqlite.py [ROUNDS] [SLOW_ROUNDS]`.

The data are those of ../shared/bench/gen_data.py, 61 MB of CSV. sqlite-utils takes a minute or more a run, so
it gets SLOW_ROUNDS of its own (0 leaves it out).
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict

import peers

DATA = peers.BUILD / "data"
CSV, JSONL, FULL = DATA / "rows.csv", DATA / "rows.jsonl", DATA / "full.db"
TARGET = peers.BUILD / "target.db"
TABLE = "create table t(id integer,name text,note text,price real,day text)"
IMPORT = ["sqlite3", str(TARGET), TABLE, f".import --csv --skip 1 {CSV} t"]
INSERT = [*peers.PYNETDB, "db-insert", str(TARGET), "t", "--create", "--quiet", "--from"]
QUERY = [*peers.PYNETDB, "db-query", str(FULL), "select * from t", "-f"]
SHELL = ["sqlite3", "-header", str(FULL), "select * from t"]
UTILS = shutil.which("sqlite-utils") or "sqlite-utils"

# What it is, the command, its standard input, and whether one processor is all it gets.
INTO = {
    "sqlite3 .import": (IMPORT, None, False),
    "C": ([peers.built("srv/cins.c", "-lsqlite3"), str(CSV), str(TARGET), "full"], None, False),
    "ours, file": ([*INSERT, str(CSV)], None, False),
    "ours, pipe": ([*INSERT, "-"], CSV, False),
    "ours, file, one processor": ([*INSERT, str(CSV)], None, True),
    "ours, JSON lines": ([*INSERT, str(JSONL)], None, False),
    "prototype, JSON lines": (
        [sys.executable, str(peers.BENCH / "pyins.py"), "jsonl-sql", str(JSONL), str(TARGET)],
        None,
        False,
    ),
}
OUT = {
    f"sqlite3 -{form}": ([*SHELL[:1], f"-{form}", *SHELL[1:]], None, False)
    for form in ("csv", "json", "table")
}
OUT |= {f"ours, {form}": ([*QUERY, form], None, False) for form in ("csv", "json", "jsonl", "table")}
OF = {"ours, csv": "sqlite3 -csv", "ours, table": "sqlite3 -table"}
OF |= dict.fromkeys(("ours, json", "ours, jsonl"), "sqlite3 -json")
SLOW = {
    "sqlite3 .import": INTO["sqlite3 .import"],
    "ours, file": INTO["ours, file"],
    "ours, JSON lines": INTO["ours, JSON lines"],
    "sqlite-utils --csv": ([UTILS, "insert", str(TARGET), "t", str(CSV), "--csv"], None, False),
    "sqlite-utils --nl": ([UTILS, "insert", str(TARGET), "t", str(JSONL), "--nl"], None, False),
}  # fmt: skip


def measured(case: tuple[list[str], object, bool], env: dict[str, str]) -> tuple[float, float]:
    """Seconds, and MB of memory at most."""
    command, source, alone = case
    for path in (TARGET, f"{TARGET}-journal"):
        if os.path.exists(path):
            os.unlink(path)
    start = time.perf_counter()
    with open(str(source or os.devnull), "rb") as stdin:
        # A pipe, not the file itself: what can be rewound is not a pipe.
        feeder = subprocess.Popen(["cat"], stdin=stdin, stdout=subprocess.PIPE) if source else None
        process = subprocess.Popen(
            command,
            stdin=feeder.stdout if feeder else stdin,
            stdout=subprocess.DEVNULL,
            env=env,
            preexec_fn=peers.on_core(0) if alone else None,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        taken = time.perf_counter() - start
        if feeder:
            feeder.wait()
    assert status == 0, command
    return taken, usage.ru_maxrss / 1024


def compare(
    title: str, cases: dict[str, tuple[list[str], object, bool]], rounds: int, of: dict[str, str], other: str
) -> None:
    values: dict[str, list[float]] = defaultdict(list)
    memory: dict[str, float] = defaultdict(float)
    for turn in range(rounds):
        for name in peers.rotated(list(cases), turn):
            taken, peak = measured(cases[name], env)
            values[name].append(taken)
            memory[name] = max(memory[name], peak)
    print(f"{title}, {rounds} rounds")
    for name, series in values.items():
        reference = of.get(name, other)
        speed = peers.ratios(values[reference], series) if reference in values else float("nan")
        figures = f"{statistics.median(series):6.2f} s  {memory[name]:5.0f} MB  x{speed:.2f}"
        print(f"  {name:<28} {figures} the speed of {reference}")


def make_data() -> None:
    """The rows to read, as CSV and JSON lines, and the same in a database."""
    if not CSV.exists():
        peers.BUILD.mkdir(exist_ok=True)
        subprocess.run([sys.executable, str(peers.BENCH / "gen_data.py")], cwd=peers.BUILD, check=True)
    if not FULL.exists():
        subprocess.run(["sqlite3", str(FULL), TABLE, f".import --csv --skip 1 {CSV} t"], check=True)


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    slow_rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    env = {**os.environ, "PYTHONPATH": str(peers.ROOT), "PYTHONPYCACHEPREFIX": str(peers.BUILD / "pycache")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    make_data()
    print(peers.machine())
    compare(
        "a million rows in", INTO, rounds, {"ours, JSON lines": "prototype, JSON lines"}, "sqlite3 .import"
    )
    compare("a million rows out", OUT, rounds, OF, "sqlite3 -csv")
    if slow_rounds and shutil.which(UTILS):
        of = {"ours, JSON lines": "sqlite-utils --nl"}
        compare("beside sqlite-utils", SLOW, slow_rounds, of, "sqlite-utils --csv")
