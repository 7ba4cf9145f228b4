"""Costs of the ways to store the weights: computed by core's plan in a child, kept, and told as they come in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.errors import C10Error
from core.events import Event, Failed, Planned
from core.spec import EngineConfig
from gui.bridge import Bridge
from gui.compile.choices import PRECISIONS, Draft, Precision
from gui.compile.errand import Errand
from gui.compile.fit import Cost, cost_of

if TYPE_CHECKING:
    from core.compiler.plan import CompileRequest

Cards = tuple[tuple[int, int], ...]
MAX_KEPT = 200


class Estimates(QObject):
    """`changed` fires when a cost has come in or failed."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._known: dict[tuple[object, ...], Cost] = {}
        self._asked: list[tuple[object, ...]] = []
        self._errand: Errand | None = None
        self.failure: C10Error | None = None

    def cost(self, draft: Draft, cards: Cards) -> Cost | None:
        """Return the cost of a draft, None if it isn't known yet."""
        return self._known.get(_key(draft, cards))

    def costs(self, draft: Draft, cards: Cards) -> dict[Precision, Cost]:
        """Return what is known of each precision for the draft's model and shape."""
        drafts = {one: draft.with_precision(one, quant_lm_head=draft.config.quant_lm_head) for one in PRECISIONS}
        found = {one: self._known.get(_key(changed, cards)) for one, changed in drafts.items()}
        return {one: cost for one, cost in found.items() if cost is not None}

    def ask(self, draft: Draft, cards: Cards) -> None:
        """Compute the costs of all precisions for a draft, the chosen one first; what is known isn't asked again."""
        self.failure = None
        order = [draft.precision, *(one for one in PRECISIONS if one != draft.precision)]
        drafts = [draft.with_precision(one, quant_lm_head=draft.config.quant_lm_head) for one in order]
        wanted = [one for one in drafts if _key(one, cards) not in self._known]
        keys = [_key(one, cards) for one in wanted]
        if not wanted or (self._errand is not None and all(key in self._asked for key in keys)):
            return
        self.stop()
        try:
            requests = [one.request() for one in wanted]
        except C10Error as error:
            self.failure = error
            self.changed.emit()
            return
        self._asked = keys
        self._errand = _start(self._bridge, requests, partial(self._take, keys, cards), self._gone)

    def forget(self) -> None:
        """Forget everything: a model was picked anew and may have changed."""
        self.stop()
        self._known.clear()
        self.failure = None

    def stop(self) -> None:
        """Give up what is being computed."""
        if self._errand is not None:
            self._errand.drop()
            self._errand = None
            self._asked = []

    def dispose(self) -> None:
        """End with the window."""
        if self._errand is not None:
            self._errand.drop(wait=True)
            self._errand = None

    def _take(self, keys: list[tuple[object, ...]], cards: Cards, event: Event) -> None:
        if isinstance(event, Failed):
            self.failure = event.error()
            self.changed.emit()
        elif isinstance(event, Planned):
            config = EngineConfig.from_json(event.report["config"])
            key = next((one for one in keys if one[1] == config), None)
            if key is not None:
                self._bridge.call(partial(cost_of, event.report, cards), partial(self._keep, key))

    def _keep(self, key: tuple[object, ...], cost: Cost) -> None:
        if len(self._known) >= MAX_KEPT:
            self._known.clear()
        self._known[key] = cost
        self.changed.emit()

    def _gone(self) -> None:
        self._errand = None
        self._asked = []


def _start(bridge: Bridge, requests: list[CompileRequest], take: object, gone: object) -> Errand:
    from core.worker.job import WorkerJob
    from core.worker.protocol import Plan, request_to_json

    job = WorkerJob(*(Plan(request_to_json(request)) for request in requests))
    return Errand(bridge, job, take, gone)  # type: ignore[arg-type]  # both are callables


def _key(draft: Draft, cards: Cards) -> tuple[object, ...]:
    model = draft.model.path if draft.model else None
    return (model, draft.job_config, draft.combine, draft.name, draft.folder, cards)
