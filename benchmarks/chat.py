"""Our chat server beside its peers, in turns: `python benchmarks/chat.py [ROUNDS]` (default 5).

Prints for each load deliveries a second and the median of the ratios to the C server of the same round,
the 99th percentile of the delay at 200,000 deliveries a second, memory with 500 members, and what one
member that never reads costs the others. Needs a C compiler and ../shared/bench; ngircd, if it is to be
among the peers.
"""

import json
import os
import statistics
import subprocess
import sys
from collections import defaultdict
from typing import Any

import peers

BLASTS = {
    "100 members, 1,000 messages at once": ["-c", "100", "-n", "1000"],
    "500 members, 1,000 messages at once": ["-c", "500", "-n", "1000"],
}
PACED = ["-c", "100", "-n", "4000", "-r", "2000"]
CROWD = ["-c", "20", "-n", "50000", "-s", "1024"]
REFERENCE = "C epoll"
OURS = "pynetdb"
SAME_WORDS = "C, same words"

# What makes the load's members speak the textbook's protocol beside those that it knows.
DIALECT = (
    ("static int irc;", "static int irc,book;"),
    ('irc=!strcmp(proto,"irc");', 'irc=!strcmp(proto,"irc");book=!strcmp(proto,"textbook");'),
    (
        "if(irc){int n=snprintf(",
        'if(book){int n=snprintf(b,200,"ADD u%d\\n",i);if(write(fd,b,n)<0)perror("w");}'
        "if(irc){int n=snprintf(",
    ),
    ('irc?"PRIVMSG #r :":""', 'irc?"PRIVMSG #r :":book?"MESSAGE ":""'),
)


# What makes the C server understand and say the textbook's lines, which are two for each message: the load
# takes longer to read them, and is what the others wait for.
TEXTBOOK = (
    ('snprintf(h,32,"<%d> ",fd)', 'snprintf(h,32,"MESSAGE u%d\\n",fd)'),
    (
        "memcpy(ob+o,p,q-p+1);o+=q-p+1;p=q+1;",
        'if(q-p>8&&!memcmp(p,"MESSAGE ",8))p+=8;memcpy(ob+o,p,q-p+1);o+=q-p+1;p=q+1;',
    ),
)


def load() -> str:
    """Compile the load with our dialect, once, and return its path."""
    return peers.built_as("textbookload", "load/chatload.c", DIALECT)


def commands() -> dict[str, list[str]]:
    cchat = peers.built("srv/cchat.c")
    ours = [*peers.PYNETDB, "chat-server", "--quiet", "--rate", "0", "--port", "PORT"]
    prototypes = str(peers.BENCH / "srv" / "pychat.py")
    found = {
        REFERENCE: [cchat, "PORT"],
        OURS: ours,
        SAME_WORDS: [peers.built_as("textbookchat", "srv/cchat.c", TEXTBOOK), "PORT"],
        "plain epoll loop": [sys.executable, prototypes, "epoll", "PORT"],
        "threads": [sys.executable, prototypes, "threads", "PORT"],
        "ngircd": ["ngircd", "-n", "-f", "CONFIGURATION"],
        "C epoll again": [cchat, "PORT"],
    }
    return {name: list(command) for name, command in peers.available(found).items()}


def measured(name: str, command: list[str], options: list[str]) -> dict[str, Any]:
    """One load at a server of its own: what the load saw, and the server's memory at its most."""
    port = peers.free_port()
    if name == "ngircd":
        configuration = peers.BUILD / "ngircd.conf"
        plain = (peers.BENCH / "srv" / "ngircd.conf").read_text()
        configuration.write_text(plain.replace("9400", str(port)))
        command = [str(configuration) if word == "CONFIGURATION" else word for word in command]
    dialect = {OURS: "textbook", SAME_WORDS: "textbook", "ngircd": "irc"}.get(name, "raw")
    with peers.server(command, port) as server:
        program = [load(), "-p", str(port), "-T", "20", "-P", dialect, *options]
        done = subprocess.run(
            program, capture_output=True, preexec_fn=peers.on_core(1), check=True, timeout=60
        )
        result: dict[str, Any] = json.loads(done.stdout)
        assert result["deliveries"] == result["want"], f"{name}: {result}"
        return {**result, "memory": peers.resident(server.pid)}


def compare(rounds: int) -> None:
    found = commands()
    rates: dict[tuple[str, str], list[float]] = defaultdict(list)
    delays: dict[str, list[float]] = defaultdict(list)
    memory: dict[str, int] = {}
    for turn in range(rounds):
        for name in peers.rotated(list(found), turn):
            for what, options in BLASTS.items():
                result = measured(name, found[name], options)
                rates[what, name].append(result["del_s"])
                memory[name] = max(memory.get(name, 0), result["memory"])
            delays[name].append(measured(name, found[name], PACED)["p99us"] if name != "threads" else 0.0)
    print(peers.machine(), f"{rounds} rounds", sep="; ")
    for what in BLASTS:
        print(f"\n{what}, deliveries/s")
        for name in found:
            series = rates[what, name]
            ratio = peers.ratios(series, rates[what, REFERENCE])
            print(f"  {name:<18} {statistics.median(series):>12,.0f}   x{ratio:.2f} of C")
    print("\n198,000 deliveries/s to 100 members, p99 in ms; MB with 500 members")
    for name in found:
        delay = f"{statistics.median(delays[name]) / 1000:>8.1f}" if name != "threads" else "        "
        print(f"  {name:<18} {delay}   {memory[name] / 1e6:>6.1f}")


def deaf(rounds: int) -> None:
    print("\n50,000 messages of 1 KiB to 20 members: with one more that never reads")
    command = commands()[OURS]
    seconds: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(rounds):
        for count, series in seconds.items():
            series.append(measured(OURS, command, [*CROWD, "-S", str(count)])["secs"])
    print(
        f"  x{peers.ratios(seconds[1], seconds[0]):.2f} of the time without it; everybody else got everything"
    )


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    os.sched_setaffinity(0, {1})
    compare(rounds)
    deaf(rounds)
