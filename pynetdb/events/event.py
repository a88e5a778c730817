"""What all events have: a name, a time, a JSON object, a line for people."""

import time as clock
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pynetdb.wording import timestamp


@dataclass(frozen=True, repr=False, eq=False)
class Event:
    """Something that happened. `time` is in seconds since 1970.

    Two events are equal if their types and values are. (Comparison and representation stand here once: what
    the dataclass would generate for each costs the start of every server half a millisecond a class.)
    """

    name: ClassVar[str]
    """The value of `event` in its JSON object."""
    detail: ClassVar[bool] = False
    """Whether it tells of a single connection, request or datagram: people see those with --verbose."""
    of_words: ClassVar[bool] = False
    """Whether it holds what somebody said, which is shown only to those who ask for it (--verbose)."""
    in_json: ClassVar[bool] = True
    """Whether programs are told of it."""
    once: ClassVar[bool] = False
    """Whether people who are shown the JSON object need not be shown the line as well."""
    prefixed: ClassVar[bool] = True
    """Whether the line for people begins with the service's name."""

    time: float = field(default_factory=clock.time, kw_only=True)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object, its keys in the order in which they are shown."""
        return {"event": self.name, "time": timestamp(self.time)}

    def line(self) -> str | None:
        """Return one line for people; None for what only programs are told."""
        return None

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((type(self), *map(str, vars(self).values())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in vars(self).items())})"
