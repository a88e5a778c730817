"""Long work in pieces: everybody's turn comes, and so does that of others."""

from collections import deque
from collections.abc import Callable, Iterator

import pytest

from pynetdb.servers.http import gradual
from pynetdb.servers.http.gradual import GradualWork


def test_works_take_turns_and_a_slice_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(100))
    monkeypatch.setattr(gradual.time, "perf_counter", lambda: next(now))
    monkeypatch.setattr(gradual, "SLICE", 3)  # Three looks at a clock that goes on by one with each.
    soon: deque[Callable[[], None]] = deque()
    work = GradualWork(soon.append)
    done: list[str] = []

    def steps(name: str, count: int) -> Iterator[None]:
        for number in range(count):
            done.append(f"{name}{number}")
            yield

    work.add(steps("a", 3))
    work.add(steps("b", 2))
    assert not done and len(soon) == 1
    turns = []
    while soon:
        soon.popleft()()
        turns.append(len(done))
    assert done == ["a0", "b0", "a1", "b1", "a2"]
    assert turns[0] == 2 and len(turns) > 2, "the loop had its turn in between"
