"""Who is in front of the screen: a pure state machine over the clock, without timers of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Phase = Literal["home", "visit", "countdown", "attract"]
"""home: nobody has begun; visit: somebody is there; countdown: about to be wiped; attract: the tiles run alone."""

COUNTDOWN_S = 10.0
"""How long the warning stands before an unfinished visit is wiped, in seconds."""


@dataclass(frozen=True, slots=True)
class Presence:
    """The phase, and the moments it depends on, in seconds of Clock.monotonic."""

    phase: Phase
    active: float
    """When somebody last touched something, or an answer last went on."""
    since: float
    """When the phase began."""

    def left(self, now: float) -> float:
        """Return the seconds that are left of the countdown."""
        return max(0.0, COUNTDOWN_S - (now - self.since))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the next phase depends on."""

    idle_s: float
    """Idle time until the attract loop, in seconds; 0: never."""
    answering: bool
    """Whether an answer is being made that somebody asked for (the attract loop's own don't count)."""
    unfinished: bool
    """Whether something of a visitor is there that would be wiped."""
    can_attract: bool
    """Whether an engine can answer and no dialog or job of the operator is in the way."""


def begin(now: float) -> Presence:
    """Return the presence at the start."""
    return Presence("home", now, now)


def touched(presence: Presence, now: float) -> Presence:
    """Return what a key, a touch or the mouse makes of it: whatever went on by itself ends at once."""
    phase: Phase = "home" if presence.phase == "attract" else "visit"
    since = presence.since if presence.phase == phase else now
    return Presence(phase, now, since)


def passed(presence: Presence, now: float, facts: Facts) -> Presence:
    """Return the presence after some time; `wiped` tells whether a visit ended by it."""
    if facts.answering:
        return replace(presence, phase="visit", active=now, since=now) if presence.phase != "visit" else replace(
            presence, active=now
        )  # fmt: skip
    if presence.phase == "attract":
        return presence if facts.can_attract else Presence("home", now, now)
    if presence.phase == "countdown":
        return _counted(presence, now, facts)
    if not facts.idle_s or now - presence.active < facts.idle_s:
        return presence
    if facts.unfinished:
        return replace(presence, phase="countdown", since=now)
    if facts.can_attract:
        return replace(presence, phase="attract", since=now)
    return presence if presence.phase == "home" else replace(presence, phase="home", since=now)


def wiped(before: Presence, after: Presence) -> bool:
    """Return whether the step from `before` to `after` ends a visit, whose traces are to be wiped."""
    return before.phase == "countdown" and after.phase in ("attract", "home") and after.active == before.active


def _counted(presence: Presence, now: float, facts: Facts) -> Presence:
    if not facts.unfinished:  # it was wiped by hand meanwhile
        return replace(presence, phase="home", active=now, since=now)
    if presence.left(now) > 0:
        return presence
    return replace(presence, phase="attract" if facts.can_attract else "home", since=now)
