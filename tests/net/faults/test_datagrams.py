"""What befalls datagrams, by the number."""

from collections.abc import Callable
from math import sqrt
from typing import Any

import pytest

from pynetdb.net.faults.datagrams import DatagramFaults
from pynetdb.net.faults.faults import Faults, FaultTeller
from pynetdb.net.faults.specs import parse_specs
from pynetdb.net.network import Network

COUNT = 10_000


class Way:
    """A bad way with a clock of its own."""

    def __init__(self, *specs: str, seed: int = 1) -> None:
        self.arrived: list[bytes] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.teller = FaultTeller(Network(), "server", None, "sent")
        faults = Faults(parse_specs(specs), seed)
        self.way = DatagramFaults(faults, "server", self.teller, self.deliver, self.later)

    def deliver(self, data: bytes, peer: Any) -> None:
        self.arrived.append(data)

    def later(self, delay: float, callback: Callable[[], None]) -> None:
        self.timers.append((delay, callback))

    def carry(self, count: int = COUNT) -> "Way":
        for number in range(count):
            self.way.carry(b"%05d" % number, "peer")
        return self


def assert_binomial(observed: int, probability: float) -> None:
    """Within four standard deviations: once in 16,000 it is chance, and here the seed is fixed."""
    expected = COUNT * probability
    assert abs(observed - expected) < 4 * sqrt(expected * (1 - probability)), (observed, expected)


@pytest.mark.parametrize("seed", range(5))
def test_drop(seed: int) -> None:
    arrived = Way("drop=10%", seed=seed).carry().arrived
    assert_binomial(COUNT - len(arrived), 0.1)
    assert arrived == sorted(arrived)


@pytest.mark.parametrize("seed", range(5))
def test_duplicate(seed: int) -> None:
    arrived = Way("duplicate=5%", seed=seed).carry().arrived
    assert_binomial(len(arrived) - COUNT, 0.05)
    assert len(set(arrived)) == COUNT


@pytest.mark.parametrize("seed", range(5))
def test_reorder(seed: int) -> None:
    way = Way("reorder=5%", seed=seed).carry()
    way.way.release()
    late, highest = 0, b""
    for data in way.arrived:
        late += data < highest
        highest = max(highest, data)
    assert_binomial(late, 0.05)
    assert len(set(way.arrived)) == COUNT == len(way.arrived)
    assert way.way.pending == 0


def test_corrupt_turns_one_bit() -> None:
    way = Way("corrupt=10%").carry()
    damaged = 0
    for number, data in enumerate(way.arrived):
        difference = int.from_bytes(data, "big") ^ int.from_bytes(b"%05d" % number, "big")
        damaged += difference != 0
        assert difference.bit_count() <= 1
    assert_binomial(damaged, 0.1)


def test_an_empty_datagram_has_nothing_to_damage() -> None:
    way = Way("corrupt=100%")
    way.way.carry(b"", "peer")
    assert way.arrived == [b""]


def test_delay() -> None:
    way = Way("delay=50ms..400ms").carry(1000)
    assert way.arrived == []
    assert way.way.pending == 1000
    delays = [delay for delay, _ in way.timers]
    assert 0.05 <= min(delays) < 0.06
    assert 0.39 < max(delays) <= 0.4
    for _, callback in way.timers:
        callback()
    assert len(way.arrived) == 1000
    assert way.way.pending == 0


def test_who_waits_for_a_successor_waits_not_for_ever_and_not_with_others() -> None:
    way = Way("reorder=100%")
    way.way.carry(b"1", "peer")
    ((delay, release),) = way.timers
    assert 0 < delay <= 1
    way.way.release()
    way.way.carry(b"2", "peer")
    release()  # Of the first, which has left: the second still waits.
    assert way.arrived == [b"1"]
    way.timers[1][1]()
    assert way.arrived == [b"1", b"2"]


def test_one_fault_does_not_change_where_another_happens() -> None:
    alone = Way("drop=10%").carry().arrived
    beside = Way("drop=10%", "duplicate=20%").carry().arrived
    assert set(alone) == set(beside)
    assert alone == Way("drop=10%").carry().arrived != Way("drop=10%", seed=2).carry().arrived


def test_who_sends_is_told_whether_it_is_lost() -> None:
    for specs, goes_on in (
        (("drop=100%",), False),
        (("delay=1s",), True),
        (("reorder=100%",), True),
        ((), True),
    ):
        assert Way(*specs).way.carry(b"x", "peer") is goes_on
