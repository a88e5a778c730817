"""Our echo server beside its peers, in turns: `python benchmarks/echo.py [ROUNDS]` (default 9).

Prints for each load the median and the median of the ratios to the C server of the same round. Then the
cost of 10,000 idle connections. Needs a C compiler and ../shared/bench; socat, and uvloop in this
Python, if they are to be among the peers.
"""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack

import peers

LOADS = {
    "1 connection, 64 B, round trips/s": ["-m", "pp", "-c", "1", "-s", "64"],
    "100 connections, 64 B, round trips/s": ["-m", "pp", "-c", "100", "-s", "64"],
    "stream, 64 KiB, MB/s": ["-m", "stream", "-c", "1", "-s", "65536"],
    "churn, server's CPU us/connection": ["-m", "churn", "-c", "20", "-s", "64"],
}
REFERENCE = "C epoll"
OURS = "pynetdb"


def commands() -> dict[str, list[str]]:
    prototypes = str(peers.BENCH / "srv" / "pyecho.py")
    echo = peers.built("srv/cecho.c")
    found = {
        REFERENCE: [echo, "PORT"],
        OURS: [*peers.PYNETDB, "serve-echo", "--quiet", "--port", "PORT", "--max-clients", "20000"],
        "plain epoll loop": [sys.executable, prototypes, "epoll", "PORT"],
        "asyncio Protocol": [sys.executable, prototypes, "proto", "PORT"],
        "asyncio streams": [sys.executable, prototypes, "streams", "PORT"],
        "socat fork": ["socat", "TCP-LISTEN:PORT,bind=127.0.0.1,reuseaddr,fork,backlog=1024,nodelay", "PIPE"],
        "C epoll again": [echo, "PORT"],
    }
    if importlib.util.find_spec("uvloop"):
        found["uvloop Protocol"] = [sys.executable, prototypes, "uv-proto", "PORT"]
    else:
        print("not installed, left out: uvloop Protocol")
    return {name: list(command) for name, command in peers.available(found).items()}


def load(port: int, options: list[str]) -> dict[str, float]:
    command = [peers.built("load/tcpload.c"), "-p", str(port), "-t", "0.5", "-w", "0.15", *options]
    done = subprocess.run(command, capture_output=True, preexec_fn=peers.on_core(1), check=True, timeout=60)
    return json.loads(done.stdout)


def compare(rounds: int) -> None:
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    tails: dict[str, list[float]] = defaultdict(list)
    with ExitStack() as stack:
        servers = {}
        for name, command in commands().items():
            port = peers.free_port()
            servers[name] = (port, stack.enter_context(peers.server(command, port)).pid)
        for turn in range(rounds):
            for what, options in LOADS.items():
                for name in peers.rotated(list(servers), turn):
                    if name == "socat fork" and "churn" in what:
                        continue  # Its CPU is that of its children.
                    port, pid = servers[name]
                    before = peers.cpu_seconds(pid)
                    result = load(port, options)
                    if "CPU" in what:
                        # The load counts after its warm-up, the CPU runs from the start.
                        connections = result["ops_s"] * (result["secs"] + 0.15)
                        value = (peers.cpu_seconds(pid) - before) * 1e6 / connections
                    else:
                        value = result["MBs"] if "MB/s" in what else result["ops_s"]
                    values[what, name].append(value)
                    if "100 connections" in what:
                        tails[name].append(result["p99us"])
    print(peers.machine(), f"{rounds} rounds", sep="; ")
    for what in LOADS:
        print(f"\n{what}")
        for name in servers:
            if series := values[what, name]:
                ratio = peers.ratios(series, values[what, REFERENCE])
                print(f"  {name:<18} {statistics.median(series):>10,.0f}   x{ratio:.2f} of C")
    print("\np99 at 100 connections, us")
    for name, series in tails.items():
        ratio = peers.ratios(series, tails[REFERENCE])
        print(f"  {name:<18} {statistics.median(series):>10,.0f}   x{ratio:.2f} of C")


def idle(rounds: int) -> None:
    print("\n10,000 idle connections: memory each, and what 100 active ones notice")
    command = commands()[OURS]
    rates: dict[int, list[float]] = {0: [], 10_000: []}
    costs: list[float] = []
    for _ in range(rounds):
        for count, series in rates.items():
            port = peers.free_port()
            with peers.server(command, port) as server:
                time.sleep(0.3)
                before = peers.resident(server.pid)
                options = ["-m", "pp", "-c", "100", "-s", "64", "-i", str(count), "-t", "1.5", "-w", "0.5"]
                program = [peers.built("load/tcpload.c"), "-p", str(port), *options]
                client = subprocess.Popen(program, stdout=subprocess.PIPE, preexec_fn=peers.on_core(1))
                most = before
                while client.poll() is None:
                    most = max(most, peers.resident(server.pid))
                    time.sleep(0.05)
                assert client.stdout
                result = json.loads(client.stdout.read())
                assert result["idle_ok"] == count, result
                series.append(result["ops_s"])
                if count:
                    costs.append((most - before) / (count + 100))
    print(f"  {statistics.median(costs):,.0f} bytes each; all of them answered afterwards")
    print(f"  active rate x{peers.ratios(rates[10_000], rates[0]):.2f} of that without them")


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    os.sched_setaffinity(0, {1})
    compare(rounds)
    idle(3)
