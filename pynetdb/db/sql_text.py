"""Where the text of SQL comes from: a file, or standard input as `-`."""

import sys

from pynetdb.errors import CommandLineError


def read_statement() -> str:
    """Read a statement from standard input. Raises CommandLineError for what is not UTF-8."""
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise CommandLineError("standard input: SQL must be UTF-8") from error


def read_script(path: str) -> tuple[str, str]:
    """Read a script; return its text and what it is called in messages. Raises CommandLineError."""
    try:
        if path == "-":
            return sys.stdin.buffer.read().decode(), "standard input"
        with open(path, "rb") as file:
            return file.read().decode("utf-8-sig"), path
    except UnicodeDecodeError as error:
        raise CommandLineError(f"{path}: is not UTF-8 text", hint="script") from error
    except OSError as error:
        raise CommandLineError(f"{path}: {error.strerror}", hint="script") from error
