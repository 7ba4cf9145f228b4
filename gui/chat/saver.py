"""Saves conversations in the background, the newest state of each; what is not to be kept is deleted instead."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core.errors import C10Error
from gui.bridge import Bridge
from gui.chat.conversation import Conversation
from gui.chat.history import History


class Saver:
    """`save` and `delete` return at once; an error goes to `failed` on the window's thread, once for each file."""

    def __init__(self, bridge: Bridge, history: History, failed: Callable[[C10Error], None]) -> None:
        self._bridge = bridge
        self._history = history
        self._failed = failed
        self._wanted: dict[str, Conversation | None] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()

    def save(self, conversation: Conversation) -> None:
        """Save a conversation, or remove its file if it isn't to be kept."""
        if conversation.empty:
            return
        self._want(conversation.id, conversation if conversation.keep else None)

    def delete(self, conversation_id: str) -> None:
        """Remove a conversation's file."""
        self._want(conversation_id, None)

    def flush(self) -> None:
        """Write now what is still waiting; errors are passed over (the window is closing)."""
        self._write()

    def _want(self, conversation_id: str, state: Conversation | None) -> None:
        with self._lock:
            self._wanted[conversation_id] = state
        self._bridge.call(self._write, self._tell)

    def _tell(self, errors: list[C10Error]) -> None:
        for error in errors:
            self._failed(error)

    def _write(self) -> list[C10Error]:
        errors: list[C10Error] = []
        with self._writing:
            while (order := self._next()) is not None:
                conversation_id, state = order
                try:
                    if state is None:
                        self._history.delete(conversation_id)
                    else:
                        self._history.save(state)
                except C10Error as error:
                    errors.append(error)
        return errors

    def _next(self) -> tuple[str, Conversation | None] | None:
        with self._lock:
            if not self._wanted:
                return None
            conversation_id = next(iter(self._wanted))
            return conversation_id, self._wanted.pop(conversation_id)
