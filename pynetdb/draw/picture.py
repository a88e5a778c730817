"""A picture of some files, in one of the formats."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pynetdb.draw.files import is_journal, read_traces
from pynetdb.errors import CommandLineError

if TYPE_CHECKING:
    from pynetdb.narration import Narrator


def draw_files(
    paths: Sequence[str], kind: str | None, form: str, narrator: "Narrator", *, limit: int, width: int
) -> str:
    """Return the picture of traces or of a journal; `kind` is None for what suits them.

    A sequence has at most `limit` steps, text lines of `width` columns. Raises CommandLineError for files
    that cannot be drawn (together), DatabaseError for a database that is no journal.
    """
    journals = [path for path in paths if is_journal(path)]
    if journals and (len(paths) > 1 or kind == "sequence"):
        told = (
            "one journal alone, as a timeline"
            if len(paths) > 1
            else "a trace: a journal holds no single calls"
        )
        raise CommandLineError(f"{journals[0]}: is a journal, expected {told}")
    if not journals and (kind or "sequence") == "sequence":
        return _draw_sequence(paths, form, limit, width)
    from pynetdb.draw.timeline_mermaid import timeline_mermaid
    from pynetdb.draw.timeline_page import timeline_page
    from pynetdb.draw.timeline_svg import timeline_svg
    from pynetdb.draw.timeline_text import timeline_text

    if journals:
        import pynetdb.db
        from pynetdb.draw.journal import read_journal

        with pynetdb.db.open(journals[0], "read", narrator) as engine:
            line = read_journal(engine)
    else:
        from pynetdb.draw.trace_timeline import trace_timeline

        line = trace_timeline(read_traces(paths))
    if form == "text":
        return timeline_text(line, width)
    return {"html": timeline_page, "svg": timeline_svg, "mermaid": timeline_mermaid}[form](line)


def _draw_sequence(paths: Sequence[str], form: str, limit: int, width: int) -> str:
    from pynetdb.draw.page import sequence_page
    from pynetdb.draw.sequence import build_sequence
    from pynetdb.draw.sequence_mermaid import sequence_mermaid
    from pynetdb.draw.sequence_svg import SequenceDrawing
    from pynetdb.draw.sequence_text import sequence_text

    chart = build_sequence(read_traces(paths), limit)
    if form == "html":
        return sequence_page(chart)
    if form == "svg":
        return SequenceDrawing(chart).svg()
    return sequence_mermaid(chart) if form == "mermaid" else sequence_text(chart, width)
