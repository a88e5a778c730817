"""The list of commands, and the one place where errors become messages and exit statuses."""

import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from pynetdb import __version__
from pynetdb.command_classes import WithHelp
from pynetdb.errors import PynetdbError
from pynetdb.interrupts import Terminated, end_by, take_signals
from pynetdb.standard_streams import discard, flush_standard_error, hold_standard_streams
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
    "completion",
    "help",
    "version",
)
"""In the order in which help lists them. Each is pynetdb/commands/<name with _>.py."""

# What writing to a full disk, a dead device or a closed descriptor says. Files that the user named and
# sockets translate their own errors, so what arrives here is standard output.
_OUTPUT_LOST = {errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG, errno.EBADF}

# The process or the system has none left, of descriptors, memory or processes.
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}


_WELCOME = f"""\
pynetdb {__version__}: networks and databases from one command line, explained.

Type first:
  pynetdb tour                 all of it on this machine, checked and explained
  pynetdb serve-echo           in one terminal a server, in another its client:
  pynetdb echo-client hello    add --explain to see the real socket calls
  pynetdb serve-http           share this folder over HTTP
  pynetdb db-query FILE.db     look into a database
  pynetdb help                 all commands; `pynetdb help COMMAND` for one

Commands:"""


class Commands(WithHelp, click.Group):
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
            raise click.UsageError(f"no such command {args[0]!r}{did_you_mean(args[0])}", ctx)
        name, command, rest = super().resolve_command(ctx, args)
        is_set = any(variable.startswith("PYNETDB_") for variable in os.environ)
        if is_set and command is not None and not ctx.resilient_parsing:
            _apply_environment(ctx, command, rest)
        if not gc.isenabled():
            # What was imported stays, and need not be looked at again whenever garbage is looked for.
            gc.freeze()
            gc.enable()
        return name, command, rest


def _apply_environment(ctx: click.Context, command: click.Command, words: Sequence[str]) -> None:
    """Take what the environment says of the options of `command`, and tell what it makes less safe."""
    from pynetdb.environment import apply_environment

    for option, variable in apply_environment(ctx, command, words).lowered_guards():
        _say(f"pynetdb {command.name}: {option} comes from {variable}", 0)


def did_you_mean(word: str) -> str:
    """Return `, did you mean ...?` for a word that is no command; nothing if nothing is near."""
    from pynetdb.guesses import guess_commands
    from pynetdb.wording import list_choices

    near = guess_commands(word, COMMANDS)
    return f", did you mean {list_choices(near)}?" if near else ""


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"{ctx.find_root().info_name} {__version__}", color=ctx.color)
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
def pynetdb() -> None:
    """Network programming and databases from one command line, explained as they happen.

    Servers and clients come in pairs that need no options: `pynetdb serve-echo` in one terminal and
    `pynetdb echo-client hello` in another. Add --explain to see the real socket calls.

    Every option can also be set by an environment variable, PYNETDB_<COMMAND>_<OPTION>:
    PYNETDB_SERVE_ECHO_PORT=7000. A repeatable one takes a value a line; what is typed beats it.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status. `arguments` default to those of the process."""
    # Imports make no garbage, and looking for some in all that they make is a tenth of a start.
    gc.disable()
    # Before that an interrupt ends us as it ends any program, without a word.
    hold_standard_streams()
    try:
        take_signals()
        if "_PYNETDB_COMPLETE" in os.environ:
            status = _flushed(_complete(os.environ["_PYNETDB_COMPLETE"]))
        else:
            status = _flushed(_run(sys.argv[1:] if arguments is None else arguments))
    except Terminated as error:
        flush_standard_error()
        end_by(error.number)
    except KeyboardInterrupt:
        end_by(signal.SIGINT)
    flush_standard_error()
    if not sys.warnoptions:  # Who asks for warnings is told of sockets and files that nobody closed.
        gc.freeze()  # The interpreter would look through everything once more before it goes.
    sys.exit(status)


