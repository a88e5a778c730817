"""A protocol answering on the loop."""
