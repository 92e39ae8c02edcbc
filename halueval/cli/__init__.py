"""The ``halueval`` command: parses, calls, prints. What it does stands in the packages that it calls."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run the command with the arguments of this process."""
    from halueval.cli.app import app

    app()
