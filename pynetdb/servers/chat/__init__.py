"""The chat room on the loop, for clients of the textbook protocol and for browsers.

The rules of the room are those of protocols.chat; here is who carries the words. Imports net, protocols, the
events and what is below; knows no click, no other server and no format.
"""
