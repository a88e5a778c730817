"""The life of a serving process: signals, the ready file, COMMAND, the last line."""
