"""What figures and endings are called, in the current language."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from core.events import Metrics


def reason(code: str) -> str:
    """Return why an answer ended; empty where the model ended it itself or it isn't over."""
    texts = {
        "length": QCoreApplication.translate("ChatWords", "The limit of new tokens was reached"),
        "context_full": QCoreApplication.translate("ChatWords", "The context is full"),
        "stopped": QCoreApplication.translate("ChatWords", "Stopped"),
        "error": QCoreApplication.translate("ChatWords", "Broken off"),
    }
    return texts.get(code, "")


def duration(seconds: float) -> str:
    """Return a time for people: milliseconds below one second."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def rate(value: float) -> str:
    """Return a speed with its unit."""
    return QCoreApplication.translate("ChatWords", "{0} tok/s").format(
        f"{value:.1f}" if value < 1000 else f"{value:.0f}"
    )


def tokens(count: int) -> str:
    """Return a number of tokens with its unit."""
    return QCoreApplication.translate("ChatWords", "{0} tokens").format(QLocale().toString(count))


def metrics_line(figures: Metrics) -> str:
    """Return the figures of an answer in one line."""
    parts = [
        QCoreApplication.translate("ChatWords", "{0} tokens").format(QLocale().toString(figures.new_tokens)),
        QCoreApplication.translate("ChatWords", "first after {0}").format(duration(figures.ttft_s)),
        QCoreApplication.translate("ChatWords", "prefill {0}").format(duration(figures.prefill_s)),
        QCoreApplication.translate("ChatWords", "decode {0}").format(duration(figures.decode_s)),
    ]
    if figures.decode_tokens_per_s:
        parts.append(rate(figures.decode_tokens_per_s))
    return " · ".join(parts)
