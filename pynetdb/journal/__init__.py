"""The journal: a subscriber of events that writes what a command did as rows of a database.

`schema` says which tables there are and `statements` how they are filled, on every engine; `rows` which row
an event becomes, `sink` writes rows to a database, `recorder` stands between the command, which never waits,
and the sink, which may. May import events, db and what is below them. Must not know click, sockets, which
engine it is, or what the rows are read for.
"""
