"""Datagrams a second on loopback, in turns with C and iperf3: `python benchmarks/udp.py [ROUNDS]`.

Senders meet one receiver, the C recvmmsg loop; receivers meet one sender, the C send loop. What is sent
is counted by the sender over its own time; what is received by the receiver, first datagram to last.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import peers

SIZE = 64
SECONDS = "1"
COUNT = "1000000"
BUFFER = str(4 * 1024 * 1024)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(peers.ROOT)}
C = peers.built("load/udpload.c")


def started(core: int, *command: str, stdout: Any = subprocess.PIPE) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command,
        preexec_fn=peers.on_core(core),
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    )


def answer(process: "subprocess.Popen[str]") -> str:
    return process.communicate(timeout=60)[0]


def bound(port: int) -> None:
    """Wait until somebody has bound the UDP port."""
    wanted = f":{port:04X} "
    while True:
        with open("/proc/net/udp") as file:
            if wanted in file.read():
                return


def sending(*command: str) -> Callable[[], float]:
    """Datagrams a second that a sender reports, with the C receiver on the other core."""

    def measure() -> float:
        port = peers.free_port()
        receiver = started(0, C, "recv", "-p", str(port), "-t", "10", "-b", "256", "-R", str(1 << 24))
        bound(port)
        words = [word.replace("PORT", str(port)) for word in command]
        told = json.loads(answer(started(1, *words)))
        answer(receiver)
        return float(told.get("pps") or told["rate"])

    return measure


def iperf3() -> float:
    port = str(peers.free_port())
    server = started(0, "iperf3", "-s", "-1", "-p", port, "--forceflush")
    assert server.stdout
    for line in server.stdout:
        if "listening" in line:
            break
    client = ("iperf3", "-u", "-b", "0", "-l", str(SIZE), "-t", SECONDS, "-c", "127.0.0.1", "-p", port, "-J")
    end = json.loads(answer(started(1, *client)))["end"]["sum"]
    answer(server)
    return float(end["packets"] / end["seconds"])


def receiving(
    *command: str, flood: tuple[str, ...], shown: Callable[[str], tuple[int, float]]
) -> Callable[[], tuple[float, float]]:
    """What a receiver gets a second, and which part of what was sent it lost."""

    def measure() -> tuple[float, float]:
        port = peers.free_port()
        with tempfile.TemporaryFile("w+") as output:
            # Into a file: nobody reads a pipe while the sender is waited for.
            receiver = started(0, *(word.replace("PORT", str(port)) for word in command), stdout=output)
            bound(port)
            sender = started(1, C, "send", "-p", str(port), "-s", str(SIZE), "-t", SECONDS, *flood)
            sent = json.loads(answer(sender))["sent"]
            if shown is of_ours:
                receiver.terminate()
            receiver.wait(60)
            output.seek(0)
            got, seconds = shown(output.read())
        return got / seconds, 1 - got / sent

    return measure


def of_c(output: str) -> tuple[int, float]:
    told = json.loads(output)
    return told["recv"], told["secs"]


def of_ours(output: str) -> tuple[int, float]:
    match = re.search(r'"datagrams": (\d+),\s+"bytes": \d+,\s+"seconds": ([\d.]+)', output)
    assert match, output[-500:]
    return int(match[1]), float(match[2])


OURS = (*peers.PYNETDB, "udp-send", "--port", "PORT", "--count", COUNT, "--json", "--quiet")
SENDERS: dict[str, Callable[[], float]] = {
    "C send": sending(C, "send", "-p", "PORT", "-s", str(SIZE), "-t", SECONDS),
    "C send, UDP_SEGMENT": sending(C, "send", "-p", "PORT", "-s", str(SIZE), "-t", SECONDS, "-g", "64"),
    "udp-send": sending(*OURS, "--size", str(SIZE)),
    "udp-send --sequence": sending(*OURS, "--size", str(SIZE), "--sequence"),
}
if shutil.which("iperf3"):
    SENDERS["iperf3 -u -b 0"] = iperf3
else:
    print("not installed, left out: iperf3")

RECEIVE = (*peers.PYNETDB, "udp-recv", "--port", "PORT", "--quiet", "--buffer", BUFFER, "--format")
C_RECEIVE = (C, "recv", "-p", "PORT", "-t", "5", "-R", BUFFER)
RECEIVERS = {
    "C recv, flooded": receiving(*C_RECEIVE, flood=(), shown=of_c),
    "udp-recv, flooded": receiving(*RECEIVE, "json", flood=(), shown=of_ours),
    "udp-recv, 300,000/s": receiving(*RECEIVE, "json", flood=("-r", "300000"), shown=of_ours),
    "udp-recv JSON lines, 30,000/s": receiving(*RECEIVE, "jsonl", flood=("-r", "30000"), shown=of_ours),
}

if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rates: dict[str, list[float]] = defaultdict(list)
    losses: dict[str, list[float]] = defaultdict(list)
    for turn in range(rounds):
        for name in peers.rotated(list(SENDERS), turn):
            rates[name].append(SENDERS[name]())
        for name in peers.rotated(list(RECEIVERS), turn):
            rate, loss = RECEIVERS[name]()
            rates[name].append(rate)
            losses[name].append(loss)
    print(peers.machine(), f"{rounds} rounds, {SIZE} bytes", sep="; ")
    for name in SENDERS:
        of_iperf3 = ""
        if "iperf3 -u -b 0" in rates:
            of_iperf3 = f"   x{peers.ratios(rates[name], rates['iperf3 -u -b 0']):.2f} of iperf3"
        ratio = peers.ratios(rates[name], rates["C send"])
        print(f"  {name:<32}{statistics.median(rates[name]):>12,.0f}/s   x{ratio:.2f} of C send{of_iperf3}")
    for name in RECEIVERS:
        ratio = peers.ratios(rates[name], rates["C recv, flooded"])
        lost = f"{statistics.median(losses[name]):.2%} lost"
        print(f"  {name:<32}{statistics.median(rates[name]):>12,.0f}/s   x{ratio:.2f} of C recv   {lost}")
