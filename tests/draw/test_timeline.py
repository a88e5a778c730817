"""Buckets, rates and percentiles."""

import pytest

from pynetdb.draw.timeline import MAX_BUCKETS, bucket_width, per_second, percentile


@pytest.mark.parametrize(
    ("seconds", "width"),
    [
        (0, 1e-6),
        (0.3, 1e-3),
        (4, 0.01),
        (40, 0.1),
        (400, 1),
        (401, 10),
        (86400, 600),
        (1e6, 3600),
        (1e8, 86400),
    ],
)
def test_buckets(seconds: float, width: float) -> None:
    found, prefix = bucket_width(seconds)
    assert found == width
    assert seconds / found <= MAX_BUCKETS or found == 86400
    assert 10 <= prefix <= 26


def test_rates_and_percentiles() -> None:
    assert per_second([(0, 5), (2, 0)], 2) == [(0, 2.5), (2, 0)]
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.9, 0.99, 1.0)] == [50, 90, 99, 100]
    assert percentile([7.0], 0.01) == 7.0
