"""The list of commands, and the one place where errors become messages and exit statuses."""

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from pynetdb import __version__
from pynetdb.errors import PynetdbError
from pynetdb.terminal import safe_line

COMMANDS = (
    "serve-echo",
    "echo-client",
    "serve-http",
    "http-get",
    "chat-server",
    "chat-client",
    "serve-time",
    "time-query",
    "udp-send",
    "udp-recv",
    "db-create",
    "db-insert",
    "db-query",
    "ports",
    "wait",
    "draw",
    "tour",
)
"""In the order in which help lists them. Each is pynetdb/commands/<name with _>.py."""

# What writing to a full disk, a dead device or a closed descriptor says. Files that the user named and
# sockets translate their own errors, so what arrives here is standard output.
_OUTPUT_LOST = {errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG, errno.EBADF}


class Commands(click.Group):
    """Loads a command's module when that command is wanted, so that nobody pays for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"pynetdb.commands.{name}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no such command {args[0]!r}{_did_you_mean(args[0])}", ctx)
        return super().resolve_command(ctx, args)


def _did_you_mean(word: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word.lower().replace("_", "-"), COMMANDS, n=2, cutoff=0.5)
    return f", did you mean {' or '.join(near)}?" if near else ""


@click.group(
    cls=Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "PYNETDB",
        "max_content_width": 100,
    },
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def pynetdb() -> None:
    """Network programming and databases from one command line, explained as they happen.

    Servers and clients come in pairs that need no options: `pynetdb serve-echo` in one terminal and
    `pynetdb echo-client hello` in another. Add --explain to see the real socket calls.

    Every option can also be set by an environment variable, PYNETDB_<COMMAND>_<OPTION>:
    PYNETDB_SERVE_ECHO_PORT=7000.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status. `arguments` default to those of the process."""
    _hold_standard_descriptors()
    status = _run(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_flushed(status))


def _run(arguments: Sequence[str]) -> int:
    """Run, and turn every error that has a name into its one line and its status."""
    try:
        with pynetdb.make_context("pynetdb", list(arguments)) as context:
            pynetdb.invoke(context)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "pynetdb"
        return _complain(f"{error.format_message()} (see {path} --help)", error.exit_code)
    except click.ClickException as error:
        return _complain(error.format_message(), error.exit_code)
    except PynetdbError as error:
        return _complain(_message(error), error.exit_status)
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        return _output_gone()
    except OSError as error:
        if error.errno not in _OUTPUT_LOST:
            raise
        return _output_lost(error)
    return 0


def _message(error: PynetdbError) -> str:
    """Return the message, with the option that would help where the error hints at one."""
    if error.hint is None:
        return str(error)
    from pynetdb.hints import error_message

    return error_message(error)


def _complain(message: str, status: int) -> int:
    # One line, whatever a library or a peer put into the message.
    line = safe_line(" ".join(message.split("\n")))
    if sys.stderr is not None:
        try:
            sys.stderr.write(f"Error: {line}\n")
            sys.stderr.flush()
        except OSError:
            pass  # Nowhere is left to say it; the status still does.
    return status


def _flushed(status: int) -> int:
    """Write what is still buffered: better here, with a status, than in the interpreter's last breath."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _output_gone()
    except OSError as error:
        return _output_lost(error) or status
    return status


def _output_gone() -> int:
    """The reader left (`| head -1`): that is its right, and no error."""
    _discard_output()
    return 0


def _output_lost(error: OSError) -> int:
    _discard_output()
    return _complain(f"standard output: {error.strerror}", PynetdbError.exit_status)


def _discard_output() -> None:
    # The interpreter flushes once more at exit: what cannot be written must go somewhere.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _hold_standard_descriptors() -> None:
    """Make standard output UTF-8 with `\\n`, and keep descriptors 0 to 2 from becoming sockets.

    A process can be started with them closed (`>&-`); the first file or socket it opens would then take
    the number, and whatever is printed would go there. /dev/null opened the wrong way round takes the
    place instead, so that output is an error rather than lost.
    """
    for descriptor, flags in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, flags)
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - it lives as long as the process
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
