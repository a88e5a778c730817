"""The thin socket layer; the only importer of socket and selectors.

`sockets` makes every socket and `network` says what all of them share. Here OSError becomes NetworkError.
Knows no protocol, no click and no format; imports events, narration and what is below.
"""
