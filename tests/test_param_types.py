"""What the command line understands, and what it says to the rest."""

import sys

import click
import pytest

from pynetdb.param_types import ByteCount, Duration, Port, Statuses, Workers


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("5s", 5.0),
        ("2m", 120.0),
        ("1.5h", 5400.0),
        ("0.5s", 0.5),
        ("1.5m", 90.0),
        ("7", 7.0),
        (".5", 0.5),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize(
    "text", ["", "5 parsecs", "s", "1e3", "inf", "nan", "-1s", "0", "0ms", "٣s", "1s\n", "9999999999h"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Duration().convert(text, None, None)


def test_zero_and_negative_durations_where_they_make_sense() -> None:
    assert Duration(zero=True).convert("0", None, None) == 0
    assert Duration(negative=True).convert("-1.5s", None, None) == -1.5
    assert Duration().convert(2.5, None, None) == 2.5


@pytest.mark.parametrize(
    ("text", "port"), [("0", 0), ("65535", 65535), ("echo", 7), ("HTTP", 80), (8080, 8080)]
)
def test_ports(text: str, port: int) -> None:
    assert Port().convert(text, None, None) == port


@pytest.mark.parametrize(
    "text", ["65536", "-1", "99999999999999999999", "no-such-service", "", "1.5", "echo\0", "²"]
)
def test_what_is_no_port(text: str) -> None:
    with pytest.raises(click.BadParameter, match="port|service"):
        Port().convert(text, None, None)


def test_a_client_cannot_ask_for_port_0() -> None:
    with pytest.raises(click.BadParameter, match="expected 1 to 65535"):
        Port(1).convert("0", None, None)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4096", 4096),
        ("64kB", 64000),
        ("64k", 64000),
        ("50MB", 50_000_000),
        ("4KiB", 4096),
        ("1 MiB", 2**20),
        ("7B", 7),
    ],
)
def test_byte_counts(text: str, size: int) -> None:
    assert ByteCount().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "-1", "1.5k", "1TB", "k", "1e3", "٣"])
def test_what_is_no_byte_count(text: str) -> None:
    with pytest.raises(click.BadParameter, match="number of bytes"):
        ByteCount().convert(text, None, None)


def test_byte_counts_have_bounds() -> None:
    assert ByteCount().convert(5, None, None) == 5
    with pytest.raises(click.BadParameter, match="expected 1 to 10 bytes"):
        ByteCount(1, 10).convert("11", None, None)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [("200", [(200, 200)]), ("200-399", [(200, 399)]), ("200, 401-403", [(200, 200), (401, 403)])],
)
def test_statuses(text: str, pairs: list[tuple[int, int]]) -> None:
    assert Statuses().convert(text, None, None) == pairs


@pytest.mark.parametrize("text", ["", "20", "2xx", "300-200", "200-", "200,", "٢٠٠", "-200", "200-300-400"])
def test_what_is_no_statuses(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Statuses().convert(text, None, None)


def test_where_workers_cannot_be_auto_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert Workers().convert("auto", None, None) == Workers().convert("1", None, None) == 1
    with pytest.raises(click.BadParameter, match="more than one worker needs Linux"):
        Workers().convert("2", None, None)
