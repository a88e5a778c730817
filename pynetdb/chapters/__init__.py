"""What `pynetdb tour` shows, a file a chapter."""
