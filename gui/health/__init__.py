"""Is everything there that answering needs? Traffic lights, and a report for support."""
