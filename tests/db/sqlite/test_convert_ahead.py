"""A second thread that works on rows: the same texts in the same order, also at an error."""

import threading
from collections.abc import Iterator

import pytest

from pynetdb.db.sqlite import convert_ahead as module
from pynetdb.db.sqlite.convert_ahead import convert_ahead
from pynetdb.errors import DatabaseError, PynetdbError


def encode(number: int) -> bytes:
    return b"%d" % number


@pytest.mark.parametrize("processors", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 50])
def test_every_block_in_order(count: int, processors: int) -> None:
    assert list(convert_ahead(iter(range(count)), encode, processors)) == [b"%d" % n for n in range(count)]


def test_what_came_before_an_error_is_told_first() -> None:
    def blocks() -> Iterator[int]:
        yield from range(7)
        raise DatabaseError("x: broken")

    found: list[bytes] = []
    with pytest.raises(DatabaseError, match="broken"):
        found.extend(convert_ahead(blocks(), encode, 2))
    assert found == [b"%d" % n for n in range(7)]


def test_a_slow_block_is_not_kept_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SLOW", -1)
    asked = []

    def blocks() -> Iterator[int]:
        for number in range(9):
            asked.append(number)
            yield number

    for number, text in enumerate(convert_ahead(blocks(), encode, 2)):
        assert text == b"%d" % number and asked[-1] == number


def test_the_thread_ends_with_the_texts_that_nobody_wants() -> None:
    texts = convert_ahead(iter(range(99)), encode, 2)
    for _ in range(6):
        next(texts)
    thread = next(thread for thread in threading.enumerate() if thread.name == "making text of rows")
    texts.close()  # type: ignore[attr-defined]
    thread.join(10)
    assert not thread.is_alive()


def test_without_a_further_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PynetdbError("no further thread")

    monkeypatch.setattr(module, "start_thread", refuse)
    assert list(convert_ahead(iter(range(9)), encode, 2)) == [b"%d" % n for n in range(9)]


def test_a_thread_that_ends_early_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug, then: with its traceback, and nobody waits for ever."""

    workers: list[threading.Thread] = []
    monkeypatch.setattr(threading, "excepthook", lambda _: None)

    def convert(number: int) -> bytes:
        workers.append(threading.current_thread())
        return b"%d" % (1 // (6 - number))

    with pytest.raises(RuntimeError, match="has ended"):
        list(convert_ahead(iter(range(9)), convert, 2))
    workers[-1].join(10)
    assert not workers[-1].is_alive()
