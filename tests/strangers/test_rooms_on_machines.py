"""A room over two machines, with its broker on a third: network namespaces with cables between them."""

import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from brokers import PRODUCTS, Broker
from crowd import Crowd, Heard, check_nothing_lost, check_same_bytes, numbered
from programs import Serve, Served, Stranger, held, linux

from pynetdb.protocols.chat.shared_facts import AWAY, BACK, EXPELLED

pytest.importorskip("hiredis", reason="stranger: hiredis is not installed")

pytestmark = linux

LEASE = 1.0
MEMBERS = 100
PACE = 1000.0


class Machine:
    """A network of its own."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.prefix = ["nsenter", f"--net=/proc/{pid}/ns/net"]

    def ip(self, *words: str) -> None:
        subprocess.run([*self.prefix, "ip", *words], check=True, timeout=30)


class Machines:
    """Two machines, 10.77.1.2 and 10.77.2.2, each with a cable to the broker's, 10.77.1.1 and 10.77.2.1."""

    def __init__(self, stack: ExitStack) -> None:
        self.broker, *self.servers = (self._start(stack) for _ in range(3))
        for number, server in enumerate(self.servers, 1):
            ends = ["c0", "netns", str(server.pid), "type", "veth", "peer", "name", f"c{number}"]
            self.broker.ip("link", "add", "name", *ends, "netns", str(self.broker.pid))
            self.broker.ip("addr", "add", f"10.77.{number}.1/24", "dev", f"c{number}")
            self.broker.ip("link", "set", f"c{number}", "up")
            server.ip("addr", "add", f"10.77.{number}.2/24", "dev", "c0")
            server.ip("link", "set", "c0", "up")

    @staticmethod
    def _start(stack: ExitStack) -> Machine:
        process = stack.enter_context(held(["unshare", "--net", "sleep", "600"]))
        own = os.stat("/proc/self/ns/net").st_ino
        while os.stat(f"/proc/{process.pid}/ns/net").st_ino == own:
            time.sleep(0.01)
        machine = Machine(process.pid)
        machine.ip("link", "set", "lo", "up")
        return machine

    def cut(self, *numbers: int) -> None:
        """Pull cables out of the broker's machine: nobody is told, packets only vanish."""
        for number in numbers:
            self.broker.ip("link", "set", f"c{number}", "down")

    def mend(self, *numbers: int) -> None:
        for number in numbers:
            self.broker.ip("link", "set", f"c{number}", "up")


@pytest.fixture
def machines(stranger: Stranger) -> Iterator[Machines]:
    for program in ("ip", "nsenter", "unshare"):
        stranger(program)
    if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode:
        pytest.skip("platform: nobody but root may make a network of its own")
    with ExitStack() as stack:
        yield Machines(stack)


@pytest.fixture(params=PRODUCTS)
def broker(machines: Machines, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Broker]:
    found = Broker(tmp_path / "broker", product=request.param, host="0.0.0.0", prefix=machines.broker.prefix)
    yield found
    found.stop()


@pytest.fixture
def serve_on(
    machines: Machines, broker: Broker, serve: Serve, tmp_path: Path
) -> Callable[..., tuple[Served, str]]:
    """A server on machine 0 or 1, and the path of the socket at which it is reached from here."""

    def start(machine: int, status: int = 0) -> tuple[Served, str]:
        path = str(tmp_path / f"s{len(list(tmp_path.iterdir()))}")
        url = f"{broker.product}://10.77.{machine + 1}.1:{broker.port}/ROOM"
        options = ["--room", url, "--room-lease", str(LEASE), "--rate", "0", "--unix", path]
        prefix = machines.servers[machine].prefix
        return serve("chat-server", *options, prefix=prefix, status=status), path

    return start


class Talk:
    """Lines at a pace for the length of a block, by all in turn."""

    def __init__(self, crowd: Crowd, members: list[Heard]) -> None:
        self._thread = threading.Thread(target=self._talk, args=(crowd, members))
        self._ended = False

    def _talk(self, crowd: Crowd, members: list[Heard]) -> None:
        while not self._ended:
            crowd.talk(members, len(members), PACE)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exc: object) -> None:
        self._ended = True
        self._thread.join()


