"""Manual pages, made from the help of the commands (man-pages(7), groff_man(7))."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from pynetdb import __version__
from pynetdb.examples import EXAMPLES, format_examples
from pynetdb.topics import TOPICS, topic_text


def page_name(command: str | None) -> str:
    """Return `pynetdb-serve-echo.1`; `pynetdb.1` for no command."""
    return f"pynetdb-{command}.1" if command else "pynetdb.1"


def render_page(group: click.Group, name: str | None) -> str:
    """Return the page of a command of `group`, or with None that of the group, as groff reads it.

    Raises KeyError for a name that is no command.
    """
    root = click.Context(group, info_name="pynetdb")
    if name is None:
        return (
            "\n".join([*_head("pynetdb", group), *_describe(group, root), *_tell_commands(group, root)])
            + "\n"
        )
    command = group.get_command(root, name)
    if command is None:
        raise KeyError(name)
    context = click.Context(command, info_name=name, parent=root)
    return "\n".join([*_head(f"pynetdb-{name}", command), *_describe(command, context), *_refer(name)]) + "\n"


def _head(title: str, command: click.Command) -> Iterator[str]:
    yield f'.TH {_escape(title.upper())} 1 "" "pynetdb {__version__}" "pynetdb"'
    yield ".nh"  # A word that is typed is not broken,
    yield ".ad l"  # nor are blanks put between others.
    yield ".SH NAME"
    yield f"{_escape(title)} \\- {_escape(_first_sentence(command))}"


def _first_sentence(command: click.Command) -> str:
    return " ".join(inspect.cleandoc(command.help or "").split("\n\n")[0].split()).removesuffix(".")


def _describe(command: click.Command, context: click.Context) -> Iterator[str]:
    yield ".SH SYNOPSIS"
    pieces = " ".join(command.collect_usage_pieces(context))
    yield f"\\fB{_escape(context.command_path)}\\fR {_escape(pieces)}"
    yield ".SH DESCRIPTION"
    yield from _paragraphs(inspect.cleandoc(command.help or ""))
    yield ".SH OPTIONS"
    records = [
        option.get_help_record(context) for option in command.params if isinstance(option, click.Option)
    ]
    for record in (*records, ("-h, --help", "Show this message and exit.")):
        if record is not None:
            yield ".TP"
            yield _escape_option(record[0])
            yield _escape(" ".join(record[1].split()))
    if command.name in EXAMPLES:
        yield ".SH EXAMPLES"
        yield from _paragraphs("\b\n" + "\n".join(format_examples(command.name)))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield ".PP"
        if paragraph.startswith("\b\n") or all(line.startswith("    ") for line in paragraph.split("\n")):
            yield ".nf"
            yield from map(_escape, paragraph.removeprefix("\b\n").split("\n"))
            yield ".fi"
        else:
            yield _escape(" ".join(paragraph.split()))


def _tell_commands(group: click.Group, root: click.Context) -> Iterator[str]:
    yield ".SH COMMANDS"
    for name in group.list_commands(root):
        command = group.get_command(root, name)
        if command is not None:
            yield ".TP"
            yield f"\\fBpynetdb-{_escape(name)}\\fR(1)"
            yield _escape(_first_sentence(command)) + "."
    for topic in TOPICS:
        yield f".SH {topic.upper()}"
        yield from _paragraphs(topic_text(topic).rstrip("\n"))


def _refer(name: str) -> Iterator[str]:
    yield ".SH ENVIRONMENT"
    prefix = f"PYNETDB_{name.upper().replace('-', '_')}_"
    yield f"Each option can be set by a variable: {_escape(prefix)}, then its long name in capitals."
    yield ".SH EXIT STATUS"
    yield from _paragraphs(topic_text("statuses").rstrip("\n"))
    yield ".SH SEE ALSO"
    yield "\\fBpynetdb\\fR(1)"


def _escape_option(names: str) -> str:
    return re.sub(r"(?<![\w\\])(\\-(?:\\-)?[\w?](?:[\w]|\\-)*)", r"\\fB\1\\fR", _escape(names))


def _escape(text: str) -> str:
    """Return a line as text: groff takes `-` for a hyphen, and a `.` or `'` at first for a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def show_page(page: str, name: str) -> bool:
    """Show a page by the system's `man`; False if there is none, or if it cannot."""
    import shutil
    import signal
    import subprocess
    import tempfile

    program = shutil.which("man")
    if program is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(page, "utf-8", newline="\n")
        # ^C is for the pager. A handler of ours is not handed down to it, as ignoring would be.
        before = signal.signal(signal.SIGINT, lambda *_: None)
        try:
            return subprocess.run([program, str(path)], check=False).returncode == 0
        except OSError:
            return False
        finally:
            signal.signal(signal.SIGINT, before)
