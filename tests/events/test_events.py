"""Every event: frozen, named, with a JSON object and a line."""

import dataclasses
import json
import typing
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import pynetdb.events
from pynetdb.events import Event

KINDS = [
    kind
    for name in pynetdb.events.__all__
    if isinstance(kind := getattr(pynetdb.events, name), type)
    and issubclass(kind, Event)
    and kind is not Event
]

SUMMARY: dict[str, Any] = {
    "connections": 1, "refused": 2, "datagrams": 3, "bytes_received": 4, "bytes_sent": 5, "requests": 6,
    "seconds": 0.5, "bytes": 7, "lost": 1, "reordered": 0, "duplicates": 0, "ignored": 1, "jitter_ms": 0.1,
    "dropped": 1,
}  # fmt: skip


def test_every_one_can_be_had_from_the_package() -> None:
    for path in Path(pynetdb.events.__file__).parent.glob("[a-z]*.py"):
        import_module(f"pynetdb.events.{path.stem}")
    defined = {kind.__name__ for kind in every_kind(Event) if not kind.__subclasses__()}
    assert defined <= {kind.__name__ for kind in KINDS}


def every_kind(parent: type[Event]) -> set[type[Event]]:
    """The classes below one that the project defines."""
    children = {kind for kind in parent.__subclasses__() if kind.__module__.startswith("pynetdb.")}
    return children.union(*map(every_kind, children))


def make(kind: type[Event]) -> Event:
    """An event with a value of the right type in every field."""
    values: dict[str, Any] = {}
    for name, hint in typing.get_type_hints(kind).items():
        if name not in {field.name for field in dataclasses.fields(kind)}:
            continue
        origin = typing.get_origin(hint)
        if origin is dict:
            values[name] = SUMMARY
        elif origin is tuple:
            values[name] = ("http://x/",)
        else:
            types = typing.get_args(hint) or (hint,)
            values[name] = next(value for value in ("text", 7, 0.5, b"x", True) if isinstance(value, types))
    return kind(**values)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event(kind: type[Event]) -> None:
    assert dataclasses.is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert kind.__doc__ and kind.name
    event = make(kind)
    told = event.to_json()
    assert told["event"] == kind.name
    assert json.loads(json.dumps(told))
    line = event.line()
    assert line is None or ("\n" not in line and line)


def test_nothing_else_can_be_imported() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        pynetdb.events.Nothing  # noqa: B018
