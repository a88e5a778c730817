"""Static files over HTTP/1.1: the connection, the response, the files, the folder and its listing.

`connection` knows the wire and `files` the disk; `response` is all that they share. Imports net, protocols,
the events and what is below; knows no click, no other server and no format.
"""
