"""The life of a serving process: signals, the ready file, COMMAND, the last line.

Imports net.server, net, the events and what is below; knows no protocol and no click.
"""
