"""Where a chapter plays: commands are shown, run exactly so, checked and counted."""

import os
import re
import shlex
import shutil
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from pynetdb.lessons.children import child
from pynetdb.results.output import Output, wants_colour
from pynetdb.terminal import safe_line

if TYPE_CHECKING:
    from pynetdb.lessons.recording import Recording

# No step of the tour takes a second; one that hangs must not hang the tour.
_PATIENCE = 30.0

# Wider lines are hard to read.
_MAX_WIDTH = 100

# These have nothing to narrate.
_NOT_NARRATED = {"ports"}


@dataclass(frozen=True)
class Outcome:
    """What a command said and how it ended."""

    status: int
    output: str
    complaint: str


@dataclass(frozen=True)
class Server:
    """A server that listens, by where."""

    host: str = ""
    port: str = ""

    @property
    def address(self) -> str:
        """`HOST:PORT`."""
        return f"{self.host}:{self.port}"


class Stage:
    """The audience sees standard output; with `explain` also the narration of every command."""

    def __init__(
        self,
        output: Output,
        explain: bool,
        recording: "Recording | None" = None,
        pause: Callable[[], None] | None = None,
    ) -> None:
        """With a `recording` every command writes a trace. `pause` is called before each command runs."""
        self.failures = 0
        self.checks = 0
        self._output = output
        self._explain = explain
        self._recording = recording
        self._pause = pause
        # Whoever talks between the steps takes longer than a tour that nobody talks to.
        self._life = "5m" if pause is None else "3h"
        self._folder: str | None = None
        self._lock = threading.Lock()
        self._width = min(shutil.get_terminal_size((80, 24)).columns, _MAX_WIDTH)
        self._bold, self._good, self._bad, self._end = (
            ("\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[0m") if wants_colour(sys.stdout) else ("",) * 4
        )

    def title(self, text: str) -> None:
        """Open a chapter."""
        if self._recording is not None:
            self._recording.start_chapter(text)
        self._line(f"\n{self._bold}== {text} =={self._end}")

    def say(self, text: str) -> None:
        """Explain what comes next; lines are filled to the width of the terminal."""
        self._tell("\n" + textwrap.fill(" ".join(text.split()), self._width, break_long_words=False))

    @contextmanager
    def folder(self) -> Iterator[str]:
        """Let the commands of the block run in a folder of their own, which is removed afterwards."""
        with tempfile.TemporaryDirectory() as self._folder:
            self.say(
                f"(What follows runs in a folder of its own, {self._folder}, which is removed afterwards.)"
            )
            try:
                yield self._folder
            finally:
                self._folder = None

    def write(self, name: str, text: str, *, append: bool = False) -> None:
        """Write, or lengthen, a file in the folder, and show with what."""
        with open(
            os.path.join(self._folder or "", name), "a" if append else "w", encoding="utf-8", newline="\n"
        ) as file:
            file.write(text)
        self._tell(f"\n({'More' if append else 'Written'} in {name}:)")
        for line in text.splitlines():
            self._tell(f"  {line}")

    def run(self, *arguments: str, timeout: float = _PATIENCE) -> Outcome:
        """Show a command of ours and run it to its end. `pynetdb` behind `--` is this program too."""
        arguments = self._narrated(arguments)
        self._prompt(arguments)
        complaints: list[str] = []
        tell = self._narrate if self._explain else complaints.append
        with child(_real(arguments), self._folder, self._environment(), tell, _PATIENCE) as process:
            status = process.wait(timeout)
            if status is None:
                self.check(False, f"the command ends within {timeout:g} s")
                return Outcome(-1, "", "")
            text = process.output.decode("utf-8", "backslashreplace")
        for line in (*text.splitlines(), *complaints):
            self._show(line)
        return Outcome(status, text, "\n".join(complaints))

    @contextmanager
    def server(self, *arguments: str) -> Iterator[Server]:
        """Show a server of ours, on a port that it chooses, and hold it for the length of the block."""
        arguments = self._narrated((*arguments, "--port", "0", "--for", self._life))
        self._prompt((*arguments, "&"))
        if self._recording is not None:
            self._recording.start_server()
        told: list[str] = []
        listening = threading.Event()

        def tell(line: str) -> None:
            if self._explain:
                self._narrate(line)
            told.append(line)
            if _LISTENING.search(line):
                listening.set()

        with child(_real(arguments), self._folder, self._environment(), tell, _PATIENCE) as process:
            # It says so, or it ends.
            for _ in range(int(_PATIENCE / 0.05)):
                if listening.wait(0.05) or process.process.poll() is not None:
                    break
            place = next(filter(None, map(_LISTENING.search, told)), None)
            self._show_talk(told)
            shown = len(told)
            self.check(place is not None, "the server is ready")
            # Nothing of this after an error or ^C: the server goes with the block, whatever is said.
            yield Server() if place is None else Server(place[1], place[2])
            self._prompt(("kill", "%1"), program=())
            status = process.end(_PATIENCE)
            if self._recording is not None:
                self._recording.end_server()
            for line in process.output.decode("utf-8", "backslashreplace").splitlines():
                self._show(line)
            self._show_talk(told[shown:])
            self.check(status == 0, "the server stops when it is told to, with exit status 0")

    def point(self, command: str, purpose: str) -> None:
        """Name a command that is worth a try."""
        self._tell(f"  {self._bold}{command:<36}{self._end} {purpose}")

    def check(self, holds: bool, claim: str) -> None:
        """Count a claim, and say whether it holds."""
        self.checks += 1
        if holds:
            self._tell(f"  {self._good}ok{self._end}  {self._wrap(claim, '      ', 6)}")
        else:
            self.failures += 1
            self._line(f"  {self._bad}FAILED{self._end}  {claim}")

    def _prompt(self, arguments: Sequence[str], program: Sequence[str] = ("pynetdb",)) -> None:
        lines = ["$"]
        for word in (*program, *(word if word in ("&", "%1") else shlex.quote(word) for word in arguments)):
            if len(lines[-1]) + len(word) + 3 > self._width:
                lines.append("   ")
            lines[-1] += f" {word}"
        self._tell(f"\n{self._bold}" + " \\\n".join(lines) + self._end)
        if self._pause is not None and program:
            self._pause()

    def _narrated(self, arguments: Sequence[str]) -> tuple[str, ...]:
        """Add --explain to a command, and to the one behind its `--`, if that is wanted."""
        if not self._explain:
            return tuple(arguments)
        split = arguments.index("--") if "--" in arguments else len(arguments)
        own, inner = tuple(arguments[:split]), tuple(arguments[split + 1 :])
        own = own if own[0] in _NOT_NARRATED else (own[0], "--explain", *own[1:])
        if not inner:
            return own
        return (*own, "--", *(inner[:1] + self._narrated(inner[1:]) if inner[0] == "pynetdb" else inner))

    def _environment(self) -> dict[str, str]:
        environment = os.environ if self._recording is None else self._recording.environment()
        # What they draw is shown with a margin; broken by a terminal a picture is none.
        width = {"COLUMNS": str(self._width - 2)} if sys.stdout.isatty() else {}
        # A proxy of the machine's would look for our servers on its own loopback.
        return {**environment, **width, "PYNETDB_HTTP_GET_NO_PROXY": "1"}

    def _show_talk(self, lines: Sequence[str]) -> None:
        if not self._explain:
            for line in lines:
                self._show(line)

    def _show(self, line: str) -> None:
        """Show a line that a command said."""
        self._tell("  " + self._wrap(safe_line(line), "    ", 2))

    def _narrate(self, line: str) -> None:
        with self._lock:
            sys.stderr.write(self._wrap(safe_line(line), " " * 7, 0, sys.stderr) + "\n")
            sys.stderr.flush()

    def _wrap(self, line: str, indent: str, used: int, stream: TextIO | None = None) -> str:
        """Break a line between words where a terminal would break it anywhere; files get it as it is."""
        if not (stream or sys.stdout).isatty() or len(line) + used <= self._width:
            return line
        return "\n".join(
            textwrap.wrap(
                line,
                self._width - used,
                subsequent_indent=indent[used:] if used < len(indent) else "",
                replace_whitespace=False,
                break_long_words=False,
                break_on_hyphens=False,
            )
        ).replace("\n", "\n" + " " * used)

    def _tell(self, text: str) -> None:
        if self._output.verbosity >= 0:
            self._line(text)

    def _line(self, text: str) -> None:
        with self._lock:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()


_LISTENING = re.compile(r"^[\w-]+: (?:listening on |serving .*? at http://)([^ /]+):(\d+)[ /]")


def _real(arguments: Sequence[str]) -> list[str]:
    """Return the arguments as they are run: `pynetdb` need not be on the PATH."""
    words = list(arguments)
    if "--" in words and words[words.index("--") + 1 :][:1] == ["pynetdb"]:
        place = words.index("--") + 1
        words[place : place + 1] = [sys.executable, "-m", "pynetdb"]
    return words
