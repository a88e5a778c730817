"""Where a chapter plays: it runs real commands, shows what they say, checks it and keeps count."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pynetdb.results.output import Output, wants_colour

if TYPE_CHECKING:
    from pynetdb.lessons.recording import Recording

# No step of the tour takes a second; one that hangs must not hang the tour.
_PATIENCE = 30.0


@dataclass(frozen=True)
class Outcome:
    """What a command said and how it ended."""

    status: int
    output: str
    complaint: str


class Stage:
    """The audience sees standard output; with `explain` also the narration of every command."""

    def __init__(self, output: Output, explain: bool, recording: "Recording | None" = None) -> None:
        """With a `recording` every command writes a trace."""
        self._recording = recording
        self.failures = 0
        self.checks = 0
        self._output = output
        self._explain = explain
        self._bold, self._dim, self._good, self._bad, self._end = (
            ("\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m", "\x1b[0m")
            if wants_colour(sys.stdout)
            else ("",) * 5
        )

    def title(self, text: str) -> None:
        """Open a chapter."""
        if self._recording is not None:
            self._recording.start_chapter(text)
        self._line(f"\n{self._bold}== {text} =={self._end}")

    def say(self, text: str) -> None:
        """Explain what comes next."""
        if self._output.verbosity >= 0:
            self._line(f"\n{text}")

    def run(
        self,
        *arguments: str,
        shown: Sequence[str] | None = None,
        timeout: float = _PATIENCE,
        folder: str | None = None,
    ) -> Outcome:
        """Run a command of ours to its end, in `folder`; show it, `shown` in place of the real arguments."""
        self._prompt(shown or arguments)
        command = self._command(arguments)
        try:
            # Narration goes straight to our standard error, in step with that of the server.
            stderr = None if self._explain else subprocess.PIPE
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                timeout=timeout,
                check=False,
                cwd=folder,
                env=self._environment(),
            )
        except subprocess.TimeoutExpired:
            self.check(False, f"the command ends within {timeout:g} s")
            return Outcome(-1, "", "")
        text = done.stdout.decode("utf-8", "backslashreplace")
        complaint = (done.stderr or b"").decode("utf-8", "backslashreplace")
        if self._output.verbosity >= 0:
            for line in (text + complaint).splitlines():
                self._output.text(f"  {line}")
        return Outcome(done.returncode, text, complaint)

    @contextmanager
    def server(self, *arguments: str) -> Iterator[dict[str, Any]]:
        """Hold a server of ours for the length of the block, which gets its ready event."""
        self._prompt((*arguments, "&"))
        command = self._command((*arguments, "--port", "0", "--format", "jsonl", "--quiet", "--for", "60s"))
        if self._recording is not None:
            self._recording.start_server()
        env = self._environment()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=env) as process:
            # From here on: whatever we say may find that the audience has left, and the server must not stay.
            try:
                first = process.stdout.readline() if process.stdout else b""
                ready: dict[str, Any] = json.loads(first or b"{}")
                self.check("port" in ready, f"the server is ready: {ready.get('url')}")
                yield ready
            finally:
                process.terminate()
                last = process.communicate(timeout=_PATIENCE)[0].splitlines()[-1:]
                if self._recording is not None:
                    self._recording.end_server()
            stopped = json.loads(last[0]) if last else {}
            self.check(
                process.returncode == 0 and stopped.get("event") in ("stopped", "summary"),
                "the server stops when it is told to",
            )

    def check(self, holds: bool, claim: str) -> None:
        """Count a claim, and say whether it holds."""
        self.checks += 1
        if holds:
            if self._output.verbosity >= 0:
                self._line(f"  {self._good}ok{self._end}  {claim}")
        else:
            self.failures += 1
            self._line(f"  {self._bad}FAILED{self._end}  {claim}")

    def _prompt(self, arguments: Sequence[str]) -> None:
        if self._output.verbosity >= 0:
            words = [word if word == "&" else shlex.quote(word) for word in arguments]
            self._line(f"\n{self._bold}$ pynetdb {' '.join(words)}{self._end}")

    def command(self, *arguments: str) -> list[str]:
        """Return what runs a command of ours, for a COMMAND after `--`."""
        return self._command(arguments)

    def _command(self, arguments: Sequence[str]) -> list[str]:
        narrated = ("--explain",) if self._explain else ()
        return [sys.executable, "-m", "pynetdb", arguments[0], *narrated, *arguments[1:]]

    def _environment(self) -> dict[str, str] | None:
        return None if self._recording is None else self._recording.environment()

    def _line(self, text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
