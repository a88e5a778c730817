"""Completion of command lines by the tab key: the scripts for the shells, and what completes each word."""

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, cast

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from pynetdb.errors import PynetdbError

if TYPE_CHECKING:
    from pynetdb.db.schema import Table

VARIABLE = "_PYNETDB_COMPLETE"
"""The environment variable by which a shell's script asks: `bash_complete`."""

Item = CompletionItem
Complete = Callable[[click.Context, str], Sequence["str | Item"]]


def script(shell: str) -> str:
    """Return what the shell is to run: it defines and registers a function that asks us."""
    return _SHELLS[shell].source_template % {
        "complete_func": "_pynetdb_completion",
        "complete_var": VARIABLE,
        "prog_name": "pynetdb",
    }


def respond(group: click.Group, instruction: str) -> int:
    """Answer the script of a shell on standard output; return the exit status."""
    shell, _, question = instruction.partition("_")
    if shell not in _SHELLS or question != "complete":
        return 1
    asked = _SHELLS[shell](group, {}, "pynetdb", VARIABLE)
    words, incomplete = asked.get_completion_args()
    items = find_items(asked, words, incomplete)
    click.echo("\n".join(map(asked.format_completion, items)))
    return 0


def find_items(asked: ShellComplete, words: list[str], incomplete: str) -> "list[Item]":
    """Return what may stand in place of `incomplete` after `words`; none where the line is wrong already."""
    # bash makes three words of --format=json.
    words = [word for n, word in enumerate(words) if not (word == "=" and words[n - 1].startswith("--"))]
    if "--" in words:
        rest = words[words.index("--") + 1 :]
        if not rest:
            return [Item("pynetdb")] if "pynetdb".startswith(incomplete) else [Item(incomplete, type="file")]
        if os.path.basename(rest[0]) != "pynetdb":
            return [Item(incomplete, type="file")]
        return find_items(asked, rest[1:], incomplete)
    group = cast("click.Group", asked.cli)
    if words and (command := group.get_command(click.Context(group), words[0])):
        for parameter in command.params:
            if complete := _find_completer(parameter):
                # click asks the parameter itself, so that each command need not know of completion.
                setattr(parameter, "shell_complete", _answer(complete))  # noqa: B010 - a method of one object
    with suppress(click.ClickException, PynetdbError):
        items = ShellComplete.get_completions(asked, words, incomplete)
        if incomplete.startswith("--") and "=" in incomplete:
            # One word for zsh and fish, which click answers with its second half.
            option = incomplete.partition("=")[0]
            items = [Item(f"{option}={item.value}", type=item.type, help=item.help) for item in items]
        return items
    return []


def _answer(complete: Complete) -> "Callable[[click.Context, str], list[Item]]":
    def shell_complete(ctx: click.Context, incomplete: str) -> "list[Item]":
        found = complete(ctx, incomplete)
        return [
            item if isinstance(item, CompletionItem) else Item(item)
            for item in found
            if isinstance(item, CompletionItem) or item.startswith(incomplete)
        ]

    return shell_complete


def _find_completer(parameter: click.Parameter) -> Complete | None:
    kind = "argument" if isinstance(parameter, click.Argument) else "option"
    known = _COMPLETERS.get(f"{kind} {parameter.name}")
    if known is None and re.search("FILE|PATH", getattr(parameter, "metavar", None) or ""):
        return _files
    return known


def _files(_: click.Context, incomplete: str) -> "list[Item]":
    return [Item(incomplete, type="file")]


def _folders(_: click.Context, incomplete: str) -> "list[Item]":
    return [Item(incomplete, type="dir")]


def _services(_: click.Context, incomplete: str) -> list[str]:
    from pynetdb.services import SERVICES

    return sorted(name for service in SERVICES for name in service.names)


def _topics(ctx: click.Context, incomplete: str) -> list[str]:
    from pynetdb.topics import TOPICS

    group = ctx.find_root().command
    return [*(group.list_commands(ctx) if isinstance(group, click.Group) else ()), *TOPICS]


def _zones(_: click.Context, incomplete: str) -> list[str]:
    from zoneinfo import available_timezones

    return sorted(available_timezones())


def _encodings(_: click.Context, incomplete: str) -> list[str]:
    return ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252", "ascii"]


