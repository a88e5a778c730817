"""The textbook chat protocol as arithmetic: commands, events, names, the room and its rate limit.

`commands` are what a client says and `events` what a server says, each read and written; `room` turns the
first into the second. May import errors, terminal and `lines`; must not know what carries the words.
"""
