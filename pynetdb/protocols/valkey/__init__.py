"""What is said to Valkey and Redis as arithmetic: places, commands, replies, greetings.

`hiredis` parses what they say, and is imported by who reads replies alone. May import errors; must not know
what the commands are for, nor what carries them.
"""
