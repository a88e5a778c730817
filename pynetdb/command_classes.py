"""What all commands do with their words before click sees them."""

import re

import click

# An option's name is a word; after it may come `=` and a value.
_NO_OPTION = r"--(?!\Z)(?![A-Za-z][A-Za-z0-9-]*(?:=|\Z))"


class Command(click.Command):
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
        args = self._protect_texts(args)
        if not ctx.resilient_parsing:
            self._refuse_repeated(ctx, args)
        return super().parse_args(ctx, args)

    def _protect_texts(self, args: list[str]) -> list[str]:
        """Put a space before what begins with `--` and is no option, such as SQL with a comment in front."""
        end = args.index("--") if "--" in args else len(args)
        before = ["", *args]
        return [
            f" {word}" if at < end and re.match(_NO_OPTION, word) and not self._takes(before[at]) else word
            for at, word in enumerate(args)
        ]

    def _takes(self, word: str) -> bool:
        """Whether a word is an option whose value is the next one."""
        return any(
            word in parameter.opts and not parameter.is_flag and not parameter.count
            for parameter in self.params
            if isinstance(parameter, click.Option)
        )

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


class ServerCommand(Command):
    """A command that takes `-- COMMAND...`, to be run while it serves.

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
