"""Every option of every command that takes one value takes it once."""

import click
import pytest

from pynetdb.cli import COMMANDS, pynetdb
from pynetdb.command_classes import Command, ServerCommand


def single_options() -> list[tuple[str, click.Command, click.Option]]:
    context = click.Context(pynetdb)
    found = []
    for name in COMMANDS:
        command = pynetdb.get_command(context, name)
        assert command is not None
        found += [
            (name, command, parameter)
            for parameter in command.params
            if isinstance(parameter, click.Option) and not parameter.is_flag and not parameter.multiple
        ]
    return found


SINGLE = single_options()


@pytest.mark.parametrize("command", {command.name: command for _, command, _ in SINGLE}.values(), ids=str)
def test_all_are_of_our_class(command: click.Command) -> None:
    assert isinstance(command, Command)


@pytest.mark.parametrize(
    ("name", "command", "option"), SINGLE, ids=[f"{name} {option.opts[-1]}" for name, _, option in SINGLE]
)
def test_one_value_once(name: str, command: click.Command, option: click.Option) -> None:
    for first in option.opts:
        with pytest.raises(click.UsageError, match="is given twice"):
            command.make_context(name, [first, "1", option.opts[-1], "2"])


@click.command(cls=Command)
@click.argument("words", nargs=-1)
@click.option("-x", "--text")
@click.option("-m", "--many", multiple=True)
@click.option("--flag", is_flag=True)
def example(words: tuple[str, ...], text: str | None, many: tuple[str, ...], flag: bool) -> None:
    """A command."""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-- a comment\nselect 1"], (" -- a comment\nselect 1",)),
        (["--a\nselect 1", "--flag", "--flag"], (" --a\nselect 1",)),
        (["--", "-- a"], ("-- a",)),
        (["-m", "1", "-m", "2"], ()),
    ],
)
def test_texts_that_are_no_options(arguments: list[str], words: tuple[str, ...]) -> None:
    assert example.make_context("example", arguments).params["words"] == words


def test_the_value_of_an_option_stays_as_it_is() -> None:
    assert example.make_context("example", ["--text", "-- a b"]).params["text"] == "-- a b"
    with pytest.raises(click.UsageError):
        example.make_context("example", ["--nope"])


@pytest.mark.parametrize("name", COMMANDS)
def test_each_server_says_what_a_command_finds(name: str) -> None:
    context = click.Context(pynetdb)
    command = pynetdb.get_command(context, name)
    assert command is not None
    told = " ".join(command.get_help(click.Context(command, info_name=name)).split())
    serves = name.startswith("serve-") or name in ("chat-server", "udp-recv")
    found = "COMMAND finds PYNETDB_HOST, PYNETDB_PORT and PYNETDB_URL in its environment"
    assert told.count(found) == serves and isinstance(command, ServerCommand) == serves