def _run(arguments: Sequence[str]) -> int:
    """Run, and turn every error that has a name into its one line and its status."""
    context = None
    try:
        with pynetdb.make_context("pynetdb", list(arguments)) as context:
            pynetdb.invoke(context)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        return _say(f"{_WELCOME}\n{_list_commands()}", error.exit_code)
    except click.UsageError as error:
        from pynetdb.environment import variable_of

        told, variable = _explain_usage(error, arguments), variable_of(error)
        told = _from_environment(told, context) if variable is None else f"{variable}: {told}"
        return _complain(told, error.exit_code)
    except click.ClickException as error:
        return _complain(error.format_message(), error.exit_code)
    except PynetdbError as error:
        return _complain(_from_environment(_message(error), context), error.exit_status)
    except (KeyboardInterrupt, click.Abort):
        return 130
    except (MemoryError, SystemError):
        # The second is the interpreter's, which has found no room even for an exception.
        return _complain("out of memory", PynetdbError.exit_status)
    except BrokenPipeError:
        return _output_gone()
    except ImportError as error:
        # A library of the interpreter's own that finds no room (`ulimit -v`); a missing module is our bug.
        if not (error.path or "").endswith(".so"):
            raise
        return _complain(f"out of memory: {error.msg}", PynetdbError.exit_status)
    except OSError as error:
        if error.errno in _OUTPUT_LOST:
            return _output_lost(error)
        if error.errno not in _EXHAUSTED:
            raise
        return _complain(f"this system gives us no more: {error.strerror}", PynetdbError.exit_status)
    return 0


def _from_environment(message: str, context: click.Context | None) -> str:
    """Return a message that blames no option which nobody has typed."""
    if context is None or not context.meta.get("pynetdb.variables"):
        return message
    from pynetdb.environment import name_origin

    return name_origin(message, context)


def _complete(instruction: str) -> int:
    from pynetdb.completion import respond

    return respond(pynetdb, instruction)


def _list_commands() -> str:
    import textwrap

    return textwrap.fill(
        ", ".join(COMMANDS), 78, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )


def _explain_usage(error: click.UsageError, arguments: Sequence[str]) -> str:
    """Return what is wrong with the command line, the one hint that helps, and where to read on."""
    message = error.format_message().removesuffix(".")
    if not arguments or arguments[0] not in COMMANDS:
        if any(word in COMMANDS for word in arguments[1:]) and arguments[0].startswith("-"):
            message += ": options stand after their command"
        return f"{message} (see pynetdb --help)"
    from pynetdb.guesses import usage_hint

    # Not from the error: where click parses an option's value, its error knows no command.
    command = pynetdb.get_command(click.Context(pynetdb), arguments[0])
    hint = usage_hint(command, arguments[1:]) if command else None
    if hint and hint not in message:
        message += f": {hint}"
    return f"{message} (see pynetdb {arguments[0]} --help)"


def _message(error: PynetdbError) -> str:
    """Return the message, with the option that would help where the error hints at one."""
    if error.hint is None:
        return str(error)
    from pynetdb.hints import error_message

    return error_message(error)


def _complain(message: str, status: int) -> int:
    if "://" in message:
        from pynetdb.passwords import hide_passwords

        message = hide_passwords(message)
    # One line, whatever a library or a peer put into the message.
    return _say("Error: " + safe_line(" ".join(message.split("\n"))), status)


def _say(text: str, status: int) -> int:
    try:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    except OSError:
        discard(sys.stderr)  # Nowhere is left to say it; the status still does.
    return status


def _flushed(status: int) -> int:
    """Write what is still buffered: better here, with a status, than in the interpreter's last breath."""
    try:
        sys.stdout.flush()
    except OSError as error:
        from pynetdb.writing import is_broken_pipe

        return _output_gone() if is_broken_pipe(error) else _output_lost(error) or status
    return status


def _output_gone() -> int:
    """The reader left (`| head -1`): that is its right, and no error."""
    discard(sys.stdout)
    return 0


def _output_lost(error: OSError) -> int:
    discard(sys.stdout)
    return _complain(f"standard output: {error.strerror}", PynetdbError.exit_status)
