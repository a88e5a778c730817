"""What the tour's commands did: a trace of each, drawn as one page in the end."""

import os
from tempfile import TemporaryDirectory
from types import TracebackType

from pynetdb.draw.files import read_traces
from pynetdb.draw.page import chapters_page
from pynetdb.draw.sequence import SequenceChart, build_sequence

# What fits on a wall; the tour's ten megabytes are thousands of calls.
_MAX_STEPS = 60

# Commands whose calls say something about a conversation.
_TRACED = (
    *("serve-echo", "echo-client", "serve-http", "http-get", "chat-server", "chat-client"),
    *("serve-time", "time-query", "udp-send", "udp-recv", "wait"),
)


class Recording:
    """Lets commands write traces into a folder of its own, which is gone when the block ends."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        self._chapters: list[tuple[str, list[list[str]]]] = []
        self._number = 0
        self._held = 0

    def start_chapter(self, title: str) -> None:
        """Begin a heading of the page."""
        self._chapters.append((title, []))

    def start_server(self) -> None:
        """Begin a conversation: what runs until `end_server` belongs to one picture."""
        self._new_picture()
        self._held += 1

    def end_server(self) -> None:
        """The conversation is over."""
        self._held -= 1

    def environment(self) -> dict[str, str]:
        """Return the environment for one more command: it, and what it starts, write their traces."""
        if not self._held:
            self._new_picture()
        self._number += 1
        places = {
            name: os.path.join(self._folder.name, f"{self._number:02}-{name}.jsonl") for name in _TRACED
        }
        self._chapters[-1][1][-1].extend(places.values())
        variables = {f"PYNETDB_{name.upper().replace('-', '_')}_TRACE": path for name, path in places.items()}
        return {**os.environ, **variables}

    def draw(self) -> str:
        """Return the page."""
        chapters = [(title, [*map(self._chart, pictures)]) for title, pictures in self._chapters]
        found = [(title, [chart for chart in charts if chart is not None]) for title, charts in chapters]
        return chapters_page("The tour of pynetdb", [(title, charts) for title, charts in found if charts])

    def _new_picture(self) -> None:
        if not self._chapters:
            self.start_chapter("")
        self._chapters[-1][1].append([])

    @staticmethod
    def _chart(paths: list[str]) -> SequenceChart | None:
        """Return a picture, or None if nothing went from one to another."""
        written = [path for path in paths if os.path.exists(path) and os.path.getsize(path)]
        chart = build_sequence(read_traces(written), _MAX_STEPS) if written else None
        return chart if chart is not None and chart.arrows else None

    def __enter__(self) -> "Recording":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()
