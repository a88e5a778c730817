"""Bytes in, events out: protocols as arithmetic.

No socket, no clock, no file and no randomness: time is an argument. The same bytes give the same events
however they are cut; what breaks the grammar is a ProtocolError. May import errors and terminal, and must not
know who sends or shows what is read here. `lines` and `sequence` serve several protocols; the others are
wings: `http`, `chat`, `time`.
"""
