"""The options that say what a file of rows is like."""

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from pynetdb.params import Decorator, gathered

if TYPE_CHECKING:
    from pynetdb.rows.data_file import DataFile


_OPTIONS = [
    click.option(
        "--input-format",
        type=click.Choice(("csv", "tsv", "json", "jsonl")),
        help="What FILE is; by default its contents and its extension say so, else it is CSV.",
    ),
    click.option(
        "--delimiter",
        metavar="CHARACTER",
        help="What stands between the fields of CSV; by default what fits.",
    ),
    click.option("--quote", metavar="CHARACTER", help="What stands around fields, or `none`; TSV has none."),
    click.option(
        "--skip", metavar="N", type=click.IntRange(min=0), default=0, help="Leave out the first N lines."
    ),
    click.option(
        "--encoding", metavar="NAME", default="utf-8", show_default=True, help="How FILE's text is coded."
    ),
    click.option("--no-header", is_flag=True, help="The first line of CSV is a row like the others."),
    click.option(
        "--columns",
        "column_names",
        metavar="NAME,...",
        help="The names of the columns, in place of the header's.",
    ),
    click.option(
        "--decimal",
        type=click.Choice((".", ",")),
        default=".",
        help="What stands before the fraction of a number; with a comma, points group digits.",
    ),
    click.option("--null", metavar="TEXT", multiple=True, help="A text that means NULL, such as NA."),
    click.option(
        "--at",
        metavar="KEY",
        help="Where in an object of JSON, or in that of each line, the rows are: KEY or KEY.KEY.",
    ),
    click.option("--flatten", is_flag=True, help="Make `address.city` of JSON a column `address_city`."),
    click.option("--lenient", is_flag=True, help="Make rows of CSV fit that do not, and say which."),
]

_KEYS = (
    "input_format", "delimiter", "quote", "skip", "encoding", "no_header", "column_names", "decimal", "null",
    "at", "flatten", "lenient",
)  # fmt: skip


def data_options(what: str) -> Decorator:
    """A file of rows, as `data`: None without --from, else a DataFile."""
    first = click.option(
        "--from",
        "from_",
        metavar="FILE",
        multiple=True,
        help=f"{what} `-` is standard input; several are read one after the other.",
    )

    def build(from_: tuple[str, ...], **values: Any) -> "DataFile | None":
        if not from_:
            _refuse_alone(_KEYS, "--from FILE")
            return None
        return _data_file(values)._replace(paths=from_)

    build.__signature__ = _signature(("from_", *_KEYS))  # type: ignore[attr-defined]
    return gathered("data", [first, *_OPTIONS], build)


_TYPE_OPTIONS = [
    click.option(
        "--types",
        type=click.Choice(("detect", "numeric", "text")),
        default="detect",
        show_default=True,
        help="Types of a table made from data: without loss, numbers in any form, or TEXT.",
    ),
    click.option(
        "--type",
        "column_types",
        metavar="COLUMN=TYPE",
        multiple=True,
        help="The type of one of its columns.",
    ),
]


def type_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """--types and --type, which say what the columns of a table made from data are."""
    for option in reversed(_TYPE_OPTIONS):
        function = option(function)
    return function


def load_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Files that become tables: --load as `load`, as `data` a DataFile that says what they are like.

    `column_types` are the types of some of their columns.
    """
    # --null says there what stands for NULL in the result.
    keys = (*(key for key in _KEYS if key != "null"), "types", "column_types")
    first = click.option(
        "--load",
        metavar="[NAME=]FILE",
        multiple=True,
        help="With :memory: make a table of a data file, called NAME or like the file.",
    )
    others = [option for key, option in zip(_KEYS, _OPTIONS, strict=True) if key in keys] + _TYPE_OPTIONS

    def build(
        load: tuple[str, ...], types: str, column_types: tuple[str, ...], **values: Any
    ) -> "tuple[tuple[str, ...], DataFile | None, tuple[str, ...]]":
        if not load:
            _refuse_alone(keys, "--load FILE")
            return (), None, ()
        data = _data_file({**values, "null": ()})
        return load, data._replace(mixed=True, numbers=types), column_types

    build.__signature__ = _signature(("load", *keys))  # type: ignore[attr-defined]
    named = ("load", "data", "column_types")
    decorated: Callable[..., Any] = gathered(named, [first, *others], build)(function)
    return decorated


def _refuse_alone(keys: Sequence[str], first: str) -> None:
    if given := given_options(keys):
        raise click.UsageError(f"{given[0]} goes with {first}")


def _data_file(values: dict[str, Any]) -> "DataFile":
    """Return what the options say of files, of which none is named yet."""
    from pynetdb.rows.data_file import DataFile
    from pynetdb.rows.dialect import Dialect

    dialect = Dialect(
        values["delimiter"],
        values["quote"],
        values["skip"],
        not values["no_header"],
        () if values["column_names"] is None else tuple(values["column_names"].split(",")),
        "," if values["decimal"] == "," else None,
        values["null"],
        values["lenient"],
    )
    return DataFile((), values["input_format"], dialect, values["encoding"], values["at"], values["flatten"])


def given_options(names: Sequence[str]) -> list[str]:
    """Return those of the options that the user gave, as they are written."""
    context = click.get_current_context()
    return [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name in names
        and context.get_parameter_source(parameter.name) is click.core.ParameterSource.COMMANDLINE
    ]


def _signature(keys: Sequence[str]) -> inspect.Signature:
    return inspect.Signature([inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY) for key in keys])
