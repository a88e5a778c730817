"""The textbook chat protocol as arithmetic: commands, events, names, the room and its rate limit."""
