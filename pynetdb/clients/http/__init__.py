"""Fetching over HTTP: the URL, the exchange, what a part of a body is, and what is found in it.

May import net and protocols.http. Must not know where a body goes: a sink takes it.
"""
