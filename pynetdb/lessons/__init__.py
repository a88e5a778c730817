"""What `pynetdb tour` shows, a file a chapter."""

CHAPTERS = ("echo", "udp", "http", "chat", "time", "db", "draw")
"""In the order of the tour. Each is pynetdb/lessons/<name>.py with a TITLE and a `play(stage)`."""
