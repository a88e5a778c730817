"""A stay in a chat room: the conversation with the server, and the terminal on which it is held.

May import net and protocols.chat. Only `screen` knows that there are terminals.
"""
