"""A burst of twice the rate, then the rate."""

import pytest

from pynetdb.protocols.chat.rate_limit import _MAX_LEFT, AddressBuckets, TokenBucket


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


def test_who_comes_back_goes_on_with_what_it_left() -> None:
    buckets = AddressBuckets(10)
    mine = buckets.arrive("a", 0.0)
    mine.take(20)
    buckets.leave("a", mine, 0.0)
    assert buckets.arrive("b", 0.0).available(0.0) == 20
    assert (again := buckets.arrive("a", 0.5)) is mine
    assert again.available(0.5) == 5
    # The next one from there is somebody else, as long as the first is here.
    assert buckets.arrive("a", 0.5).available(0.5) == 20


def test_a_bucket_that_is_full_again_is_forgotten() -> None:
    buckets = AddressBuckets(10)
    mine = buckets.arrive("a", 0.0)
    mine.take(20)
    buckets.leave("a", mine, 0.0)
    assert buckets.arrive("a", 2.0) is not mine
    assert not buckets._left


def test_a_class_behind_one_address_is_not_one_member() -> None:
    buckets = AddressBuckets(10)
    pupils = [buckets.arrive("school", 0.0) for _ in range(30)]
    for pupil in pupils:
        pupil.take(20)
    assert len(set(map(id, pupils))) == 30
    for pupil in pupils:
        buckets.leave("school", pupil, 0.0)
    assert {id(buckets.arrive("school", 0.1)) for _ in range(30)} == set(map(id, pupils))


def test_who_left_cannot_fill_memory() -> None:
    buckets = AddressBuckets(10)
    for number in range(_MAX_LEFT + 10):
        bucket = buckets.arrive(number, 0.0)
        bucket.take(20)
        buckets.leave(number, bucket, 0.0)
    assert len(buckets._left) == _MAX_LEFT
    bucket = buckets.arrive("later", 60.0)
    bucket.take(20)
    buckets.leave("later", bucket, 60.0)
    assert len(buckets._left) == 1
