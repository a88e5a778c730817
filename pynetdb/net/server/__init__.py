"""The serving side on the loop: listening, connections, datagrams, and what every service shares.

Imports net, the events and what is below; knows no protocol, no signal and no option.
"""
