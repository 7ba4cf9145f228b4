"""Figures as a Markdown table to paste."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("prefill_tokens_per_s", "prefill tok/s", ".1f"),
    ("ttft_s", "TTFT s", ".3f"),
    ("decode_tokens_per_s", "decode tok/s", ".1f"),
    ("bandwidth_share", "share of bandwidth", ".0%"),
    ("lookup_speedup", "lookup speed-up", ".2f"),
    ("bandwidth_gb_per_s", "bandwidth GB/s", ".1f"),
    ("f32_gflop_per_s", "f32 GFLOP/s", ".0f"),
    ("int8_gop_per_s", "int8 GOP/s", ".0f"),
)
"""Key, heading and format of each column; those that no row has are left out."""


def markdown(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Return the table of (label, figures); a figure that a row lacks, or that is 0, shows as "-"."""
    columns = [column for column in COLUMNS if any(figures.get(column[0]) for _, figures in rows)]
    lines = [
        "| what |" + "".join(f" {heading} |" for _, heading, _ in columns),
        "|---|" + "---|" * len(columns),
    ]
    for label, figures in rows:
        cells = [format(figures[key], form) if figures.get(key) else "-" for key, _, form in columns]
        lines.append(f"| {label} |" + "".join(f" {cell} |" for cell in cells))
    return "\n".join(lines)
