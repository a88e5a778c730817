"""Durations, sizes and shares."""

import pytest

from pynetdb.quantities import parse_duration, parse_percent, parse_size


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("2m", 120.0), ("-1.5h", -5400.0), ("7", 7.0), ("", None), ("5 s", None)],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [("10", 10), ("64kB", 64_000), ("4KiB", 4096), ("1 MB", 10**6), ("-1", None), ("1x", None)],
)
def test_sizes(text: str, size: int | None) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "share"),
    [("10%", 0.1), ("0.5%", 0.005), ("100%", 1.0), ("0%", 0.0), ("101%", None), ("10", None), ("-1%", None)],
)
def test_percents(text: str, share: float | None) -> None:
    assert parse_percent(text) == share
