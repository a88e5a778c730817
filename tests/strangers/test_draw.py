"""The sequence chart is true: its arrows are what strace saw in every process. Mermaid takes its text."""

import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from browser import browser
from programs import PYNETDB, ROOT, Run, Serve, Stranger, environment, linux
from traces import journal, moment, run_row

from pynetdb.draw.files import read_traces
from pynetdb.draw.sequence import Arrow, SequenceChart, Step, build_sequence
from pynetdb.terminal import safe

CALL = re.compile(
    r"(\d+) +(\w+)\((\d+)<(TCP|UDP|TCPv6|UDPv6):\[([^\]]*)\]>, (.*)\) += (\d+)(?: \(INJECTED\))?$"
)
SENDS, RECEIVES = ("sendto", "send", "sendfile"), ("recvfrom", "recv")
ADDRESS = re.compile(r'sin_port=htons\((\d+)\), sin_addr=inet_addr\("([\d.]+)"\)')

Moved = tuple[str, str, int, bool]
"""From, to, how many bytes, and whether this process sent them."""


def seen_by_strace(log: Path) -> Iterator[Moved]:
    """What one process sent and received over the network, in order."""
    begun: dict[str, str] = {}
    for line in log.read_text().splitlines():
        thread = line.split()[0]
        if line.endswith("<unfinished ...>"):
            begun[thread] = line.removesuffix("<unfinished ...>").rstrip()
            continue
        if resumed := re.match(r"\d+ +<\.\.\. \w+ resumed>(.*)", line):
            line = begun.pop(thread) + resumed[1]
        match = CALL.match(line)
        if not match or match[2] not in (*SENDS, *RECEIVES) or "MSG_PEEK" in match[6]:
            continue
        kind, place, size = match[4], match[5], int(match[7])
        if kind.startswith("TCP") and not size:
            continue
        local, _, remote = place.partition("->")
        if not remote and (named := ADDRESS.search(match[6])):
            remote = f"{named[2]}:{named[1]}"
        ends = (local, remote) if match[2] in SENDS else (remote, local)
        yield *ends, size, match[2] in SENDS


def overlay(sent: list[int], received: list[int]) -> list[int]:
    """The sizes of the pieces, when one stream is cut in two ways."""
    cuts = sorted({0, *accumulate(sent), *accumulate(received)})
    return [end - start for start, end in pairwise(cuts)]


def moved_in_chart(chart: SequenceChart, name: str) -> list[tuple[int, bool]]:
    """What the process with that trace sent and received, in the order of the chart."""
    moved = []
    for step in chart.steps:
        arrows = [arrow for arrow in chart.of_step[step] if arrow.kind == "data"]
        if step.lifeline.detail == name and arrows:
            moved.append((sum(arrow.size for arrow in arrows), arrows[0].sent is step))
    return moved


def check(folder: Path, names: list[str], lost: int = 0) -> SequenceChart:
    """Compare the chart of some traces with the logs of strace beside them."""
    chart = build_sequence(read_traces([str(folder / f"{name}.jsonl") for name in names]), 100_000)
    logs = {name: list(seen_by_strace(folder / f"{name}.strace")) for name in names}
    for name, log in logs.items():
        assert moved_in_chart(chart, f"{name}.jsonl") == [(size, ours) for _, _, size, ours in log], name
    # Where each arrow begins and ends, by the addresses that only strace knows.
    owner = {(a if ours else b): name for name, log in logs.items() for a, b, _, ours in log}
    sent: dict[tuple[str, str], list[int]] = defaultdict(list)
    received: dict[tuple[str, str], list[int]] = defaultdict(list)
    for log in logs.values():
        for source, destination, size, ours in log:
            (sent if ours else received)[source, destination].append(size)
    expected: dict[tuple[str, str], list[int]] = defaultdict(list)
    for source, destination in sent:
        way = source, destination
        cut = sent[way] if lost else overlay(sent[way], received[way])
        expected[f"{owner[source]}.jsonl", f"{owner.get(destination, '?')}.jsonl"] += cut
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    data = [arrow for arrow in chart.arrows if arrow.kind == "data"]
    for arrow in sorted(data, key=lambda arrow: (number(chart, arrow.sent), number(chart, arrow.received))):
        found[arrow.source.detail, arrow.destination.detail].append(arrow.size)
    assert {way: sorted(sizes) for way, sizes in found.items()} == {
        way: sorted(sizes) for way, sizes in expected.items()
    }
    assert sum(arrow.lost for arrow in data) == lost
    assert all(in_order(chart, arrow) for arrow in chart.arrows)
    return chart


def number(chart: SequenceChart, step: Step | None) -> int:
    return chart.steps.index(step) if step else -1


def in_order(chart: SequenceChart, arrow: Arrow) -> bool:
    return not (arrow.sent and arrow.received) or number(chart, arrow.sent) < number(chart, arrow.received)


def straced(stranger: Stranger, folder: Path, name: str, *more: str) -> list[str]:
    calls = "trace=socket,connect,sendto,recvfrom,sendfile"
    return [
        stranger("strace"),
        "-f",
        "-yy",
        "-s",
        "0",
        "-e",
        calls,
        *more,
        "-o",
        str(folder / f"{name}.strace"),
    ]


def ask(prefix: list[str], *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*prefix, *PYNETDB, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=environment(),
    )


def traced(folder: Path, name: str) -> list[str]:
    return ["--trace", str(folder / f"{name}.jsonl")]


