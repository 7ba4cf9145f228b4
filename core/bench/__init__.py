"""Measuring engines: what the `bench` command and the programs in tests/bench report."""
