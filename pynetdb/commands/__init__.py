"""One file a subcommand, same name: options in, one call, results out.

A command only translates. It may import everything below and is imported by nobody but cli, by name and
only when it is wanted. It must not know how a socket, a statement or a format works.
"""
