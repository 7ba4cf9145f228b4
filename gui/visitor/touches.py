"""Notices that somebody is there: keys, touches and the mouse, on whichever window of the program they come."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QGuiApplication, QMouseEvent, QWindow

_TOUCHES = frozenset(
    (
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    )
)
_JITTER = 8.0
"""A mouse on a shaking table moves less than this, in pixels."""


class Touches(QObject):
    """Calls `touched` for input; what it returns says whether the input has done its work and goes no further.

    It looks at windows, not at widgets: a filter on the application would be called for every event of every widget.
    """

    def __init__(self, touched: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._touched = touched
        self._watched: list[QWindow] = []
        self._at: QPointF | None = None
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)  # noqa: S101 -- there is no window without one
        self._application = application
        application.focusWindowChanged.connect(self._on_focus)

    def watch(self, window: QWindow | None) -> None:
        """Look at a window from now on."""
        if window is not None and window not in self._watched:
            window.installEventFilter(self)
            window.destroyed.connect(self._forget)
            self._watched.append(window)

    def dispose(self) -> None:
        """Stop looking."""
        self._application.focusWindowChanged.disconnect(self._on_focus)
        for window in self._watched:
            window.removeEventFilter(self)
        self._watched.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take input that ends what goes on by itself; let the rest through."""
        del watched
        kind = event.type()
        if kind in _TOUCHES:
            return self._touched()
        if kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            at = event.globalPosition()
            if self._at is not None and (at - self._at).manhattanLength() < _JITTER:
                return False
            moved, self._at = self._at is not None, at
            return moved and self._touched()
        return False

    def _on_focus(self, window: QWindow | None) -> None:
        self.watch(window)

    def _forget(self, window: QObject) -> None:
        self._watched = [other for other in self._watched if other is not window]
