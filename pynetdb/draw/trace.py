"""The lines of a --trace file, read back into calls."""

import ast
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pynetdb.errors import CommandLineError

Address = tuple[str, int] | str
"""Host and port, or the path of a Unix-domain socket."""

_PREVIEW = re.compile(
    r"""(?P<bytes>b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*")(?P<more>\.\.\.)?(?: from (?P<sender>.+))?\Z""",
    re.DOTALL,
)
# Longer than any address; literal_eval of more could take its time.
_MAX_ADDRESS = 300


@dataclass(eq=False)
class Call:
    """One call of one process; `begun` is the latest moment before which it cannot have begun."""

    process: int
    time: float
    begun: float
    who: str
    name: str
    arguments: list[str | int]
    result: str | int | None
    bytes: int | None
    error: str | None
    note: str

    def __str__(self) -> str:
        """As --explain tells it, without who and why."""
        outcome = f" -> {self.error}" if self.error else f" = {self.result}"
        return f"{self.name}({', '.join(map(str, self.arguments))}){outcome}"


@dataclass
class Trace:
    """What one process did."""

    name: str
    """The name of the file."""
    process: int
    calls: list[Call] = field(default_factory=list)
    missing: int = 0
    """How many calls the trace itself says that it lacks."""


@dataclass(frozen=True)
class Payload:
    """What is known of the bytes that a call moved."""

    size: int
    first: bytes
    """As many of them as the trace shows."""


def parse_trace(lines: Iterable[bytes], name: str, process: int) -> Trace:
    """Read the lines of a trace. Raises CommandLineError for what is none."""
    trace = Trace(name, process)
    last = 0.0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if record["call"] == "gap":
                trace.missing += int(record["calls"])
                continue
            call = _call(record, process, last)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            if trace.calls and not line.endswith(b"\n"):
                # The disk was full, or the process was killed: what is whole can be drawn.
                trace.missing += 1
                break
            raise CommandLineError(
                f"{name}: line {number} is not of a trace, expected what --trace writes, or a journal"
            ) from error
        if call.who != "loop":  # Another thread wakes the loop, perhaps while a call is under way.
            last = call.time
        trace.calls.append(call)
    if not trace.calls:
        raise CommandLineError(f"{name}: holds no calls, expected what --trace writes, or a journal")
    return trace


def _call(record: dict[str, Any], process: int, last: float) -> Call:
    moment = datetime.fromisoformat(record["time"]).timestamp()
    arguments = record["arguments"]
    size = record["bytes"]
    if not isinstance(arguments, list) or not (size is None or (isinstance(size, int) and size >= 0)):
        raise ValueError(record)
    texts = [record[key] for key in ("who", "call", "note")]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(record)
    who, name, note = texts
    error = record["error"]
    result = record["result"]
    shown = result if result is None or isinstance(result, int) else str(result)
    told = None if error is None else str(error)
    return Call(process, moment, last or moment, who, name, arguments, shown, size, told, note)


def parse_address(text: object) -> Address | None:
    """Return the address that a `repr` in a trace is, or None."""
    if not isinstance(text, str) or len(text) > _MAX_ADDRESS:
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if isinstance(value, tuple) and len(value) >= 2 and isinstance(value[1], int):
        return str(value[0]).removeprefix("::ffff:"), value[1]
    return value if isinstance(value, str) else None


def payload(call: Call) -> Payload:
    """Return what a call moved, as far as the trace tells."""
    size = call.bytes or 0
    shown = call.result if call.name.startswith("recv") else call.arguments[0] if call.arguments else ""
    match = _PREVIEW.search(shown) if isinstance(shown, str) else None
    if match is None:
        return Payload(size, b"")
    try:
        first: bytes = ast.literal_eval(match["bytes"])
    except (ValueError, SyntaxError):
        return Payload(size, b"")
    return Payload(size, first[:size])


def sender(call: Call) -> Address | None:
    """Return from whom a recvfrom got its datagram."""
    match = _PREVIEW.search(call.result) if isinstance(call.result, str) else None
    return parse_address(match["sender"]) if match else None
