"""The examples are whole, fit a terminal, and are command lines."""

import shlex

import click
import pytest

from pynetdb.cli import COMMANDS, pynetdb
from pynetdb.examples import EXAMPLES, format_examples


def test_every_command_has_some() -> None:
    assert list(EXAMPLES) == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_they_fit_and_can_be_typed(command: str) -> None:
    lines = format_examples(command)
    assert lines and max(map(len, lines)) <= 78
    for line, _ in EXAMPLES[command]:
        words = shlex.split(line)
        if words[0] == "eval":
            words = shlex.split(words[1].strip("$()"))
        assert words[:2] == ["pynetdb", command]
        found = pynetdb.get_command(click.Context(pynetdb), command)
        assert found is not None
        # Nothing is refused: options, choices and values are what they should be.
        found.make_context(command, words[2:], parent=click.Context(pynetdb))


def test_they_are_the_end_of_the_help() -> None:
    found = pynetdb.get_command(click.Context(pynetdb), "wait")
    assert found is not None
    shown = found.get_help(click.Context(found))
    assert shown.endswith("\n".join(["Examples:", *(f"  {line}" for line in format_examples("wait"))]))
