"""A burst of twice the rate, then the rate."""

import pytest

from pynetdb.protocols.chat.rate_limit import Allowance


def test_a_burst_then_the_rate() -> None:
    allowance = Allowance(20, now=100.0)
    assert allowance.whole(100.0) == 40
    assert allowance.wait == 0
    allowance.spend(40)
    assert allowance.whole(100.0) == 0
    assert allowance.wait == pytest.approx(0.05)
    assert allowance.whole(100.05) == 1
    assert allowance.whole(101.0) == 20
    assert allowance.whole(1000.0) == 40
    allowance.spend(41)
    assert allowance.whole(1000.0) == 0
    assert allowance.wait == pytest.approx(0.1)


def test_less_than_one_a_second_is_one_now_and_then() -> None:
    allowance = Allowance(0.1, now=0.0)
    assert allowance.whole(0.0) == 1
    allowance.spend(1)
    assert allowance.whole(0.0) == 0
    assert allowance.wait == pytest.approx(10)
    assert allowance.whole(10.0) == 1
