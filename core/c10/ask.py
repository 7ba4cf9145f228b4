"""Asking the SDK's interpreter what it sees, without loading anything onto a card."""

from __future__ import annotations

from dataclasses import dataclass

from core.c10.channel import VendorProcess
from core.c10.sdk import Sdk, locate
from core.errors import C10Error

LIMIT_S = 15.0
"""Longest wait for the answer, in seconds; a driver that hangs must not hold up a look at the devices."""


@dataclass(frozen=True, slots=True)
class SdkAnswer:
    """What the SDK said: `place` of its module ("": it isn't there), `cards` that it sees (None: it didn't say).

    `problem`: why there is no answer.
    """

    python: str
    place: str = ""
    cards: int | None = None
    problem: C10Error | None = None


def ask_sdk(sdk: Sdk) -> SdkAnswer:
    """Let the SDK's interpreter import hxrt and count the cards. Never raises; takes up to LIMIT_S."""
    where = f"{sdk.python} in the container {sdk.container}" if sdk.container else sdk.python
    try:
        process = VendorProcess(locate(sdk), None, LIMIT_S)
        try:
            values = process.ask("devices", "devices").values
        finally:
            process.close()
        return SdkAnswer(where, str(values["place"]), int(values["count"]))
    except (LookupError, TypeError, ValueError):
        return SdkAnswer(where)
    except C10Error as error:
        return SdkAnswer(where, problem=error)
