"""A protocol answering on the loop: each module is a service, given to a net.server.Server.

May import net, protocols and what is below them. Must not know click, nor where its events are told.
"""
