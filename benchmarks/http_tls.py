"""`serve-http` and nginx within TLS: `python benchmarks/http_tls.py [ROUNDS]`.

Both with the same certificate and cipher: 1 KiB on connections that stay, and a handshake for each. The
processor's time is what counts: it minds a busy machine less than the rate does.
"""

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
LOADS = {"1 KiB, keep-alive": [], "handshakes": ["-H", "Connection: close"]}

NGINX = """worker_processes 1; daemon off; pid {0}/tls.pid; error_log {0}/tls.log;
events {{ worker_connections 1024; }}
http {{ include /etc/nginx/mime.types; sendfile on; access_log off; keepalive_requests 100000000;
server {{ listen 127.0.0.1:{2} ssl; ssl_certificate {0}/cert.pem; ssl_certificate_key {0}/key.pem;
ssl_protocols TLSv1.2 TLSv1.3; root {1}; }} }}"""
CERTIFICATE = [
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    "-subj", "/CN=localhost", "-days", "30",
]  # fmt: skip


def processor(pid: int) -> float:
    """Seconds that a process and its children have used, by the scheduler's own count."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    told = (Path(f"/proc/{process}/schedstat").read_text() for process in (pid, *children))
    return sum(int(text.split()[0]) for text in told) / 1e9


def cipher(port: int) -> str:
    told = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}"],
        input="",
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    found = re.search(r"New, (\S+), Cipher is (\S+)", told)
    return " ".join(found.groups()) if found else "none"


def loaded(port: int, pid: int, more: list[str]) -> tuple[float, float]:
    """Requests a second, and microseconds of processor a request."""
    before = processor(pid)
    told = subprocess.run(
        ["wrk", "-t1", "-c50", f"-d{SECONDS}s", *more, f"https://127.0.0.1:{port}/1k.txt"],
        capture_output=True, text=True, check=True, preexec_fn=peers.on_core(1),
    ).stdout  # fmt: skip
    used = processor(pid) - before
    rate, total = re.search(r"Requests/sec:\s+([\d.]+)", told), re.search(r"(\d+) requests in", told)
    assert rate is not None, told
    assert total is not None, told
    return float(rate[1]), used / max(1, int(total[1])) * 1e6


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    SITE.mkdir(parents=True, exist_ok=True)
    (SITE / "1k.txt").write_bytes(b"x" * 1024)
    cert, key = peers.BUILD / "cert.pem", peers.BUILD / "key.pem"
    subprocess.run([*CERTIFICATE, "-keyout", key, "-out", cert], check=True, capture_output=True)
    ports = {name: peers.free_port() for name in ("ours", "nginx")}
    (peers.BUILD / "tls.conf").write_text(NGINX.format(peers.BUILD, SITE, ports["nginx"]))
    commands = {
        "ours": [*peers.PYNETDB, "serve-http", str(SITE), "--port", str(ports["ours"]), "--quiet",
                 "--cert", str(cert), "--key", str(key)],
        "nginx": ["nginx", "-c", str(peers.BUILD / "tls.conf")],
    }  # fmt: skip
    print(peers.machine(), f"{rounds} rounds of {SECONDS} s", sep="; ")
    with ExitStack() as stack:
        pids = {
            name: stack.enter_context(peers.server(command, ports[name])).pid
            for name, command in commands.items()
        }
        print({name: cipher(port) for name, port in ports.items()})
        for load, more in LOADS.items():
            values: dict[str, list[tuple[float, float]]] = defaultdict(list)
            for turn in range(-1, rounds):  # The first is to warm up.
                for name in peers.rotated(list(pids), turn):
                    value = loaded(ports[name], pids[name], more)
                    if turn >= 0:
                        values[name].append(value)
            rate, used = ([[value[i] for value in values[name]] for name in pids] for i in range(2))
            middle = statistics.median(rate[0])
            by_processor = peers.ratios(used[1], used[0])
            told = f"of nginx: rate x{peers.ratios(*rate):.2f}, rate by processor x{by_processor:.2f}"
            print(f"{load:<20} {middle:9,.0f}/s  {told}")


if __name__ == "__main__":
    main()