@linux
@pytest.mark.parametrize(
    "more", [("one", "three"), ("--size", "700kB"), ("--in-flight", "9", "--count", "40", "abc")]
)
def test_an_echo(more: tuple[str, ...], tmp_path: Path, stranger: Stranger, serve: Serve) -> None:
    prefix = straced(stranger, tmp_path, "server")
    server = serve("serve-echo", *traced(tmp_path, "server"), "--count", "1", prefix=prefix)
    client = ask(
        straced(stranger, tmp_path, "client"),
        "echo-client",
        "--port",
        str(server.port),
        *more,
        *traced(tmp_path, "client"),
    )
    assert (client.wait(60), server.wait()) == (0, 0)
    check(tmp_path, ["client", "server"])


@linux
def test_an_exchange_of_http(tmp_path: Path, stranger: Stranger, serve: Serve) -> None:
    (tmp_path / "page").write_bytes(os.urandom(3_000_000))
    prefix = straced(stranger, tmp_path, "server")
    server = serve("serve-http", str(tmp_path), *traced(tmp_path, "server"), "--count", "1", prefix=prefix)
    url = f"{server.ready['url']}/page"
    client = ask(straced(stranger, tmp_path, "client"), "http-get", url, *traced(tmp_path, "client"))
    assert (client.wait(60), server.wait()) == (0, 0)
    chart = check(tmp_path, ["client", "server"])
    assert len([arrow for arrow in chart.arrows if arrow.kind == "data"]) > 5


@linux
def test_a_chat_of_three(tmp_path: Path, stranger: Stranger, serve: Serve) -> None:
    prefix = straced(stranger, tmp_path, "server")
    server = serve("chat-server", *traced(tmp_path, "server"), "--count", "3", prefix=prefix)
    clients = [
        ask(straced(stranger, tmp_path, name), "chat-client", "--port", str(server.port), "--name", name,
            "--say", "the same", "--say", "hello, hello", *traced(tmp_path, name))
        for name in ("Ann", "Bob", "Cid")
    ]  # fmt: skip
    assert [client.wait(60) for client in clients] == [0, 0, 0]
    assert server.wait() == 0
    check(tmp_path, ["Ann", "Bob", "Cid", "server"])


@linux
def test_datagrams_with_loss(tmp_path: Path, stranger: Stranger, serve: Serve) -> None:
    """strace itself loses the third: the kernel never sees it, and the client is told that all is well."""
    prefix = straced(stranger, tmp_path, "server")
    server = serve("udp-recv", *traced(tmp_path, "server"), "--count", "4", prefix=prefix)
    losing = straced(stranger, tmp_path, "client", "-e", "inject=sendto:retval=3:when=3")
    client = ask(
        losing,
        "udp-send",
        "--port",
        str(server.port),
        "one",
        "two",
        "six",
        "ten",
        "two",
        *traced(tmp_path, "client"),
    )
    assert (client.wait(60), server.wait()) == (0, 0)
    chart = check(tmp_path, ["client", "server"], lost=1)
    assert [arrow.text for arrow in chart.arrows if arrow.lost] == ["3 bytes 'six'"]


# Mermaid


@pytest.fixture
def mermaid(stranger: Stranger, tmp_path: Path) -> "Iterator[object]":
    """Mermaid's own parser, in a browser; .ci/run fetches it from npm."""
    script = Path(
        os.environ.get("PYNETDB_MERMAID") or ROOT / ".ci" / "mermaid" / "package" / "dist" / "mermaid.min.js"
    )
    if not script.is_file():
        pytest.skip("stranger: mermaid is not installed")
    (tmp_path / "page.html").write_text(
        "<!DOCTYPE html><meta charset=utf-8><body>x<script src=mermaid.js></script>"
    )
    (tmp_path / "mermaid.js").symlink_to(script)
    with browser(stranger("chromium"), tmp_path / "profile") as page:
        page.open((tmp_path / "page.html").as_uri(), 800, 600)
        page.until("typeof mermaid == 'object'")

        def drawn(text: str) -> str:
            """The words in the picture that Mermaid makes of the text."""
            escaped = text.translate({ord(c): f"\\u{ord(c):04x}" for c in "`\\$"})
            return str(page.run(
                f"mermaid.parse(`{escaped}`).then(() => mermaid.render('one', `{escaped}`))"
                ".then(r => {document.body.innerHTML = r.svg; return document.body.textContent})"
            ))  # fmt: skip

        yield drawn


NASTY = "end; #35; %%{init: {'theme':'dark'}}%% <script>alert(1)</script> a->>b: x \u202e \x1b[31m \"quoted\" `t` ${x} \\n :wrap: 漢字 e\u0301"


@linux
def test_mermaid_draws_a_sequence_whatever_a_peer_said(
    mermaid: object, run: Run, serve: Serve, tmp_path: Path
) -> None:
    server = serve("serve-echo", "--trace", str(tmp_path / "s; %% x.jsonl"), "--count", "1")
    pieces = [NASTY[start : start + 18] for start in range(0, len(NASTY), 18)]
    assert (
        run("echo-client", "--port", str(server.port), *pieces, *traced(tmp_path, "client")).returncode == 0
    )
    assert server.wait() == 0
    done = run("draw", str(tmp_path / "client.jsonl"), str(tmp_path / "s; %% x.jsonl"), "-f", "mermaid")
    assert done.returncode == 0
    assert callable(mermaid)
    words = mermaid(done.stdout)
    for piece in pieces:
        assert words.count(safe(piece)[:14]) >= 2, (piece, words)
    assert "s; %% x.jsonl" in words and "half" not in words


@linux
def test_mermaid_draws_a_timeline(mermaid: object, run: Run, tmp_path: Path) -> None:
    rows = [(1, moment(n), "server", "/", 200, 5, 0.1) for n in range(9)]
    place = journal(tmp_path / 'j";%%{}.db', runs=[run_row()], requests=rows)
    done = run("draw", place, "-f", "mermaid")
    assert done.returncode == 0
    assert callable(mermaid)
    assert "Requests" in mermaid(done.stdout)
