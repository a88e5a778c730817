"""NTP (RFC 5905), daytime (RFC 867) and time (RFC 868) as arithmetic.

Each reads, judges and writes its own packet or line and describes it field by field (`field`); the two that
count seconds since 1900 share `era`. May import errors and terminal; must not ask what time it is.
"""
