"""The command line: one module for each command."""

from core.cli.app import main

__all__ = ["main"]
