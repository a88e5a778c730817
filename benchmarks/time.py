"""time-query beside its peers, in turns: `python benchmarks/time.py [ROUNDS]` (default 15).

Asks a chronyd on port 123 of a network namespace made for it (ntpdig knows no other port), as root.
Prints wall times as ratios to `python -c 'import click, socket'`, and offsets beside that of the C client
of ../shared/bench.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import peers

REFERENCE = "import click, socket"
INSIDE = "PYNETDB_BENCHMARK_INSIDE"


def commands() -> dict[str, list[str]]:
    return {
        REFERENCE: [sys.executable, "-c", "import click, socket"],
        "pynetdb time-query": [*peers.PYNETDB, "time-query", "127.0.0.1"],
        "ntpdig": ["ntpdig", "127.0.0.1"],
        "chronyd -Q": [
            "chronyd",
            "-Q",
            "-u",
            "root",
            "-f",
            "/dev/null",
            "server 127.0.0.1 iburst maxsamples 1",
        ],
        "C, one packet": [peers.built("srv/sntp.c"), "123"],
    }


def compare(rounds: int) -> None:
    env = {**os.environ, "PYTHONPATH": str(peers.ROOT), "PYTHONPYCACHEPREFIX": str(peers.BUILD / "pycache")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    names = peers.available(commands())
    seconds: dict[str, list[float]] = defaultdict(list)
    offsets: list[float] = []
    for turn in range(rounds + 1):
        for name in peers.rotated(list(names), turn):
            start = time.perf_counter()
            done = subprocess.run(names[name], capture_output=True, text=True, env=env)
            if turn:  # The first round only warms the caches.
                seconds[name].append(time.perf_counter() - start)
            if name == "pynetdb time-query":
                offsets.append(float(re.findall(r"offset (\S+) s", done.stdout)[0]))
    print(peers.machine(), f"{rounds} rounds", sep="; ")
    for name, series in seconds.items():
        ratio = peers.ratios(series, seconds[REFERENCE])
        print(f"  {name:<22} {statistics.median(series) * 1000:7.1f} ms   x{ratio:.2f} of {REFERENCE}")
    theirs = subprocess.run(names["C, one packet"], capture_output=True, text=True).stdout
    print(
        f"  offset of time-query: median {statistics.median(offsets) * 1e6:+.0f} us; C says {theirs.strip()}"
    )


def inside(rounds: int) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        config = f"{folder}/chrony.conf"
        with open(config, "w") as file:
            file.write("port 123\nallow 127.0.0.1\nlocal stratum 10\ncmdport 0\nbindcmdaddress /\n")
            file.write(f"pidfile {folder}/pid\n")
        with subprocess.Popen(
            ["chronyd", "-x", "-d", "-u", "root", "-f", config], stderr=subprocess.DEVNULL
        ) as server:
            while ":007B " not in Path("/proc/net/udp").read_text():
                time.sleep(0.05)
            try:
                compare(rounds)
            finally:
                server.terminate()


if __name__ == "__main__":
    if os.environ.get(INSIDE):
        inside(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
    else:
        peers.built("srv/sntp.c")
        os.execvpe("unshare", ["unshare", "--net", sys.executable, *sys.argv], {**os.environ, INSIDE: "1"})
