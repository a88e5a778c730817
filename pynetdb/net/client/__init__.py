"""The blocking client side: a stream, its TLS, a UDP socket; every call under one deadline."""
