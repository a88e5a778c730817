"""pynetdb draw."""

import click


@click.command("draw")
def draw() -> None:
    """Draw."""
