"""Waiting for others: what a place is, whether it is there, and until when to ask.

Imports net, the client of HTTP and what is below; knows no click and no format.
"""
