"""Options from the environment: PYNETDB_<COMMAND>_<OPTION>, made from the option's long name."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

# Of each row one side has a say. Where a side was typed, what the environment has for another one is not
# meant: a surrounding server's place, somebody's favourite format.
_RIVALS: Sequence[Sequence[frozenset[str]]] = [
    [frozenset({"unix"}), frozenset({"host", "port", "udp"})],
    [frozenset({"servers"}), frozenset({"host", "port"})],
    [frozenset({"udp"}), frozenset({"greeting"})],
    [frozenset({"cert", "key"}), frozenset({"self-signed"})],
    [frozenset({"format"}), frozenset({"json"})],
    [frozenset({"quiet"}), frozenset({"verbose"})],
    [frozenset({"interval"}), frozenset({"rate"})],
    [frozenset({"messages"}), frozenset({"file"}), frozenset({"size"})],
    [frozenset({"head"}), frozenset({"output", "find"})],
    [frozenset({"if-not-exists"}), frozenset({"replace"})],
    [frozenset({"param"}), frozenset({"value"})],
    [frozenset({"sql"}), frozenset({"schema"}), frozenset({"from"})],
    [frozenset({"columns"}), frozenset({"from"}), frozenset({"sql"})],
]

# What protects somebody, and is switched off by these: nobody should wonder why.
_LOWERS_A_GUARD = frozenset(
    [
        "write",
        "insecure",
        "hidden",
        "follow-symlinks",
        "allow-host",
        "cors",
        "replace",
        "journal-bodies",
        "broadcast",
    ]
)
_EVERY_INTERFACE = ("0.0.0.0", "::")  # noqa: S104 - the names that open a server to everybody


class Settings:
    """What the environment says of a command's options, as far as the words typed leave it a say."""

    def __init__(self, command: click.Command, words: Sequence[str], environment: Mapping[str, str]) -> None:
        """`words` are those behind the command's name. Raises UsageError."""
        self.values: dict[str, Any] = {}
        """Values by the names of parameters, as text: one each, or several where an option is repeatable."""
        self.variables: dict[str, str] = {}
        """Where they come from: variables by the names of parameters."""
        self._options: dict[str, click.Option] = {}
        self._typed: set[str] = set()
        prefix = f"PYNETDB_{_in_capitals(command.name or '')}_"
        if not any(name.startswith(prefix) for name in environment):
            return
        self._typed = _typed(command, words)
        silenced = _silenced(self._typed)
        for option in command.params:
            if isinstance(option, click.Option) and long_name(option) not in silenced:
                self._read(option, prefix, environment)

    def lowered_guards(self) -> Iterator[tuple[str, str]]:
        """Yield options that make something less safe, each with its variable."""
        for name, variable in self.variables.items():
            option, value = self._options[name], self.values[name]
            key = long_name(option)
            lowers = key in _LOWERS_A_GUARD and (option.multiple or _is_true(value))
            if lowers or (key == "host" and value in _EVERY_INTERFACE):
                yield f"--{key}", variable

    def heeded(self) -> dict[str, str]:
        """Return the variables of options that nobody has typed, by the names of parameters."""
        return {
            name: variable
            for name, variable in self.variables.items()
            if long_name(self._options[name]) not in self._typed
        }

    def _read(self, option: click.Option, prefix: str, environment: Mapping[str, str]) -> None:
        name = str(option.name)
        for variable, negates in variables(option, prefix):
            # As click has it, an empty one is none.
            if not (text := environment.get(variable)):
                continue
            self._options[name] = option
            self.variables[name] = variable
            if negates:
                self.values[name] = not click.BOOL.convert(text, option, None)
            else:
                self.values[name] = text.removesuffix("\n").split("\n") if option.multiple else text


def apply_environment(ctx: click.Context, command: click.Command, words: Sequence[str]) -> Settings:
    """Have the environment's values be the defaults of `command`, which `ctx` is about to run."""
    settings = Settings(command, words, os.environ)
    ctx.default_map = {command.name or "": settings.values}
    ctx.meta["pynetdb.variables"] = settings.heeded()
    return settings


def variable_of(error: click.UsageError) -> str | None:
    """Return the variable that a wrong value came from, or None if it was typed."""
    if not isinstance(error, click.BadParameter) or error.param is None or error.ctx is None:
        return None
    source = error.ctx.get_parameter_source(error.param.name or "")
    if source is not click.core.ParameterSource.DEFAULT_MAP:
        return None
    name: str | None = error.ctx.meta.get("pynetdb.variables", {}).get(error.param.name)
    return name


def name_origin(message: str, context: click.Context) -> str:
    """Return the message of an error, behind the variable that the option came from which it begins with."""
    option = message.partition(" ")[0].rstrip(":")
    prefix = f"PYNETDB_{_in_capitals(context.invoked_subcommand or '')}_"
    variable = prefix + _in_capitals(option.removeprefix("--"))
    came = option.startswith("--") and variable in context.meta.get("pynetdb.variables", {}).values()
    return f"{variable}: {message}" if came else message


def long_name(option: click.Option) -> str:
    """Return an option's first long name, or if it has none its short one, without its dashes."""
    return next((name for name in option.opts if name.startswith("--")), option.opts[0]).lstrip("-")


def variables(option: click.Option, prefix: str) -> Iterator[tuple[str, bool]]:
    """Yield the variables of an option, and whether they say the opposite, as that of `--no-index` does."""
    yield prefix + _in_capitals(long_name(option)), False
    for name in option.secondary_opts:
        yield prefix + _in_capitals(name.lstrip("-")), True


def _in_capitals(name: str) -> str:
    return name.upper().replace("-", "_")


def _typed(command: click.Command, words: Sequence[str]) -> set[str]:
    """Return the long names of options, and the names of arguments, that are on the command line."""
    known = list(words)
    if "--" in known:
        known = known[: known.index("--")]
    try:
        found, _, order = command.make_parser(click.Context(command)).parse_args(known)
    except click.UsageError:
        return set()  # It is told when the words are read in earnest.
    typed = set()
    for parameter in order:
        value = found.get(parameter.name or "")
        if isinstance(parameter, click.Option):
            typed.add(long_name(parameter))
        elif isinstance(value, str) or (isinstance(value, Sequence) and len(value)):
            typed.add(parameter.name or "")
    return typed


def _silenced(typed: set[str]) -> set[str]:
    """Return the options of which the environment has no say, because a rival was typed."""
    silenced: set[str] = set()
    for sides in _RIVALS:
        for side in sides:
            if side & typed:
                silenced |= {name for other in sides if other is not side for name in other}
    return silenced - typed


def _is_true(value: Any) -> bool:
    try:
        return bool(click.BOOL.convert(value, None, None))
    except click.BadParameter:
        return False  # It is refused in a moment.
