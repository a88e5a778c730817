"""Network programming and databases from one command line, explained as they happen."""

__version__ = "0.2.0"
