"""What the scripts of a shared room reply: a status, and what goes with it."""

from typing import Any

# What each script says for itself, with the kinds of what follows.
_REPLIES: dict[tuple[str, bytes], tuple[type, ...]] = {
    ("enter", b"ok"): (bytes, list, list),
    ("join", b"ok"): (),
    ("join", b"taken"): (bytes,),
    ("join", b"like"): (bytes,),
    ("say", b"ok"): (bytes,),
    ("leave", b"ok"): (),
    ("beat", b"ok"): (),
}
# And what any of them may say.
_ANYWHERE = (b"unknown", b"stale", b"reaped")


def read_reply(script: str, reply: Any) -> tuple[bytes, list[Any]]:
    """Return status and what follows it. Raises ValueError for what this script never says."""
    if not isinstance(reply, list) or not reply or not isinstance(reply[0], bytes):
        raise ValueError(f"{script}: no status")
    status, *rest = reply
    expected = () if status in _ANYWHERE else _REPLIES.get((script, status))
    if tuple(map(type, rest)) != expected:
        raise ValueError(f"{script}: {status.decode('ascii', 'backslashreplace')} with {len(rest)} values")
    return status, rest
