"""The heads of requests and answers, told line by line."""

from pynetdb.narration import Narrator


def narrate_head(narrator: Narrator, what: str, lines: list[str]) -> None:
    """Tell of each line of a head, with what it means; `what` is `request` or `response`."""
    if narrator:
        done = "sent" if what == "request" else "received"
        notes = {"request": "method, target and version", "response": "version, status and reason"}
        for number, line in enumerate(lines):
            note = _NOTES.get(line.partition(":")[0].lower(), "a field") if number else notes[what]
            narrator.tell("client", what, (line,), done, note=note)


_NOTES = {
    "host": "which of the server's names we mean",
    "connection": "whether another request may follow",
    "content-length": "so many bytes of body follow",
    "content-type": "what the body is",
    "transfer-encoding": "the body comes in chunks, each with its size",
    "content-encoding": "the body is compressed",
    "accept-encoding": "the compressions that we can undo",
    "location": "where to ask instead",
    "range": "only this part",
    "content-range": "which part this is",
    "etag": "the name of this version of the body",
    "last-modified": "when the body last changed",
    "date": "when the server wrote this",
    "server": "the program that answers",
    "user-agent": "the program that asks",
    "if-range": "only if it is still this version, otherwise all of it",
    "proxy-authorization": "who we are, for the proxy",
}
