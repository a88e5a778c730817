"""Where time is served: at the ports of the protocols, and where serve-time listens by default."""

WELL_KNOWN_PORTS = {"ntp": 123, "daytime": 13, "time": 37}

SERVE_TIME_PORTS = {"ntp": 1123, "daytime": 1013, "time": 1037}
"""The well-known ports, out of the reach of privileges."""
