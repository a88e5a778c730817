"""Numbers that processes share: nobody gets what another has taken, and nothing is forgotten."""

import os

from programs import linux

from pynetdb.net.process.shared_counter import Tally, Tokens

pytestmark = linux


def test_each_token_is_taken_once() -> None:
    tokens, taken = Tokens(10_000), Tally()
    children = []
    for _ in range(4):
        if not (pid := os.fork()):
            while tokens.take():
                taken.add(1)
            os._exit(0)
        children.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 4
    assert taken.read() == 10_000
    assert not tokens.take()
    tokens.give()
    assert tokens.take()
    assert not tokens.take()
    tokens.close()
    taken.close()


def test_a_tally_is_read_once() -> None:
    tally = Tally()
    assert tally.read() == 0
    tally.add(3)
    tally.add(4)
    assert tally.read() == 7
    assert tally.read() == 0
    tally.close()


def test_any_number_fits() -> None:
    for number in (0, 1, 2**32, 2**64):
        tokens = Tokens(number)
        assert tokens.take() == bool(number)
        tokens.close()
