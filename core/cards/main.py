"""The process of one card: `python -m core.cards` opens its part of an engine and works through its link for ever.

It is told once what to open, on stdin, and reports CardOpened or Failed on stdout; it ends when stdin does, or when its
parent dies.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import C10Error, WorkerError
from core.events import CardOpened, Failed
from core.worker.main import Channel, Inbox, be_the_first_victim, claim_stdout, tie_to_parent
from core.worker.narrow import narrow
from core.worker.protocol import Command

if TYPE_CHECKING:
    from core.cards.card import Card
    from core.cards.figures import Counters
    from core.cards.link import Link


@dataclass(frozen=True, slots=True)
class OpenCard(Command):
    """Open a part of `engine`; `inlet` and `outlet` are a link's shape and descriptors in one list each."""

    engine: str
    card: int
    limit: int
    part: dict[str, Any]
    lanes: int
    inlet: list[int]
    outlet: list[int]
    counters: int


def main() -> None:
    """Be a card."""
    out = claim_stdout()
    narrow()
    tie_to_parent()
    be_the_first_victim()
    import faulthandler

    faulthandler.enable(sys.stderr)
    channel = Channel(out)
    inbox = Inbox(0, lambda _: None, lambda _: False)  # no heartbeat: its parent waits for its work, not for its voice
    try:
        _, line = inbox.get()
        _serve(_parse(line), channel)
    except C10Error as error:
        channel.emit(Failed.of(error))
    except MemoryError:
        channel.emit(Failed("resource", "Memory ran out.", "Close other programs, or use fewer cards."))
    except Exception as error:  # noqa: BLE001 -- the last line of defence: no traceback may reach a user
        sys.excepthook(type(error), error, error.__traceback__)
        channel.emit(Failed.of(WorkerError(f"A card failed ({type(error).__name__}: {error}).", "See the log.")))


def _parse(line: bytes) -> OpenCard:
    try:
        values = json.loads(line)
        values.pop("command")
        return OpenCard(**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WorkerError("A card was told something unknown.", "Start the program again.") from error


def _serve(command: OpenCard, channel: Channel) -> None:
    from core.cards.card import Card, CardPart
    from core.cards.figures import Counters
    from core.cards.link import Link, LinkShape
    from core.cards.memory import CardMemory
    from core.ngf.reader import NgfFile

    memory = CardMemory(command.card, command.limit)
    card = Card(NgfFile.open(Path(command.engine)), CardPart(**command.part), command.lanes, memory)
    inlet, outlet = (Link(LinkShape(*given[:4]), given[4:]) for given in (command.inlet, command.outlet))
    used = memory.used
    channel.emit(
        CardOpened(command.card, used["weights"], used["KV cache"], used["workspace"], card.verify_rows, card.notes)
    )
    _work(card, inlet, outlet, Counters(command.counters))


def _work(card: Card, inlet: Link, outlet: Link, counters: Counters) -> None:
    while True:
        inlet.wait()
        work = inlet.work()
        card.take(work, None if card.part.embedding else inlet.rows())
        counters.passed(inlet.release())
        begun = time.monotonic()
        for rows in card.run(work):
            counters.computed(time.monotonic() - begun)
            outlet.send(work, rows)
            begun = time.monotonic()
