"""Bytes in, events out; no socket, no clock, no file."""