def _faults(_: click.Context, incomplete: str) -> list[str]:
    from pynetdb.net.faults.specs import FORMS

    return list(dict.fromkeys(form.partition("=")[0] + "=" for form in FORMS))


def _hosts(_: click.Context, incomplete: str) -> list[str]:
    return ["127.0.0.1", "localhost", "0.0.0.0", "::1"]  # noqa: S104 - offered to be chosen


def _tables_of(ctx: click.Context) -> "list[Table]":
    from pynetdb.db import open as open_database

    place = ctx.params.get("db")
    # What is on a disk here: the tab key connects to nobody.
    if not place or not os.path.isfile(place):
        return []
    with open_database(place, "read", None, 0.2) as engine:
        return engine.all_tables()


def _tables(ctx: click.Context, incomplete: str) -> list[str]:
    return [table.name for table in _tables_of(ctx)]


def _values(ctx: click.Context, incomplete: str) -> list[str]:
    """`NAME=` of the columns that have no value yet."""
    given = {word.partition("=")[0].removesuffix(":") for word in ctx.params.get("values") or ()}
    return [
        f"{column.name}="
        for table in _tables_of(ctx)
        if table.name == ctx.params.get("table")
        for column in table.fillable_columns
        if column.name not in given
    ]


def _statement(ctx: click.Context, incomplete: str) -> list[str]:
    """The last word of SQL: a table, or a column of any."""
    before, word = re.fullmatch(r"(.*?)(\w*)", incomplete, re.DOTALL).groups()  # type: ignore[union-attr]
    if not before.strip():
        return []
    tables = _tables_of(ctx)
    names = [table.name for table in tables] + [column.name for table in tables for column in table.columns]
    return [before + name for name in dict.fromkeys(names) if name.isidentifier() and name.startswith(word)]


_COMPLETERS: dict[str, Complete] = {
    "argument db": _files,
    "argument directory": _folders,
    "argument name_or_number": _services,
    "argument sql": _statement,
    "argument table": _tables,
    "argument topic": _topics,
    "argument values": _values,
    "option encoding": _encodings,
    "option fault": _faults,
    "option host": _hosts,
    "option port": _services,
    "option zone": _zones,
}
"""By kind and name of a parameter; the other ones are completed as files by their metavar, or by click."""


class _Bash(BashComplete):
    # click's, but for values with blanks or `*` in them, and no blank after `name=`.
    source_template = """\
%(complete_func)s() {
    local IFS=$'\\n' completion kind value
    COMPREPLY=()
    for completion in $(
        env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" %(complete_var)s=bash_complete "$1"
    ); do
        kind=${completion%%%%,*}
        value=${completion#*,}
        case $kind in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                [[ ${COMP_WORDS[COMP_CWORD]} == [\\"\\']* ]] || printf -v value %%q "$value"
                COMPREPLY+=("$value") ;;
        esac
    done
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace
    fi
    return 0
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class _Zsh(ZshComplete):
    # click's, but for no blank after `name=`.
    source_template = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a plain described unfinished response
    local kind key description
    response=("${(@f)$(
        env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) %(complete_var)s=zsh_complete $words[1]
    )}")
    for kind key description in ${response}; do
        case $kind in
            dir) _path_files -/ ;;
            file)
                [[ $words[CURRENT] == --*=* ]] && compset -P '*='
                _path_files -f ;;
            plain)
                if [[ $key == *= ]]; then
                    unfinished+=("$key")
                elif [[ $description == _ ]]; then
                    plain+=("$key")
                else
                    described+=("$key:$description")
                fi ;;
        esac
    done
    [[ -n $described ]] && _describe -V unsorted described -U
    [[ -n $plain ]] && compadd -U -V unsorted -a plain
    [[ -n $unfinished ]] && compadd -U -S '' -V unsorted -a unfinished
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""


class _Fish(FishComplete):
    # click's, but for values with commas in them or in their help.
    source_template = """\
function %(complete_func)s
    set -lx %(complete_var)s fish_complete
    set -lx COMP_WORDS (commandline -cp)
    set -lx COMP_CWORD (commandline -t)
    for completion in (%(prog_name)s)
        set -l metadata (string split -m 1 "," -- $completion)
        switch $metadata[1]
            case dir
                __fish_complete_directories $metadata[2]
            case file
                __fish_complete_path $metadata[2]
            case plain
                echo $metadata[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""


_SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}
