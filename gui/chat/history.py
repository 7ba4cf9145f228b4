"""Conversations on disk: one JSON file each, none for a conversation that is not to be kept."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

from core import fsio
from core.errors import C10Error, FormatError
from core.system import data_dir
from gui.chat import conversation as tree
from gui.chat import records
from gui.chat.conversation import Conversation

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Damaged:
    """A file that could not be read, and where it is now (renamed, so that nothing of it is lost)."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What `History.load` found: conversations, the newest first, and files that are damaged."""

    conversations: tuple[Conversation, ...] = ()
    damaged: tuple[Damaged, ...] = field(default=())


class History:
    """The folder of conversations. Methods touch the disk, so the window calls them on a background thread."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or data_dir() / "conversations"

    def path(self, conversation_id: str) -> Path:
        """Return the file of a conversation."""
        return self.folder / f"{conversation_id}.json"

    def load(self) -> Listing:
        """Read all conversations; a damaged file is renamed to *.damaged and reported, never deleted."""
        found: list[Conversation] = []
        damaged: list[Damaged] = []
        for file in fsio.files_below(self.folder, ".json"):
            try:
                read = records.loads(_read(file))
                if read.id != file.stem:
                    raise FormatError(f"The conversation calls itself {read.id}.")  # noqa: TRY301 -- as damaged as the others
                found.append(read)
            except FormatError as error:
                damaged.append(Damaged(_set_aside(file), error.message))
            except C10Error as error:
                damaged.append(Damaged(file, error.message))
        fsio.sweep(self.folder)
        return Listing(tuple(sorted(found, key=lambda c: c.changed, reverse=True)), tuple(damaged))

    def save(self, conversation: Conversation) -> None:
        """Write a conversation if it is to be kept and isn't empty; raises FileError or ResourceError."""
        if conversation.empty or not conversation.keep:
            return
        fsio.make_folder(self.folder)
        fsio.write_text(self.path(conversation.id), records.dumps(conversation))

    def delete(self, conversation_id: str) -> None:
        """Remove a conversation's file, if it has one; raises FileError."""
        path = self.path(conversation_id)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise fsio.file_error(error, path, "deleted") from error


def search(conversations: tuple[Conversation, ...], words: str) -> tuple[Conversation, ...]:
    """Return the conversations in which every one of `words` occurs, in any case; all of them for no words."""
    wanted = words.casefold().split()
    return tuple(c for c in conversations if _has_all(c, wanted))


def _has_all(conversation: Conversation, wanted: list[str]) -> bool:
    if not wanted:
        return True
    text = tree.all_text(conversation).casefold()
    return all(word in text for word in wanted)


def _read(file: Path) -> bytes:
    try:
        if file.stat().st_size > records.MAX_BYTES:
            raise FormatError(f"The file has more than {records.MAX_BYTES} bytes.")
        return file.read_bytes()
    except OSError as error:
        raise fsio.file_error(error, file, "read") from error


def _set_aside(file: Path) -> Path:
    kept = file.with_name(file.name + ".damaged")
    try:
        return file.replace(kept)
    except OSError:
        log.warning("A damaged conversation can't be renamed: %s", file)
        return file
