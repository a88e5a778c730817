"""A COMMAND's words as the one line that Windows hands to a program."""

import subprocess
from collections.abc import Sequence

from pynetdb.errors import CommandNotExecutableError

_BATCH = (".bat", ".cmd")

# Batch files are read by cmd.exe, to which these mean something even between quotation marks.
_DANGEROUS = frozenset('"%!\r\n')


def command_line(path: str, arguments: Sequence[str]) -> str:
    """Return the line for a program that was found at `path`: no shell reads it.

    Windows starts cmd.exe for a batch file, which would obey an `&` in an argument. There every argument is
    quoted. Raises CommandNotExecutableError for one that holds what quoting does not help against.
    """
    if not path.lower().endswith(_BATCH):
        return subprocess.list2cmdline([path, *arguments])
    for argument in arguments:
        if found := _DANGEROUS.intersection(argument):
            told = " and ".join(repr(character) for character in sorted(found))
            raise CommandNotExecutableError(f"{path}: a batch file cannot be given {told} in an argument")
    words = [f'"{argument}{_closing_backslashes(argument)}"' for argument in arguments]
    return " ".join([f'"{path}"', *words])


def _closing_backslashes(argument: str) -> str:
    """Return the backslashes at the end once more: one before a quotation mark would take its meaning."""
    return argument[len(argument.rstrip("\\")) :]
