"""Batches that another process reads: the same ones, and the same errors."""

import os
from collections.abc import Iterator

import pytest

from pynetdb.errors import DatabaseError, PynetdbError
from pynetdb.rows import prefetch as module
from pynetdb.rows.batch import Batch, TypeMismatchError, UnknownColumnError
from pynetdb.rows.prefetch import MIN_SIZE, available, is_worthwhile, prefetch

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="platform: no fork")


def batches(error: Exception | None = None) -> Iterator[Batch]:
    for i in range(3):
        yield Batch([i, "x" * i, None], i + 1, None if i else [1], i)
    if error is not None:
        raise error


@forks
def test_the_same_batches() -> None:
    with prefetch(batches()) as found:
        assert list(found) == list(batches())


@forks
@pytest.mark.parametrize(
    "error",
    [
        DatabaseError("x line 3: bad", hint="key"),
        DatabaseError("x line 3: bad", hint="another encoding", about="cp1252"),
        TypeMismatchError(),
        UnknownColumnError("n", 7),
    ],
)
def test_the_same_error_after_what_came_before_it(error: Exception) -> None:
    found = []
    with prefetch(batches(error)) as read, pytest.raises(type(error)) as caught:
        found.extend(read)
    assert found == list(batches())
    assert caught.value.args == error.args
    assert vars(caught.value) == vars(error)


@forks
def test_a_reader_that_dies() -> None:
    def deadly() -> Iterator[Batch]:
        os._exit(9)
        yield

    with prefetch(deadly()) as read, pytest.raises(PynetdbError, match="ended unexpectedly"):
        next(read)


@forks
def test_a_reader_that_is_not_waited_for() -> None:
    with prefetch(batches()) as read:
        next(read)


def test_where_it_saves_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_worthwhile(MIN_SIZE - 1)
    for able in (True, False):
        monkeypatch.setattr(module, "available", lambda able=able: able)
        assert is_worthwhile(MIN_SIZE) is is_worthwhile(None) is able
    assert available() in (True, False)


@forks
def test_where_no_process_may_be_made_this_one_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(module.os, "fork", refuse)
    with prefetch(batches()) as found:
        assert list(found) == list(batches())
