"""A protocol asking: each module holds one side of a conversation with a server.

May import net, protocols and what is below them. Must not know click, nor how results are printed: what
it learns goes to its caller as values, and to the subscribers of the network as events.
"""
