"""The forms of --fault."""

import pytest

from pynetdb.errors import CommandLineError
from pynetdb.net.faults.specs import FORMS, Specs, Stall, parse_specs


def test_every_form_that_is_listed_is_understood() -> None:
    for form in FORMS:
        assert parse_specs([form]) != Specs()


@pytest.mark.parametrize(
    ("texts", "specs"),
    [
        (["delay=200ms"], Specs(delay=(0.2, 0.2))),
        (["delay=50ms..0.4s"], Specs(delay=(0.05, 0.4))),
        (["rate=10kB", "split=1"], Specs(rate=10_000, split=1)),
        (["stall=5s"], Specs(stalls=(Stall(5.0, 0),))),
        (["stall=1s@1000", "stall=2s@10"], Specs(stalls=(Stall(2.0, 10), Stall(1.0, 1000)))),
        (["reset-after=10", "close-after=0"], Specs(reset_after=10, close_after=0)),
        (["drop=10%", "duplicate=5%", "reorder=0.5%"], Specs(drop=0.1, duplicate=0.05, reorder=0.005)),
        (["corrupt=1%", "refuse=100%"], Specs(corrupt=0.01, refuse=1.0)),
    ],
)
def test_what_they_mean(texts: list[str], specs: Specs) -> None:
    assert parse_specs(texts) == specs


@pytest.mark.parametrize("text", ["", "reset_after=10", "lose=10%", "Drop=10%", "drop =10%", "=10%"])
def test_what_is_none_is_told_the_right_ones(text: str) -> None:
    with pytest.raises(CommandLineError) as raised:
        parse_specs([text])
    assert all(form in str(raised.value) for form in FORMS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, "a time from 0s to 24h or two") for text in ("delay", "delay=", "delay=fast", "delay=-1s")),
        *((text, "the shorter one first") for text in ("delay=2s..1s", "delay=1s..", "delay=25h")),
        *((text, "0% to 100%") for text in ("drop=10", "drop=0.5", "drop=101%", "corrupt=200%", "refuse=x")),
        *((text, "0% to 100%") for text in ("duplicate=-1%", "reorder")),
        *((text, "1 or more") for text in ("rate=0", "split=0", "split=-1")),
        *((text, "perhaps behind so many bytes") for text in ("stall=1s@", "stall=@3", "stall=25h")),
        *((text, "a number of bytes") for text in ("reset-after=soon", "close-after=-1")),
    ],
)
def test_a_value_that_is_wrong_is_told_what_is_expected_of_it(text: str, expected: str) -> None:
    with pytest.raises(CommandLineError) as raised:
        parse_specs([text])
    message = str(raised.value)
    assert message.startswith(f"{text}: expected ") and expected in message
    # An example of the same fault, and of no other.
    name = text.partition("=")[0]
    examples = [form for form in FORMS if form in message]
    assert examples and all(form.startswith(f"{name}=") for form in examples)


def test_two_of_a_kind_contradict_each_other() -> None:
    with pytest.raises(CommandLineError, match="another drop"):
        parse_specs(["drop=1%", "drop=2%"])


def test_a_fault_needs_something_that_it_can_happen_to() -> None:
    for text in ("rate=1kB", "split=1", "stall=1s", "reset-after=1", "close-after=1", "refuse=1%"):
        with pytest.raises(CommandLineError, match="happens to connections"):
            parse_specs([text]).require(streams=False, datagrams=True)
        parse_specs([text]).require(streams=True, datagrams=False)
    for text in ("drop=1%", "duplicate=1%", "reorder=1%"):
        with pytest.raises(CommandLineError, match="happens to datagrams"):
            parse_specs([text]).require(streams=True, datagrams=False)
        parse_specs([text]).require(streams=True, datagrams=True)
    for text in ("delay=1s", "corrupt=1%"):
        parse_specs([text]).require(streams=True, datagrams=False)
        parse_specs([text]).require(streams=False, datagrams=True)
