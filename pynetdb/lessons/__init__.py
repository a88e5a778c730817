"""What `pynetdb tour` shows, a file a chapter.

Imports anything but the commands; is imported by the tour alone.
"""

CHAPTERS = {
    "echo": "bytes out, the same bytes back",
    "udp": "one send, one datagram, no promise",
    "http": "questions and answers in plain text",
    "chat": "lines in a stream, and everybody hears them",
    "time": "what a clock on the network is worth",
    "db": "rows that outlive the program",
    "journal": "what the network did, as rows to ask",
    "faults": "what bad networks do, on purpose and again",
    "draw": "what both ends did, in one picture",
}
"""In the order of the tour, with what each is about; each is pynetdb/lessons/<name>.py with a `play`."""
