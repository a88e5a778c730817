"""The serving side on the loop: listening, connections, datagrams, and what every service shares."""
