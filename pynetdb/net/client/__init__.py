"""The blocking client side: a stream, its TLS, a UDP socket; every call under one deadline.

Imports net, the events and what is below; knows no protocol, no server and no process.
"""
