"""A log that is read backwards, in portions."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pynetdb.protocols.valkey.resp import Word
from pynetdb.servers.chat.kept_history import KeptHistory


class FakeBroker:
    """Has a log of numbered lines, and replies at once."""

    def __init__(self, lines: int) -> None:
        self.ids = [(1 + number // 7, number % 7) for number in range(lines)]
        self.asked = 0

    def ask(self, words: Sequence[Word], received: Callable[[Any], None]) -> None:
        self.asked += 1
        command, log, end, least, _, most = words
        assert (command, log, least) == ("XREVRANGE", "log", "-")
        last = (2**64, 0) if end == "+" else tuple(map(int, f"{end}-{2**64}".split("-")[:2]))
        found = [place for place in range(len(self.ids)) if self.ids[place] <= last]
        received(
            [
                [b"%d-%d" % self.ids[place], [b"MESSAGE", b"ann\n%d" % place, b"of", b"s/1"]]
                for place in reversed(found[-int(most) :])
            ]
        )


def understand(reply: Any, read: Callable[[Any], Any]) -> Any:
    return read(reply)


@pytest.mark.parametrize(
    ("lines", "most", "asked"), [(0, 5, 1), (3, 5, 1), (999, 999, 1), (2500, 2100, 3), (1000, 9999, 2)]
)
def test_the_last_lines_the_newest_first(lines: int, most: int, asked: int) -> None:
    broker = FakeBroker(lines)
    found: list[list[tuple[str, str]]] = []
    KeptHistory("log", most, understand).read(broker, found.append)  # type: ignore[arg-type]
    newest = range(lines - 1, max(lines - most, 0) - 1, -1)
    assert found == [[("ann", str(number)) for number in newest]]
    assert broker.asked == asked


def test_an_error_is_the_end_of_it() -> None:
    found: list[Any] = []
    KeptHistory("log", 5, lambda reply, read: None).read(FakeBroker(3), found.append)  # type: ignore[arg-type]
    assert found == []
