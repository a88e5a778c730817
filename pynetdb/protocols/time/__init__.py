"""NTP (RFC 5905), daytime (RFC 867) and time (RFC 868) as arithmetic."""
