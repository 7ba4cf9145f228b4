"""The one exception tree of the program.

Every error that a user may see is a `C10Error`: one sentence on what happened, with the number or the path, and a
`hint`: one sentence on what to do next. Errors of other libraries are mapped at the boundary where they arise.
"""

from __future__ import annotations

from typing import ClassVar


class C10Error(Exception):
    """Base of all errors that are shown to users.

    `code` names the kind in the worker protocol; `exit_code` is what the command line ends with.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return the sentence, then the next step."""
        return f"{self.message} {self.hint}".strip()


class UsageError(C10Error):
    """A flag or a value that can't be used, or two that don't go together."""

    code = "usage"


class ModelError(C10Error):
    """The model file is not one that this program can compile; the message says why."""

    code = "model"


class ExternalDataError(ModelError):
    """A weight file that the ONNX refers to is missing, too short, or outside the model's folder."""

    code = "external_data"


class VerificationError(ModelError):
    """A layer's structure looks right, but its numbers differ from the model family's."""

    code = "verification"


class FormatError(C10Error):
    """An .ngf file (or a JSON part of one) that breaks a rule of the format."""

    code = "format"


class ForeignEngineError(FormatError):
    """An .ngf file with another magic: probably the vendor's. It is never parsed."""

    code = "foreign_engine"


class UntrustedError(C10Error):
    """An engine that was neither built here nor approved by the user; it can be looked at, but isn't run."""

    code = "untrusted"


class MismatchError(C10Error):
    """Two engine parts, or an engine and a flag or this program, that don't belong together."""

    code = "mismatch"


class ResourceError(C10Error):
    """Not enough memory or disk; the message gives the bytes needed and free."""

    code = "resource"


class FileError(C10Error):
    """A file or folder that can't be read or written."""

    code = "file"


class TokenizerError(C10Error):
    """No tokenizer, or one that can't be read or doesn't fit the model."""

    code = "tokenizer"


class DeviceError(C10Error):
    """A card, its driver or its SDK is missing, busy or gone."""

    code = "device"


class CardGoneError(DeviceError):
    """A card of an engine over several ended while it was needed; `card` is its number, -1 where it isn't known."""

    code = "card_gone"
    HINT: ClassVar[str] = "Ask again: the cards that are left share its layers, if they can."

    def __init__(self, message: str, hint: str = "", card: int = -1) -> None:
        super().__init__(message, hint)
        self.card = card


class CardsLostError(DeviceError):
    """So many cards of an engine over several are gone that the others can't hold it; the CPU can go on."""

    code = "cards_lost"


class DownloadError(C10Error):
    """A download that can't be finished; what has arrived is kept for resuming."""

    code = "download"


class WorkerError(C10Error):
    """A child process died, hung or broke the protocol."""

    code = "worker"
    exit_code = 1


class Cancelled(C10Error):  # not a failure (no Error in its name): the user asked for it
    """The user stopped the job."""

    code = "cancelled"
    exit_code = 130


def by_code() -> dict[str, type[C10Error]]:
    """Return every error class under its `code`, to rebuild errors that crossed a process boundary."""
    found: dict[str, type[C10Error]] = {}
    queue: list[type[C10Error]] = [C10Error]
    while queue:
        cls = queue.pop()
        found[cls.code] = cls
        queue.extend(cls.__subclasses__())
    return found
