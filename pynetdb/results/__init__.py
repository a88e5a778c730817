"""Results on standard output, words about them on standard error, in every format; imports tabulate.

`Results` takes what a command found and decides what its format shows of it; the modules beside it know
what each command's results look like. Imports protocols (what a head or a chat's event is), rows, events,
terminal and what is below. Knows no client, no server, no socket and no database.

`Results` and `Output` can be had from here, and are imported when they are first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pynetdb.results.output import Output
    from pynetdb.results.results import Results

__all__ = ["Output", "Results"]


def __getattr__(name: str) -> Any:
    """Import the module that defines `name` (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{name.lower()}"), name)
