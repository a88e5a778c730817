"""What all commands do with their words before click sees them."""

import inspect
import re
from typing import Any

import click

# An option's name is a word; after it may come `=` and a value.
_NO_OPTION = r"--(?!\Z)(?![A-Za-z][A-Za-z0-9-]*(?:=|\Z))"


class WithHelp(click.Command):
    """What all commands and their group have: the help option that click makes, without its detours.

    Click looks for translations of its own words, which it does not bring along, and loads the names of all
    locales for that: a millisecond of every start.
    """

    _own_help: click.Option | None = None

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        names = self.get_help_option_names(ctx)
        if self._own_help is None and names and self.add_help_option:
            self._own_help = click.Option(
                names,
                is_flag=True,
                expose_value=False,
                is_eager=True,
                help="Show this message and exit.",
                callback=_show_help,
            )
        return self._own_help


def _show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


class Command(WithHelp):
    """A command that takes an option for one value only once, and SQL or text that begins with `--`.

    Its help ends with examples.
    """

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence, whole: half of one tells nobody what a command does."""
        return " ".join((self.help or "").split("\n\n")[0].split())

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from pynetdb.examples import format_examples

        # On a terminal it is these that stay in sight.
        with formatter.section("Examples"):
            for line in format_examples(self.name or ""):
                formatter.write(f"{'':{formatter.current_indent}}{line}\n")

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options = {
            name: parameter
            for parameter in self.params
            if isinstance(parameter, click.Option)
            for name in parameter.opts
        }
        args = _spell_out(_protect_texts(args, options), options)
        if not ctx.resilient_parsing and _may_repeat(args, options):
            self._refuse_repeated(ctx, args)
        return super().parse_args(ctx, args)

    def _refuse_repeated(self, ctx: click.Context, args: list[str]) -> None:
        _, _, order = self.make_parser(ctx).parse_args(list(args))
        seen: set[str | None] = set()
        for parameter in order:
            if not isinstance(parameter, click.Option) or parameter.multiple or parameter.is_flag:
                continue
            if parameter.count or parameter.name not in seen:
                seen.add(parameter.name)
                continue
            option = max(parameter.opts, key=len)
            raise click.UsageError(f"{option} is given twice, expected one value", ctx)


_Options = dict[str, click.Option]


def _protect_texts(args: list[str], options: _Options) -> list[str]:
    """Put a space before what begins with `--` and is no option, such as SQL with a comment in front."""
    return [
        f" {word}"
        if word[:2] == "--"
        and word.partition("=")[0] not in options
        and re.match(_NO_OPTION, word)
        and not _takes_next(before, options)
        else word
        for before, word in _pairs(args)
    ] + args[_end(args) :]


def _spell_out(args: list[str], options: _Options) -> list[str]:
    """Put an option's long name for its short one where nothing else can be meant.

    Click takes `-q` for a long name first, and compares it with all there are before it is heard that there
    is none: another two milliseconds.
    """
    end, spelled = _end(args), []
    for at, (before, word) in enumerate(_pairs(args)):
        option = options.get(word) if len(word) == 2 else None
        # What stands behind several short options in one word may be the value of the last.
        is_value = _takes_next(before, options) or (
            before[:1] == "-" and before[:2] != "--" and len(before) > 2
        )
        if option is not None and not is_value and (_is_flag(option) or at + 1 < end):
            word = next((name for name in option.opts if name.startswith("--")), word)
        spelled.append(word)
    return spelled + args[end:]


def _may_repeat(args: list[str], options: _Options) -> bool:
    """Whether an option may be given twice: only then it is worth to read the words once more."""
    seen = set()
    for word in args[: _end(args)]:
        if word[:1] == "-" and word != "-":
            option = options.get(word.partition("=")[0])
            if option is None or option in seen:
                return True
            seen.add(option)
    return False


def _pairs(args: list[str]) -> list[tuple[str, str]]:
    """Return each word up to `--`, with the one before it."""
    return list(zip(["", *args], args[: _end(args)], strict=False))


def _end(args: list[str]) -> int:
    return args.index("--") if "--" in args else len(args)


def _takes_next(word: str, options: _Options) -> bool:
    """Whether a word is an option whose value is the next one."""
    return word in options and not _is_flag(options[word])


def _is_flag(option: click.Option) -> bool:
    return option.is_flag or option.count


class CommandBeforeAnother(Command):
    """A command that takes `-- COMMAND...`, to be run by it.

    COMMAND is split off before click parses, so that an optional argument such as [DIRECTORY] cannot
    swallow it; the options of COMMAND are its own.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--" in args:
            split = args.index("--")
            args, command = args[:split], args[split + 1 :]
            if not command:
                raise click.UsageError("'--' without a COMMAND after it", ctx)
            ctx.meta["pynetdb.command"] = tuple(command)
        return super().parse_args(ctx, args)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND...]"]


class ServerCommand(CommandBeforeAnother):
    """A server, which runs COMMAND while it serves. Its help says so at the end."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings)
        has_unix = any("--unix" in parameter.opts for parameter in self.params)
        told = _WITH_COMMAND + (_WITH_UNIX if has_unix else "")
        self.help = f"{inspect.cleandoc(self.help or '')}\n\n{told}."


_WITH_COMMAND = """\
With COMMAND the server runs while COMMAND does and exits with its status; COMMAND finds PYNETDB_HOST,
PYNETDB_PORT and PYNETDB_URL in its environment"""
_WITH_UNIX = ", and with --unix PYNETDB_UNIX in place of the first two"
