"""Building blocks of the pages, all drawn from the design tokens."""

from gui.widgets.banner import Banner
from gui.widgets.buttons import Button, DangerButton, IconButton, PrimaryButton, QuietButton
from gui.widgets.cards import Badge, Card, EmptyState, IconLabel, StatTile
from gui.widgets.dialogs import ErrorDialog, TrustDialog
from gui.widgets.fields import DecimalField, IntegerField
from gui.widgets.flow import FlowLayout
from gui.widgets.meter import Meter, Segment, StackedBar
from gui.widgets.scroll import PageBody
from gui.widgets.text import ElidedLabel, Label, LiveLabel, not_available, of_limit, size_text

__all__ = [
    "Badge", "Banner", "Button", "Card", "DangerButton", "DecimalField", "ElidedLabel", "EmptyState", "ErrorDialog",
    "FlowLayout", "IconButton", "IconLabel", "IntegerField", "Label", "LiveLabel", "Meter", "PageBody",
    "PrimaryButton", "QuietButton", "Segment", "StackedBar", "StatTile", "TrustDialog", "not_available", "of_limit",
    "size_text",
]  # fmt: skip
