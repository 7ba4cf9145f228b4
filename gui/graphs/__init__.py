"""Live graphs of a running answer, and the figures of past answers to compare."""
