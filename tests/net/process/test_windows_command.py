"""A COMMAND's words as one line."""

import subprocess

import pytest

from pynetdb.errors import CommandNotExecutableError
from pynetdb.net.process.windows_command import command_line


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["a b", "&", "\\"], '"C:\\x\\tool.cmd" "a b" "&" "\\\\"'),
        ([], '"C:\\x\\tool.cmd"'),
        ([""], '"C:\\x\\tool.cmd" ""'),
    ],
)
def test_a_batch_file_gets_every_word_quoted(words: list[str], line: str) -> None:
    assert command_line("C:\\x\\tool.cmd", words) == line


@pytest.mark.parametrize("word", ["%PATH%", 'a"b', "a\nb", "!x!"])
def test_what_quotation_marks_do_not_hold_is_refused(word: str) -> None:
    with pytest.raises(CommandNotExecutableError, match="a batch file cannot be given"):
        command_line("tool.BAT", ["fine", word])


def test_programs_get_what_the_standard_library_makes() -> None:
    words = ["a b", 'c"d', "%e%", "f\\"]
    assert command_line("C:\\p.exe", words) == subprocess.list2cmdline(["C:\\p.exe", *words])