def test_a_room_over_two_machines_survives_its_broker_its_cables_and_its_servers(
    machines: Machines, broker: Broker, serve_on: Callable[..., tuple[Served, str]], crowd: Crowd
) -> None:
    _, first = serve_on(0)
    frozen, second = serve_on(1)
    dying, third = serve_on(1, status=-signal.SIGKILL)
    here = crowd.join(first, *numbered("a", MEMBERS))
    there = crowd.join(second, *numbered("b", MEMBERS))
    doomed = crowd.join(third, *numbered("c", 10))
    members = [member for pair in zip(here, there, strict=True) for member in pair]
    crowd.wait_for_all([*members, *doomed], "begin")
    with Talk(crowd, [*members, *doomed]):
        time.sleep(0.5)
        broker.kill()
        time.sleep(0.5)
        broker.start()
        time.sleep(0.5)
        machines.cut(1, 2)
        time.sleep(2 * LEASE)
        machines.mend(1, 2)
    crowd.wait_for_all([*members, *doomed], "whole")
    lines = check_same_bytes([*members, *doomed], "begin", [AWAY, BACK])
    check_nothing_lost(lines, [*members, *doomed])
    for member in (here[0], there[0], doomed[0]):
        assert {AWAY, BACK} >= set(member.notices) > {BACK} - {AWAY}
        assert not (member.over or member.left)
    # One server dies, and then one is frozen for longer than its lease.
    with Talk(crowd, members):
        dying.process.kill()
        crowd.wait(lambda: here[0].bytes.count(b"LEFT c") >= 10)
    crowd.wait_for_all(members, "without the dead")
    lines = check_same_bytes(members, "begin", [AWAY, BACK])
    check_nothing_lost(lines, members)
    assert all({line for line in member.lines if line[1].isdigit()} <= set(lines) for member in doomed)
    with Talk(crowd, here):
        os.kill(frozen.pid, signal.SIGSTOP)
        there[0].send(b"MESSAGE zombie\n")
        crowd.wait(lambda: here[0].bytes.count(b"LEFT b") >= MEMBERS)
        os.kill(frozen.pid, signal.SIGCONT)
        crowd.wait(lambda: all(member.over for member in there))
    (back,) = crowd.join(second, "b0")
    crowd.wait_for_all([*here, back], "end")
    lines = check_same_bytes(here, "begin", [AWAY, BACK])
    check_nothing_lost(lines, here)
    assert here[-1].left == Counter({member.name: 1 for member in [*there, *doomed]})
    assert ("b0", "zombie") not in lines
    assert EXPELLED in there[0].notices
    told = {line for member in there for line in member.lines if line[1].isdigit()}
    assert told <= set(lines), "what was acknowledged is lost"


def test_a_machine_that_is_cut_off_alone_is_taken_for_dead(
    machines: Machines, broker: Broker, serve_on: Callable[..., tuple[Served, str]], crowd: Crowd
) -> None:
    """Its members are told so when it is back; what they said meanwhile nobody hears, as nobody did before."""
    (_, first), (_, second) = serve_on(0), serve_on(1)
    alone = crowd.join(first, "a1", "a2")
    (bob,) = crowd.join(second, "bob")
    crowd.talk([*alone, bob], 30, PACE)
    crowd.wait_for_all([*alone, bob], "begin")
    machines.cut(1)
    crowd.talk([*alone, bob], 30, PACE)
    crowd.wait(lambda: all(AWAY in member.notices for member in alone))
    late = Heard("late", first)
    crowd.members.append(late)
    late.send(b"ADD late\n")
    crowd.wait(lambda: len(bob.left) == 2)
    assert not any(member.over for member in alone)
    machines.mend(1)
    crowd.wait(lambda: all(member.over for member in alone))
    assert all(EXPELLED in member.notices for member in alone)
    crowd.wait(lambda: b"NEW late\n" in bob.bytes)
    assert bob.left == Counter(["a1", "a2"])
    heard = {line for line in bob.lines if line[0] != "bob" and line[1].isdigit()}
    assert heard == {(name, str(number)) for name in ("a1", "a2") for number in range(1, 11)}
