"""Bytes in, events out: protocols as arithmetic.

No socket, no clock, no file and no randomness: time is an argument. The same bytes give the same events
however they are cut. Imports nothing but errors and terminal.
"""
