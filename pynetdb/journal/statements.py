"""The statements that fill a journal, and the one that reads it, for every engine."""

from pynetdb.db.store import Insert, Statement, Update

BEGIN_RUN = Insert("runs", ("command", "version", "pid", "started", "seed"))

LAST_MESSAGES = """
SELECT sender, text FROM (
  SELECT messages.id, sender, text FROM messages JOIN runs ON runs.id = run_id
  WHERE runs.command = 'chat-server' AND recipient IS NULL AND text IS NOT NULL
  ORDER BY messages.id DESC LIMIT ?) AS newest
ORDER BY id"""
"""The last public messages of the rooms that were held, the oldest first."""

_OF_REQUEST = ("method", "target", "status", "bytes", "seconds")

# In the order in which those of a batch are carried out: what others refer to comes first.
STATEMENTS: dict[str, Statement] = {
    "ready": Update("UPDATE runs SET url = ? WHERE id = ?"),
    "opened": Insert(
        "connections",
        ("run_id", "number", "peer", "opened"),
        on_conflict="(run_id, number) DO UPDATE SET opened = coalesce(connections.opened, excluded.opened)",
    ),
    "seen": Insert("connections", ("run_id", "number", "peer"), on_conflict="(run_id, number) DO NOTHING"),
    "closed": Insert(
        "connections",
        ("run_id", "number", "peer", "opened", "closed", "seconds", "bytes_in", "bytes_out", "ending"),
        on_conflict="(run_id, number) DO UPDATE SET opened = coalesce(connections.opened, excluded.opened), "
        "closed = excluded.closed, seconds = excluded.seconds, "
        "bytes_in = excluded.bytes_in, bytes_out = excluded.bytes_out, ending = excluded.ending",
    ),
    "served": Insert(
        "requests",
        ("run_id", "connection", "time", *_OF_REQUEST, "body"),
        constants=(("role", "server"),),
    ),
    "response": Insert(
        "requests",
        ("run_id", "time", *_OF_REQUEST, "dns", "connect", "tls", "first_byte", "error", "body"),
        constants=(("role", "client"),),
    ),
    "datagram": Insert(
        "datagrams",
        ("run_id", "time", "direction", "peer", "bytes", "sequence", "ignored", "payload"),
    ),
    "joined": Insert("members", ("run_id", "connection", "name", "joined")),
    "left": Update(
        "UPDATE members SET departed = ?, reason = ? WHERE id = "
        "(SELECT max(id) FROM members WHERE run_id = ? AND name = ? AND departed IS NULL)"
    ),
    "message": Insert(
        "messages",
        ("run_id", "connection", "time", "sender", "recipient", "text", "characters"),
    ),
    "answer": Insert("answers", ("run_id", "time", "protocol", "peer")),
    "sample": Insert(
        "samples",
        (
            "run_id", "time", "server", "protocol",
            "offset_s", "delay_s", "stratum", "leap", "reference", "error",
        ),
    ),
    "exchange": Insert("exchanges", ("run_id", "time", "protocol", "peer", "summary", "error")),
    "fault": Insert(
        "faults",
        ("run_id", "connection", "time", "fault", "direction", "peer", "bytes", "seconds"),
    ),
    "notice": Insert("notices", ("run_id", "time", "text")),
    "ended": Update("UPDATE runs SET ended = ?, reason = ?, lost = ? WHERE id = ?"),
}  # fmt: skip
"""By the names of `rows.Row`."""
