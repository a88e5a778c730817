"""`serve-http` beside other file servers, under wrk: `python benchmarks/http_files.py [ROUNDS]`.

All servers stand on core 0 and take turns, the load is on core 1.
"""

import os
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import peers

SITE = peers.BUILD / "site"
SECONDS = 2
# What is asked for, by how many at once, and with which more of wrk's options.
LOADS = {
    "1 KiB": ("1k.txt", 50, []),
    "100 KiB": ("100k.bin", 50, []),
    "10 MiB": ("10m.bin", 4, []),
    "1 KiB, close": ("1k.txt", 50, ["-H", "Connection: close"]),
}
REFERENCE = "nginx"
# With keep-alive, as a newcomer would switch it on.
HTTP_SERVER = [sys.executable, "-m", "http.server", "--protocol", "HTTP/1.1"]

NGINX = """worker_processes 1; worker_rlimit_nofile 20000; daemon off;
 pid {0}/nginx.pid; error_log {0}/nginx.log;
events {{ worker_connections 19000; }}
http {{ include /etc/nginx/mime.types; sendfile on; access_log off; keepalive_requests 100000000;
server {{ listen 127.0.0.1:PORT; root {1}; }} }}"""
LIGHTTPD = """server.document-root = "{1}"
server.port = PORT
server.bind = "127.0.0.1"
server.max-keep-alive-requests = 100000000
mimetype.assign = ( ".txt" => "text/plain", "" => "application/octet-stream" )"""
AIOHTTP = """import sys; from aiohttp import web
app = web.Application(); app.router.add_static("/", sys.argv[2])
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None)"""


def configured(name: str, text: str, port: int) -> str:
    path = peers.BUILD / f"{name}.conf"
    path.write_text(text.replace("PORT", str(port)))
    return str(path)


def commands(port: dict[str, int]) -> dict[str, list[str]]:
    nginx, lighttpd = NGINX.format(peers.BUILD, SITE), LIGHTTPD.format(peers.BUILD, SITE)
    again = nginx.replace("nginx.pid", "again.pid")
    python = os.environ.get("PYNETDB_AIOHTTP_PYTHON", sys.executable)
    found = {
        "ours": [*peers.PYNETDB, "serve-http", str(SITE), "--port", str(port["ours"]), "--quiet"],
        "nginx": ["nginx", "-c", configured("nginx", nginx, port["nginx"])],
        "lighttpd": ["lighttpd", "-D", "-f", configured("lighttpd", lighttpd, port["lighttpd"])],
        "http.server": [*HTTP_SERVER, str(port["http.server"]), "-b", "127.0.0.1", "-d", str(SITE)],
        "nginx again": ["nginx", "-c", configured("again", again, port["nginx again"])],
    }  # fmt: skip
    if subprocess.run([python, "-c", "import aiohttp"], capture_output=True, check=False).returncode == 0:
        found["aiohttp"] = [python, "-c", AIOHTTP, str(port["aiohttp"]), str(SITE)]
    else:
        print("not installed, left out: aiohttp")
    return {name: list(command) for name, command in peers.available(found).items()}


NAMES = ("ours", "nginx", "lighttpd", "http.server", "nginx again", "aiohttp")
SLOW = ("http.server", "aiohttp")


def children(pid: int) -> list[int]:
    """The processes that it has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def processor(pid: int) -> float:
    """Seconds that a process and its children have used: nginx serves in a child."""
    return sum(map(peers.cpu_seconds, (pid, *children(pid))))


def loaded(port: int, pid: int, load: str) -> tuple[float, float, float]:
    """Requests a second, microseconds of the 99th percentile, microseconds of processor a request."""
    name, connections, more = LOADS[load]
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{SECONDS}",
        "--latency",
        *more,
        f"http://127.0.0.1:{port}/{name}",
    ]
    before = processor(pid)
    told = subprocess.run(
        command, capture_output=True, text=True, check=True, preexec_fn=peers.on_core(1)
    ).stdout
    used = processor(pid) - before
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    total = re.search(r"(\d+) requests in", told)
    tail = re.search(r"99%\s+([\d.]+)(us|ms|s)", told)
    assert rate is not None, told
    assert total is not None, told
    assert tail is not None, told
    factor = {"us": 1.0, "ms": 1e3, "s": 1e6}[tail[2]]
    return float(rate[1]), float(tail[1]) * factor, used / max(1, int(total[1])) * 1e6


def make_site() -> None:
    """The files that are asked for."""
    SITE.mkdir(parents=True, exist_ok=True)
    for name, size in (("1k.txt", 1024), ("100k.bin", 102_400), ("10m.bin", 10_485_760)):
        (SITE / name).write_bytes(b"x" * size)


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    make_site()
    ports = {name: peers.free_port() for name in NAMES}
    print(peers.machine(), f"{rounds} rounds of {SECONDS} s", sep="; ")
    with ExitStack() as stack:
        pids = {
            name: stack.enter_context(peers.server(command, ports[name])).pid
            for name, command in commands(ports).items()
        }
        for load in LOADS:
            values: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
            for turn in range(rounds):
                for name in peers.rotated(list(pids), turn):
                    # The slow ones once or twice: what they do in two seconds does not change.
                    if name not in SLOW or turn < 2:
                        values[name].append(loaded(ports[name], pids[name], load))
            print(load)
            for name, series in values.items():
                reference = values[REFERENCE][: len(series)]
                rate, tail, used = (
                    peers.ratios([value[i] for value in series], [value[i] for value in reference])
                    for i in range(3)
                )
                middle = statistics.median(value[0] for value in series)
                told = f"of {REFERENCE}: x{rate:.2f}, p99 x{tail:.2f}, CPU x{used:.2f}"
                print(f"  {name:<12} {middle:9,.0f}/s  {told}")
        print(f"memory: {peers.resident(pids['ours']) / 1e6:.0f} MB")
