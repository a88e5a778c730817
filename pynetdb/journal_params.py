"""--journal and --fault, and what they make: two powers that networking commands share."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from pynetdb.param_types import NewFile
from pynetdb.results.output import Output
from pynetdb.terminal import safe_line

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

if TYPE_CHECKING:
    from pynetdb.events.stream import Events
    from pynetdb.journal.recorder import Recorder
    from pynetdb.net.faults.faults import Faults

JOURNAL_OPTIONS: list[Decorator] = [
    click.option(
        "--journal",
        metavar="FILE.db",
        type=NewFile(),
        help="Record what happens as rows of a database, FILE.db or postgresql://HOST/NAME.",
    ),
    click.option("--journal-bodies", is_flag=True, help="Record private messages, bodies and payloads too."),
]

FAULT_OPTIONS: list[Decorator] = [
    click.option(
        "--fault",
        metavar="SPEC",
        multiple=True,
        help="Do to ourselves what bad networks do, such as delay=200ms or drop=10%; repeatable.",
    ),
    click.option("--seed", metavar="N", type=int, help="Repeat the faults of another run with this seed."),
]


def open_journal(
    place: str | None, bodies: bool, faults: "Faults | None", output: Output, events: "Events"
) -> "Recorder | None":
    """Subscribe what records the command, and return it; None without a `place`. Errors are Recorder's."""
    if place is None:
        if bodies:
            raise click.UsageError(
                "--journal-bodies is for --journal: give a FILE.db or postgresql://HOST/NAME"
            )
        return None
    from pynetdb.journal.recorder import Recorder
    from pynetdb.journal.sink import DatabaseSink

    def say(line: str) -> None:
        output.say(safe_line(line) + "\n")

    context = click.get_current_context()
    seed = faults.seed if faults is not None and _is_one_process() else None
    recorder = Recorder(DatabaseSink(place), context.info_name or "", say, bodies=bodies, seed=seed)
    events.subscribe(recorder, bodies=bodies)
    context.call_on_close(recorder.close)
    return recorder


def choose_faults(specs: Sequence[str], seed: int | None, output: Output) -> "Faults | None":
    """Return the faults that are asked for, None for none. Raises CommandLineError for what is no fault.

    Which of several workers gets a connection is chance, and with it which random sequence befalls it: no
    seed repeats that.
    """
    if not specs:
        if seed is not None:
            raise click.UsageError("--seed is for --fault: give one")
        return None
    repeatable = _is_one_process()
    if seed is not None and not repeatable:
        raise click.UsageError("--seed repeats the faults of one process: leave out --workers")
    from pynetdb.net.faults.faults import Faults
    from pynetdb.net.faults.specs import parse_specs

    plan = Faults(parse_specs(specs), seed)
    if seed is None:
        command = click.get_current_context().info_name
        again = f" (--seed {plan.seed} repeats them)" if repeatable else ""
        output.info(f"{command}: faults of ours: {', '.join(specs)}{again}")
    return plan


def _is_one_process() -> bool:
    return int(click.get_current_context().params.get("workers") or 1) == 1
