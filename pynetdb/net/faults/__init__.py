"""Faults on demand: what only happens on bad networks, done by ourselves and told as ours.

`specs` reads what the user asks for, `faults` decides by chance that can be repeated; the others are the
connection and the datagram sockets to which it happens. Without faults nothing here is imported.
"""
