"""What happened, as frozen dataclasses: each knows its JSON object and its line for people."""
