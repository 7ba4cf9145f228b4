"""Tests of the packages: quick ones of what the builder writes, and `python -m tests.packaging` in a clean system."""
