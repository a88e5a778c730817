"""A burst of twice the rate, then the rate."""

import pytest

from pynetdb.protocols.chat.rate_limit import TokenBucket


def test_a_burst_then_the_rate() -> None:
    bucket = TokenBucket(20, now=100.0)
    assert bucket.available(100.0) == 40
    assert bucket.time_until_next == 0
    bucket.take(40)
    assert bucket.available(100.0) == 0
    assert bucket.time_until_next == pytest.approx(0.05)
    assert bucket.available(100.05) == 1
    assert bucket.available(101.0) == 20
    assert bucket.available(1000.0) == 40
    bucket.take(41)
    assert bucket.available(1000.0) == 0
    assert bucket.time_until_next == pytest.approx(0.1)


def test_less_than_one_a_second_is_one_now_and_then() -> None:
    bucket = TokenBucket(0.1, now=0.0)
    assert bucket.available(0.0) == 1
    bucket.take(1)
    assert bucket.available(0.0) == 0
    assert bucket.time_until_next == pytest.approx(10)
    assert bucket.available(10.0) == 1
