"""A protocol asking over a stream."""
