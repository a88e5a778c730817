"""`serve-http --workers` beside one process, under wrk: `python benchmarks/workers.py [ROUNDS]`.

All processes of a server share core 0, so that each turn of a loop has as much to do in both: what is
compared is the processor's time a request. More than two cores would show what the workers gain.
"""

import os
import statistics
import sys
from contextlib import ExitStack

import http_files
import peers

WORKERS = tuple(map(str, sorted({0, 1, os.cpu_count() or 1})))
LIMIT = 1.15


def command(port: int, workers: str) -> list[str]:
    """A server of the site; with no workers the process serves by itself."""
    more = ["--workers", workers] if workers != "0" else []
    return [*peers.PYNETDB, "serve-http", str(http_files.SITE), "--port", str(port), "--quiet", *more]


def main(rounds: int) -> None:
    http_files.make_site()
    print(peers.machine(), f"{rounds} rounds of {http_files.SECONDS} s", sep="; ")
    ports = {workers: peers.free_port() for workers in WORKERS}
    used: dict[str, list[float]] = {workers: [] for workers in WORKERS}
    rates: dict[str, list[float]] = {workers: [] for workers in WORKERS}
    with ExitStack() as stack:
        pids = {
            workers: stack.enter_context(peers.server(command(port, workers), port)).pid
            for workers, port in ports.items()
        }
        for turn in range(rounds):
            for workers in peers.rotated(WORKERS, turn):
                rate, _, processor = http_files.loaded(ports[workers], pids[workers], "1 KiB")
                rates[workers].append(rate)
                used[workers].append(processor)
    for workers in WORKERS:
        ratio = peers.ratios(used[workers], used["0"])
        told = f"CPU x{ratio:.2f} of one process" + (f", at most {LIMIT}" if workers != "0" else "")
        name = f"{workers} workers" if workers != "0" else "one process"
        print(f"  {name:<12} {statistics.median(rates[workers]):9,.0f}/s  {told}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
